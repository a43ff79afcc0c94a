import { expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { clockOf, Timeline } from './timeline.ts';

it('what an event sets in motion comes to rest before the next one', async () => {
  const timeline = new Timeline(seededRandom(1));
  const seen: string[] = [];
  const slowly = async (what: string) => {
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
    seen.push(what);
  };
  timeline.after(2, () => void slowly('second'));
  timeline.after(1, () => void slowly('first'));
  timeline.after(2.5, () => seen.push('third'));
  await timeline.run(timeline.pause(3));
  expect(seen).toEqual(['first', 'second', 'third']);
  expect(timeline.now).toBe(3);
});

it('what was taken back does not happen; of events of one moment the seed takes the next', async () => {
  const orderOf = async (seed: number) => {
    const timeline = new Timeline(seededRandom(seed));
    const seen: number[] = [];
    for (let at = 0; at < 8; at += 1) timeline.after(5, () => seen.push(at));
    timeline.after(4, () => seen.push(99)).cancel();
    await timeline.run(timeline.pause(6));
    return seen;
  };
  const [one, again, other] = [await orderOf(1), await orderOf(1), await orderOf(2)];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  expect([...one].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it('a world at rest in which nothing can happen any more says so', async () => {
  const timeline = new Timeline(seededRandom(1));
  await expect(timeline.run(new Promise(() => undefined))).rejects.toThrow('has come to rest');
});

it('timers of a control plane that has died do not ring', async () => {
  const timeline = new Timeline(seededRandom(1));
  let isDead = false;
  const clock = clockOf(timeline, () => isDead);
  const rung: number[] = [];
  for (const ms of [1, 2, 3]) clock.after(ms, () => rung.push(ms));
  timeline.after(2.5, () => (isDead = true));
  await timeline.run(timeline.pause(4));
  expect(rung).toEqual([1, 2]);
});
