/** What we leave behind on a node (nothing), and two hundred nodes at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { visit } from '../../test/kit/erlang-shell.ts';
import { realNodes } from '../../test/kit/real-erlang.ts';
import type { Inside, RealNode, RealNodes } from '../../test/kit/real-erlang.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { faultCodeOf } from '../base/fault.ts';
import { atom, callAll } from './erlang.ts';
import type { ErlangNode } from './erlang.ts';

const pool = ['wombat-0', 'wombat-1', 'wombat-2', 'wombat-3'].map((name) => `${name}@control.invalid`);
const within = { timeoutMs: 30_000 };
let world: RealNodes;

beforeAll(async () => {
  world = await realNodes();
});

afterAll(() => world.stop());

/** Connects under a name that the node may still hold for a moment. */
async function connect(node: RealNode, self: string): Promise<ErlangNode> {
  for (;;) {
    try {
      return await visit(node, world.cookie, { self, timeoutMs: 30_000 });
    } catch (error) {
      if (faultCodeOf(error) !== 'conflict') throw error;
      await sleep(systemClock, 5);
    }
  }
}

async function visitOnce(node: RealNode, self: string, calls: number): Promise<void> {
  const open = await connect(node, self);
  const closed = new Promise<string>((resolve) => open.onClose(resolve));
  for (let left = calls; left > 0; left -= 100)
    await Promise.all(Array.from({ length: Math.min(left, 100) }, () => open.call('erlang', 'node', [], within)));
  open.close();
  await closed;
}

/** The node once nobody is connected and what served the connections has ended. */
async function atRest(node: RealNode): Promise<Inside> {
  for (let last = await node.inside(); ;) {
    await sleep(systemClock, 100);
    const now = await node.inside();
    if (now.hidden.length === 0 && now.processes === last.processes) return now;
    last = now;
  }
}

test('100,000 calls over 100 connections leave atoms, processes, modules and connections as they were', async () => {
  const node = await world.start('target@127.0.0.1');
  for (const name of pool) await visitOnce(node, name, 1);
  const before = await atRest(node);
  await Promise.all(
    pool.map(async (name) => {
      for (let round = 0; round < 100 / pool.length; round++) await visitOnce(node, name, 1000);
    }),
  );
  expect(await atRest(node)).toEqual(before);
  await node.kill();
});

const isLong = process.env['WOMBAT_TEST_LONG'] === '1';

const many = isLong ? 200 : 20;
const reason = isLong ? '' : ' (200 of them in npm run test:long: they take most of a minute and 4 GB to start)';

test(`${many} nodes connected at once answer, and each is its own${reason}`, async () => {
  const names = Array.from({ length: many }, (_, i) => `many-${i}@127.0.0.1`);
  const waiting = names.values();
  const open: ErlangNode[] = [];
  const worker = async (): Promise<void> => {
    for (const name of waiting)
      open.push(await connect(await world.start(name, { mode: 'interactive' }), 'wombat-0@control.invalid'));
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  const outcomes = await callAll(open, { module: 'erlang', function: 'node', args: [] }, within);
  expect(outcomes.map(({ node }) => node).toSorted()).toEqual(names.toSorted());
  for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'value', value: atom(outcome.node) });
  for (const node of open) node.close();
}, 300_000);
