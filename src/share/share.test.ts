import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { SharedWorld } from '../../test/kit/shared-world.ts';
import type { Sharer } from '../../test/kit/shared-world.ts';

const eight = ['a', 'b', 'c', 'd'].flatMap((name) => [`blueprint ${name}`, `provider ${name}`]);
/** Enough for everything to be offered, taken and levelled. */
const settleMs = 12_000;
const takeOverMs = 3_000;

let world: SharedWorld;
beforeEach(async () => {
  world = await SharedWorld.open(eight);
});

async function join(count: number): Promise<Sharer[]> {
  const all: Sharer[] = [];
  for (let n = 0; n < count; n += 1) all.push(await world.join());
  await world.clock.advance(settleMs);
  return all;
}

const sharesOf = ({ keeper }: Sharer) => eight.filter((share) => keeper.has(share));
const enterable = ({ keeper }: Sharer, share: string) => {
  const held = keeper.enter(share);
  held?.leave();
  return held !== undefined;
};
/** Advances step by step until `isSo`; how long that took. */
async function until(isSo: () => boolean, mostMs = 20_000): Promise<number> {
  const begun = world.clock.monotonic();
  while (!isSo() && world.clock.monotonic() - begun < mostMs) await world.clock.advance(50);
  return world.clock.monotonic() - begun;
}

describe('shares of the work', () => {
  test('are all taken by one that is alone, and it is told of each', async () => {
    const [one] = await join(1);
    expect(sharesOf(one!)).toEqual(eight);
    expect(one!.taken.toSorted()).toEqual(eight.toSorted());
    expect(one!.keeper.replicas()).toMatchObject([{ state: 'there', isSelf: true }]);
  });

  test.each([2, 3, 5])('are spread over %i, none with more than its part, each with one', async (count) => {
    const all = await join(count);
    const most = Math.ceil(eight.length / count);
    for (const one of all) expect(sharesOf(one).length).toBeLessThanOrEqual(most);
    expect(all.flatMap(sharesOf).toSorted()).toEqual(eight.toSorted());
  });

  test('that are new are taken, and those that are over belong to nobody', async () => {
    const [one] = await join(1);
    world.names.add('blueprint new');
    world.names.delete('blueprint a');
    await world.clock.advance(settleMs);
    expect([one!.keeper.has('blueprint new'), one!.keeper.has('blueprint a')]).toEqual([true, false]);
    expect(world.holderOf('blueprint a')).toBeNull();
  });

  test('of one that is killed are taken over within 3 s, each under a greater number', async () => {
    const [one, other] = await join(2);
    const former = world.takings.length;
    const lost = sharesOf(other!);
    other!.kill();
    expect(await until(() => eight.every((share) => world.holderOf(share) === one!.number()))).toBeLessThan(takeOverMs);
    expect(
      world.takings
        .slice(former)
        .map(({ share }) => share)
        .toSorted(),
    ).toEqual(lost.toSorted());
    for (const share of eight) {
      const numbers = world.takings.filter((taking) => taking.share === share).map(({ number }) => number);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  });

  test('of one that hangs are taken over within 3 s; it may do nothing before, and takes part again under another number', async () => {
    const [one, other] = await join(2);
    const [mine = ''] = sharesOf(other!);
    const number = other!.number();
    other!.stop();
    expect(await until(() => !enterable(other!, mine))).toBeLessThan(2_000);
    const ms = await until(() => eight.every((share) => world.holderOf(share) === one!.number()));
    expect(ms).toBeLessThan(takeOverMs);
    await world.clock.advance(60_000);
    expect(enterable(other!, mine)).toBe(false);
    other!.goOn();
    await world.clock.advance(settleMs);
    expect(other!.number()).toBeGreaterThan(number ?? 0);
    expect([one!, other!].flatMap(sharesOf).toSorted()).toEqual(eight.toSorted());
    expect(other!.missed()).toBeGreaterThan(0);
  });

  test('a pass that goes on too late can write nothing, is told to end, and that is told', async () => {
    const [one, other] = await join(2);
    const [mine = ''] = sharesOf(other!);
    const late = other!.keeper.enter(mine)!;
    await late.store.commit([], []);
    other!.stop();
    await until(() => world.holderOf(mine) === one!.number());
    await expect(late.store.commit([], [])).rejects.toMatchObject({ code: 'conflict' });
    expect(late.signal.aborted).toBe(true);
    const [refused] = await world.told('write refused');
    expect(refused).toMatchObject({ level: 'warning', object: mine.split(' ')[1] });
    other!.goOn();
    await world.clock.advance(1_000);
    const fenced = await world.told('fenced');
    expect(fenced.find(({ object, kind }) => `${kind} ${object}` === mine)?.words).toContain('refused so far: 1');
  });

  test('are given back at once by one that stops, after what is under way has ended', async () => {
    const [one, other] = await join(2);
    const [mine = ''] = sharesOf(other!);
    const held = other!.keeper.enter(mine)!;
    const closing = other!.keeper.close();
    await world.clock.advance(1_000);
    expect(held.signal.aborted).toBe(true);
    expect(world.holderOf(mine)).not.toBe(one!.number());
    held.leave();
    await until(() => eight.every((share) => world.holderOf(share) === one!.number()));
    await closing;
    expect(sharesOf(one!)).toEqual(eight);
  });

  test('are given back after a while by one whose pass does not end', async () => {
    const [one, other] = await join(2);
    const [mine = ''] = sharesOf(other!);
    other!.keeper.enter(mine);
    const closing = other!.keeper.close();
    expect(await until(() => world.holderOf(mine) === one!.number())).toBeGreaterThanOrEqual(5_000);
    await closing;
  });
});

type Act = { readonly what: 'kill' | 'stop' | 'goOn' | 'join'; readonly which: number; readonly ms: number };
const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom('kill', 'stop', 'goOn', 'join'),
  which: fc.nat(5),
  ms: fc.nat(6_000),
});

test('whatever becomes of control planes: never two that may act for one share, and in the end each has one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
      world = await SharedWorld.open(eight);
      const all = [await world.join(), await world.join()];
      const [gone, stopped] = [new Set<Sharer>(), new Set<Sharer>()];
      const check = () => {
        for (const share of eight) {
          const able = all.filter((one) => !gone.has(one) && enterable(one, share));
          expect(able.length).toBeLessThanOrEqual(1);
          for (const one of able) expect(world.holderOf(share)).toBe(one.number());
        }
      };
      for (const { what, which, ms } of acts) {
        const one = all[which % all.length]!;
        if (what === 'join') all.push(await world.join());
        else one[what]();
        if (what === 'kill') gone.add(one);
        if (what === 'stop') stopped.add(one);
        if (what === 'goOn') stopped.delete(one);
        for (let passed = 0; passed < ms; passed += 100) {
          await world.clock.advance(100);
          check();
        }
      }
      for (const one of stopped) one.goOn();
      const living = all.filter((one) => !gone.has(one));
      await world.clock.advance(2 * settleMs);
      check();
      const numbers = new Set(living.map((one) => one.number()));
      if (living.length > 0) for (const share of eight) expect(numbers).toContain(world.holderOf(share));
    }),
    { numRuns: 15 },
  );
}, 60_000);
