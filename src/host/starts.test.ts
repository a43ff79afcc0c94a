/** Starts in one exchange: each with its own answer, its own end, and its own words. */
import { expect, test } from 'vitest';
import { orderOf } from '../../test/kit/node-order.ts';
import { Fault } from '../base/fault.ts';
import type { NodeOrder, Started } from './host.ts';
import { Starts } from './starts.ts';

const [one, two, three] = ['n-1', 'n-2', 'n-3'].map((id) => orderOf({ id })) as [NodeOrder, NodeOrder, NodeOrder];

function startedAs(pid: number): Started {
  return { outcome: 'started', process: { pid, startTime: '1', bootId: 'b' }, stripped: [] };
}

/** A host that answers when it is told to, and what it was asked. */
class Exchange {
  readonly alone: string[] = [];
  readonly together: string[][] = [];
  readonly answers = Promise.withResolvers<(Started | null)[]>();
  signal: AbortSignal | undefined;
  readonly starts = new Starts({
    alone: ({ id }) => {
      this.alone.push(id);
      return id === 'n-2'
        ? Promise.reject(new Fault('no-capacity', 'its disk is full'))
        : Promise.resolve(startedAs(1));
    },
    together: (orders, signal) => {
      this.together.push(orders.map(({ id }) => id));
      this.signal = signal;
      return this.answers.promise;
    },
  });
}

test('what is asked for in one turn is one exchange, and each has its own answer', async () => {
  const { starts, together, alone, answers } = new Exchange();
  const all = Promise.all([one, two, three].map((order) => starts.add(order)));
  answers.resolve([startedAs(11), { outcome: 'refused', why: 'its port is taken', log: [] }, startedAs(13)]);
  expect((await all).map((started) => ('why' in started ? started.why : started.process.pid))).toEqual([
    11,
    'its port is taken',
    13,
  ]);
  expect([together, alone]).toEqual([[['n-1', 'n-2', 'n-3']], []]);
  await starts.add(one);
  expect([together.length, alone]).toEqual([1, ['n-1']]);
});

test('one of which nothing was said is started alone, and fails in its own words; the others do not', async () => {
  const { starts, answers, alone } = new Exchange();
  const all = Promise.allSettled([one, two].map((order) => starts.add(order)));
  answers.resolve([startedAs(11), null]);
  expect(await all).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'no-capacity' } }]);
  expect(alone).toEqual(['n-2']);
});

test('who gives up does not wait, and takes the exchange from nobody; with the last one it is given up', async () => {
  const exchange = new Exchange();
  const [first, last] = [new AbortController(), new AbortController()];
  const all = [exchange.starts.add(one, first.signal), exchange.starts.add(two, last.signal)];
  const settled = Promise.allSettled(all);
  await new Promise((resolve) => setImmediate(resolve));
  first.abort(new Error('no longer wanted'));
  await expect(all[0]).rejects.toThrow('no longer wanted');
  expect(exchange.signal?.aborted).toBe(false);
  last.abort(new Error('the control plane is stopping'));
  expect(exchange.signal?.reason).toMatchObject({ message: 'no longer wanted' });
  expect(await settled).toMatchObject([{}, { reason: { message: 'the control plane is stopping' } }]);
});

test('who has given up before the exchange begins is not started', async () => {
  const { starts, alone } = new Exchange();
  const all = Promise.allSettled([starts.add(one, AbortSignal.abort(new Error('too late'))), starts.add(three)]);
  expect(await all).toMatchObject([{ reason: { message: 'too late' } }, { status: 'fulfilled' }]);
  expect(alone).toEqual(['n-3']);
});

test('a host that cannot be asked is said to all; more than sixteen are asked for in several exchanges', async () => {
  const { starts, together, answers } = new Exchange();
  const all = Promise.allSettled(Array.from({ length: 18 }, () => starts.add(one)));
  setImmediate(() => answers.reject(new Fault('unavailable', 'no SSH connection')));
  expect(new Set((await all).map((each) => (each.status === 'rejected' ? (each.reason as Fault).code : null)))).toEqual(
    new Set(['unavailable']),
  );
  expect(together.map(({ length }) => length)).toEqual([16, 2]);
});
