import { expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { systemClock } from './clock.ts';
import { openHeapTrim, v8Heap } from './heap-trim.ts';

const MiB = 2 ** 20;

function scripted() {
  const heap = { total: 300 * MiB, used: 250 * MiB, busy: 0.1, collected: 0 };
  const clock = fakeClock();
  const trim = openHeapTrim(clock, {
    size: () => heap,
    busy: () => heap.busy,
    collect() {
      heap.collected += 1;
      Object.assign(heap, { total: 110 * MiB, used: 100 * MiB });
    },
  });
  return { heap, clock, trim };
}

test('a heap is collected when the thread has little to do, and again when it has grown by much', async () => {
  const { heap, clock } = scripted();
  await clock.advance(10_000);
  expect(heap.collected).toBe(1);
  await clock.advance(60_000);
  expect(heap.collected).toBe(1);
  heap.total = 231 * MiB;
  await clock.advance(60_000);
  expect(heap.collected).toBe(1);
  heap.total = 233 * MiB;
  await clock.advance(10_000);
  expect(heap.collected).toBe(2);
});

test('not while there is much to do, nor once it is closed', async () => {
  const { heap, clock, trim } = scripted();
  heap.busy = 0.8;
  await clock.advance(60_000);
  expect(heap.collected).toBe(0);
  heap.busy = 0.1;
  trim.close();
  await clock.advance(60_000);
  expect(heap.collected).toBe(0);
  expect(clock.pending).toBe(0);
});

test('the heap of V8 is given back', async () => {
  const held = () => process.memoryUsage().heapTotal;
  let junk: string[][] | null = Array.from({ length: 400_000 }, (_, at) => [`junk ${at}`]);
  const grown = held();
  expect(junk.length).toBe(400_000);
  junk = null;
  const soon = { ...systemClock, after: (_: number, act: () => void) => systemClock.after(20, act) };
  // how busy the process is beside this is no part of the question: the suite around it may be very much so
  const trim = openHeapTrim(soon, { ...v8Heap(soon), busy: () => 0 });
  try {
    await expect.poll(held, { timeout: 10_000 }).toBeLessThan(grown - 8 * MiB);
  } finally {
    trim.close();
  }
});
