/**
 * Secrets are replaced while everything runs: the cookie of a component, with the control plane killed in the middle of it,
 * under load, with edges broken on purpose. What proves it is asked of the nodes themselves.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { faultCodeOf } from '../../src/base/fault.ts';
import { atom, connectNode, formatTerm } from '../../src/erlang/erlang.ts';
import type { ErlangNode } from '../../src/erlang/erlang.ts';
import { incarnationOf } from '../../src/model/node.ts';
import type { Node } from '../../src/model/node.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { cookieFilesBelow } from '../kit/cookies.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';

/** for one call, milliseconds */
const within = { timeoutMs: 20_000 };

const plane = new ControlPlane();
let nodes: readonly Node[];
let first: string;

beforeAll(async () => {
  await plane.start();
  const digest = await uploadAnts(plane.client);
  await apply(plane.client, antsDocument({ digest, epmdPort: 24389, firstPort: 26300, colony: 3 }));
  nodes = (await converged(plane.client)).nodes;
  [first = ''] = cookieFiles();
});

afterAll(async () => {
  await destroyed(plane.client);
  await plane.stop();
  plane.remove();
});

/** What stands in the nodes' cookie files, each value once. */
function cookieFiles(): string[] {
  const files = cookieFilesBelow(join(plane.directory, 'providers'));
  expect(files).toHaveLength(nodes.length);
  return [...new Set(files.map((path) => readFileSync(path, 'utf8')))];
}

/** Comes to a node as a hidden guest with that cookie. */
function knock({ name, placement }: Node, cookie: string, self = 'test-0@control.invalid'): Promise<ErlangNode> {
  const stream = connect({ host: placement.listen, port: placement.port });
  return connectNode({ stream, peer: name, self, cookie, clock: systemClock, timeoutMs: 10_000 });
}

let knocks = 9;

/** Whether a node lets in who comes with that cookie. */
async function lets(node: Node, cookie: string): Promise<boolean> {
  try {
    // a name of its own each time: the node may not have seen the end of the last one
    (await knock(node, cookie, `test-${(knocks += 1)}@control.invalid`)).close();
    return true;
  } catch (error) {
    if (faultCodeOf(error) === 'denied') return false;
    throw error;
  }
}

/** Guests at every node that have it call all the others, over and over, until told to stop; how often, and what failed. */
async function load(cookie: string) {
  const guests = await Promise.all(nodes.map((node) => knock(node, cookie, 'test-1@control.invalid')));
  const told = { calls: 0, failures: [] as string[] };
  const names = nodes.map(({ name }) => atom(name));
  let isOver = false;
  const working = guests.map(async (guest) => {
    while (!isOver) {
      const answer = formatTerm(
        await guest.call('erpc', 'multicall', [names, atom('erlang'), atom('node'), []], within),
      );
      told.calls += 1;
      if (answer.includes('error')) told.failures.push(answer);
    }
  });
  return {
    async stop() {
      isOver = true;
      await Promise.all(working);
      guests.forEach((guest) => guest.close());
      return told;
    },
  };
}

/** Waits until nothing is being replaced any more. */
function over(): Promise<true> {
  return eventually(
    90,
    'the end of the rotation',
    async () => ((await plane.client.secrets.rotations().all()).length === 0 ? true : undefined),
    () => plane.client.secrets.rotations().all(),
  );
}

const incarnations = (of: readonly Node[]) => of.map((node) => incarnationOf(node)).sort();

test('the cookie is replaced under load, with the control plane killed again and again', async () => {
  const calling = await load(first);
  await plane.client.blueprints.rotateCookie('ants');
  let interrupted = 0;
  for (const afterMs of [20, 60, 120, 250]) {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    interrupted += (await plane.client.secrets.rotations().all()).length;
    await plane.kill();
    await plane.start();
  }
  expect(interrupted).toBeGreaterThan(0);
  await over();
  const { calls, failures } = await calling.stop();
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(100);
  const status = await converged(plane.client);
  expect(incarnations(status.nodes)).toEqual(incarnations(nodes));
  expect(status.nodes.map(({ failures: failed }) => failed)).toEqual(nodes.map(() => 0));
});

test('every node has the new one, in its file too, and refuses the old one', async () => {
  const [fresh = '', ...others] = cookieFiles();
  expect(others).toEqual([]);
  expect(fresh).not.toBe(first);
  for (const node of nodes) expect([await lets(node, fresh), await lets(node, first)]).toEqual([true, false]);
  const proof = await plane.client.topology.verify('ants');
  expect(proof).toMatchObject({ ok: true, verdict: 'mesh 4/4 nodes, 6/6 edges, 0 extra' });
  const events = await plane.client.events.list({ blueprint: 'ants' }).all();
  expect(events.filter(({ what }) => what === 'cookie rotated').map(({ words }) => words)).toEqual([
    'cookie of colony: 4 nodes go by the new one, and refuse the old one',
  ]);
});

test('edges that break while it goes on, and while nobody watches, are made again', async () => {
  const [before = ''] = cookieFiles();
  const guest = await knock(nodes[0]!, before, 'test-2@control.invalid');
  await plane.client.blueprints.rotateCookie('ants');
  const answers: string[] = [];
  for (const afterMs of [10, 40, 80]) {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await plane.kill();
    for (const { name } of nodes.slice(1)) {
      await guest.call('erlang', 'disconnect_node', [atom(name)], within);
      answers.push(formatTerm(await guest.call('net_kernel', 'connect_node', [atom(name)], within)));
    }
    await plane.start();
  }
  expect(answers).toEqual(answers.map(() => 'true'));
  guest.close();
  await over();
  const [fresh = ''] = cookieFiles();
  for (const node of nodes) expect([await lets(node, fresh), await lets(node, before)]).toEqual([true, false]);
});

test('a node that is started anew afterwards joins with the new one', async () => {
  const colony = nodes.find(({ family }) => family === 'colony')!;
  await plane.client.nodes.act(colony.name, 'restart');
  await eventually(30, 'another process', async () => {
    const now = await plane.client.nodes.show(colony.name);
    return now.state.phase === 'running' && incarnationOf(now) !== incarnationOf(colony) ? true : undefined;
  });
  await converged(plane.client);
});
