/**
 * Nodes that are not what they seem: one that somebody gave another name, one that has lost its own, a stranger on a port of ours. Each
 * is seen, told and mended as far as it is ours; never does a cluster count as converged meanwhile.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { atom, connectNode, ExportFun } from '../../src/erlang/erlang.ts';
import type { Term } from '../../src/erlang/erlang.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import type { Node } from '../../src/model/node.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, nodeOf, pidOf, uploadAnts } from '../kit/deployment.ts';
import { listening } from '../kit/sockets.ts';

const epmdPort = 24399;

type Call = readonly [module: string, name: string, args: readonly Term[]];

const netSup = [atom('kernel_sup'), atom('net_sup')];
/** Takes away the distribution that a node was booted with; `net_kernel:stop` does not do that. */
const withoutName: readonly Call[] = [
  ['supervisor', 'terminate_child', netSup],
  ['supervisor', 'delete_child', netSup],
];
const asImpostor: Call = ['net_kernel', 'start', [[atom('impostor@127.0.0.1'), atom('longnames')]]];

describe('a node renamed behind our back', () => {
  const plane = new ControlPlane();

  beforeAll(async () => {
    await plane.start();
    const digest = await uploadAnts(plane.client);
    await apply(plane.client, antsDocument({ digest, epmdPort, firstPort: 26_300, colony: 2 }));
    await converged(plane.client);
  });

  afterAll(async () => {
    await destroyed(plane.client);
    await plane.stop();
    plane.remove();
  });

  const status = () => plane.client.blueprints.status('ants');

  /** Has a node make these calls a moment later, as somebody in its shell could: afterwards nothing can be answered. */
  async function makeLater(node: Node, calls: readonly Call[]): Promise<void> {
    const files = readdirSync(plane.directory, { recursive: true, encoding: 'utf8' });
    const home = files.find((path) => path.endsWith(`nodes/${node.id}`)) ?? '';
    const cookie = readFileSync(join(plane.directory, home, '.erlang.cookie'), 'utf8');
    const stream = connect({ host: node.placement.listen, port: node.placement.port });
    const self = 'test-0@control.invalid';
    const erlang = await connectNode({ stream, peer: node.name, self, cookie, clock: systemClock, timeoutMs: 10_000 });
    const modules = calls.map(([module]) => atom(module));
    const names = calls.map(([, name]) => atom(name));
    const all = [new ExportFun(atom('erlang'), atom('apply'), 3), modules, names, calls.map(([, , args]) => args)];
    await erlang.call('timer', 'apply_after', [200, atom('lists'), atom('zipwith3'), all], { timeoutMs: 10_000 });
    erlang.close();
  }

  /** Disguises a node, looks all the time until the cluster has converged anew, and answers all that was seen. */
  async function disguised(node: Node, calls: readonly Call[]): Promise<BlueprintStatus[]> {
    await makeLater(node, calls);
    const seen: BlueprintStatus[] = [];
    await eventually(
      90,
      'the node under its own name',
      async () => {
        const now = await status();
        seen.push(now);
        const one = now.nodes.find(({ id }) => id === node.id);
        const isNew = one !== undefined && one.state.phase === 'running' && pidOf(one) !== pidOf(node);
        return isNew && now.state === 'converged' ? true : undefined;
      },
      status,
    );
    return seen;
  }

  /** From the moment it was seen on, no snapshot said `converged` with the process that was not itself. */
  function neverWrong(seen: readonly BlueprintStatus[], node: Node): void {
    const noticed = seen.findIndex(({ state }) => state !== 'converged');
    expect(noticed).toBeGreaterThanOrEqual(0);
    for (const { state, nodes } of seen.slice(noticed)) {
      const isOld = nodes.some((one) => one.id === node.id && pidOf(one) === pidOf(node));
      if (isOld) expect(state).not.toBe('converged');
    }
  }

  test('under another name: seen at once, told, and started again under its own', async () => {
    const node = nodeOf((await status()).nodes, 'colony');
    const began = Date.now();
    const seen = await disguised(node, [...withoutName, asImpostor]);
    neverWrong(seen, node);
    const events = await plane.client.events.list({ blueprint: 'ants' }).all();
    const told = events.filter(({ what, object }) => what === 'renamed' && object === node.name);
    expect(told.map(({ words }) => words).join()).toMatch(/impostor@127\.0\.0\.1 answers there; it is started again/);
    expect(Date.now() - began).toBeLessThan(60_000);
  });

  test('without any name: not seen any more, told, and started again', async () => {
    const node = nodeOf((await status()).nodes, 'colony');
    const seen = await disguised(node, withoutName);
    neverWrong(seen, node);
    expect(seen.some(({ words }) => /cannot be seen|has not answered/.test(words))).toBe(true);
  });

  test('a stranger that somebody runs by hand on a port of ours is told, and left alone', async () => {
    const node = nodeOf((await status()).nodes, 'colony');
    const { port, listen } = node.placement;
    await plane.client.nodes.act(node.id, 'stop');
    await eventually(60, 'it to stop', async () =>
      (await plane.client.nodes.show(node.id)).state.phase === 'stopped' ? true : undefined,
    );
    const stranger = await strangerOn(listen, port);
    try {
      await plane.client.nodes.act(node.id, 'start');
      const failing = await eventually(60, 'it to be told', async () => {
        const now = await status();
        return now.state === 'failing' ? now : undefined;
      });
      expect(failing.words).toContain(`port ${port} on ${listen} is taken by pid ${stranger.pid ?? 0} (beam.smp)`);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
    await converged(plane.client, 'ants', 120);
  });

  /** Somebody's own Erlang node at that address, of another name and cookie. */
  async function strangerOn(address: string, port: number): Promise<ChildProcess> {
    const flags = ['-noinput', '-name', `stranger@${address}`, '-setcookie', 'theirs'];
    const ports = ['-kernel', 'inet_dist_listen_min', `${port}`, 'inet_dist_listen_max', `${port}`];
    const env = { ...process.env, ERL_EPMD_PORT: String(epmdPort), HOME: plane.directory };
    const child = spawn('erl', [...flags, ...ports], { env, stdio: 'ignore' });
    await eventually(30, 'the stranger to listen', () => Promise.resolve(listening().includes(port) || undefined));
    return child;
  }
});
