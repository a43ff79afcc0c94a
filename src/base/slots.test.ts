import { describe, expect, test } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

describe('slots', () => {
  test('are taken in the order of asking, and never more than there are', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    const holders = [1, 2, 3, 4].map(async (n) => {
      const give = await slots.take(never);
      order.push(n);
      return give;
    });
    await Promise.all(holders.slice(0, 2));
    expect(order).toEqual([1, 2]);
    for (const holder of holders) (await holder)();
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('a waiter that gives up does not take one with it', async () => {
    const slots = new Slots(1);
    const give = await slots.take(never);
    const controller = new AbortController();
    const waiting = slots.take(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    give();
    (await slots.take(never))();
  });

  test('a slot that is handed to one who gives up at that moment goes on to the next', async () => {
    const slots = new Slots(1);
    const give = await slots.take(never);
    const controller = new AbortController();
    const first = slots.take(controller.signal).catch(() => 'gave up');
    const second = slots.take(never);
    controller.abort(new Error('enough'));
    give();
    await first;
    (await second)();
  });
});
