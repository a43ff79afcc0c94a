import { beforeEach, describe, expect, test } from 'vitest';
import { MachineWorld } from '../../../test/kit/machine-world.ts';
import type { Stray } from '../../model/sweep.ts';
import { Loop } from '../loop.ts';
import { lookForStrays, removeStrays } from './asked.ts';
import { sweepAtLast } from './last-look.ts';
import { reconcileStrays } from './strays.ts';

const goOn = new AbortController().signal;
let world: MachineWorld;

/** One machine on record, and no listing that was made a moment ago. */
async function open(settings: object = {}): Promise<void> {
  world = await MachineWorld.open({}, settings);
  await world.want('m-1');
  await world.run(4_000, 'm-1');
  await world.clock.advance(10_000);
}

beforeEach(async () => {
  await open();
});

/** Looks for strays now and then, for so long. */
async function sweep(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 15_000) {
    await reconcileStrays(world.world, 'stack', goOn);
    await world.clock.advance(15_000);
  }
}

async function forget(...tokens: readonly string[]): Promise<void> {
  const all = tokens.length === 0 ? ['m-1'] : tokens;
  await world.store.commit(all.map((key) => ({ remove: 'machine', key, expect: null })));
}

const standing = () => world.machines.standing.map(({ id }) => id);
const told = async () => (await world.store.recentEvents({ limit: 200 })).map(({ what }) => what);
const strays = async (): Promise<Stray[]> => (await world.store.list('stray')).map(({ value }) => value);

function twin(): string {
  const [made] = world.machines.standing;
  return world.machines.add(made!.order, made!.zone, 0).id;
}

/** So many more machines of ours at the provider; those of `m-…` orders that are on record, and others. */
function strangers(count: number): void {
  const [made] = world.machines.standing;
  for (let n = 1; n <= count; n += 1)
    world.machines.add({ ...made!.order, token: `m-x${n}` }, made!.zone, world.clock.now());
}

describe('what is on no record', () => {
  test('is written down with why and when it goes as soon as it is seen', async () => {
    const id = twin();
    await reconcileStrays(world.world, 'stack', goOn);
    const [stray] = await strays();
    expect(stray).toMatchObject({ id, token: 'm-1', seenMs: 0, askedBy: null });
    expect(stray?.words).toBe('a second machine of order m-1, which is stack-1');
    const [event] = await world.store.recentEvents({ limit: 1 });
    expect(event).toMatchObject({ what: 'stray found', object: id, level: 'warning' });
    expect(event?.words).toContain('it goes in 60 s');
  });

  test('goes after its grace time; the one on record stays, and what both need', async () => {
    const id = twin();
    await sweep(60_000);
    expect(standing()).toContain(id);
    await sweep(15_000);
    expect(standing()).toEqual(['stack-1']);
    expect(world.machines.beside).toHaveLength(2);
    expect(await strays()).toEqual([]);
    expect(await told()).toContain('stray removed');
  });

  test('goes after the time that its provider says', async () => {
    await open({ sweepAfterSeconds: 300 });
    const id = twin();
    await sweep(300_000);
    expect(standing()).toContain(id);
    await sweep(15_000);
    expect(standing()).not.toContain(id);
  });

  test.each([-3_600_000, 3_600_000])('is no older when the clock is set by %i ms', async (ms) => {
    const id = twin();
    await sweep(30_000);
    world.clock.set(ms);
    await sweep(30_000);
    expect(standing()).toContain(id);
    await sweep(15_000);
    expect(await told()).toContain('stray removed');
  });

  test('keeps its age when the control plane starts anew, and is no older for the time between', async () => {
    const id = twin();
    await sweep(45_000);
    world.reopen();
    await world.clock.advance(3_600_000);
    await sweep(15_000);
    expect((await strays())[0]?.seenMs).toBe(30_000);
    expect(standing()).toContain(id);
    await sweep(45_000);
    expect(standing()).not.toContain(id);
  });

  test('and is on record again is none any more', async () => {
    const record = (await world.store.get('machine', 'm-1'))!;
    await forget();
    await sweep(45_000);
    await world.store.commit([{ put: 'machine', key: 'm-1', value: record.value, expect: 0 }]);
    await sweep(60_000);
    expect(standing()).toEqual(['stack-1']);
    expect(await strays()).toEqual([]);
    expect(await told()).toContain('no stray');
  });

  test('that does not go is tried again, and says why', async () => {
    const id = twin();
    await sweep(60_000);
    world.memory.provider('stack').mishaps.next('destroy', { what: 'fail', code: 'conflict', words: 'it is in use' });
    await sweep(15_000);
    expect((await strays())[0]).toMatchObject({ id, failed: 'it is in use' });
    await sweep(15_000);
    expect(standing()).toEqual(['stack-1']);
  });
});

test('what stands beside machines goes after the last one, not before', async () => {
  await forget();
  await sweep(75_000);
  expect(world.machines.standing).toEqual([]);
  expect(world.machines.beside.length).toBeGreaterThan(0);
  await sweep(90_000);
  expect(world.machines.beside).toEqual([]);
});

test('a provider that is to be forgotten is left empty at once', async () => {
  await forget();
  const swept = sweepAtLast(world.world, 'stack', null, goOn);
  await world.clock.advance(10_000);
  expect(await swept).toEqual([]);
  expect(world.machines.standing).toEqual([]);
  expect(world.machines.beside).toEqual([]);
});

test('I4: nothing goes while a list is not complete, and nothing of others ever', async () => {
  world.machines.ensure('group', 'somebody-else');
  world.machines.add({ ...world.machines.standing[0]!.order, token: 'm-9', owner: 'somebody-else' }, 'z', 0);
  await forget();
  world.memory.provider('stack').mishaps.outage = 'the data centre is on fire';
  await sweep(60_000);
  expect(world.machines.standing).toHaveLength(2);
  world.memory.provider('stack').mishaps.outage = null;
  await sweep(180_000);
  expect(world.machines.standing.map(({ order }) => order.owner)).toEqual(['somebody-else']);
  expect(world.machines.beside.map(({ owner }) => owner)).toEqual(['somebody-else']);
});

describe('whenever it comes to be', () => {
  /** the promise: found within this, milliseconds; the provider's grace time and one look more, and it is gone */
  const [foundMs, goneMs] = [30_000, 60_000 + 16_000];

  async function until(isSo: () => Promise<boolean> | boolean): Promise<number> {
    const begun = world.clock.monotonic();
    while (!(await isSo()) && world.clock.monotonic() - begun < 200_000) await world.clock.advance(100);
    return world.clock.monotonic() - begun;
  }

  test.each([0, 100, 4_900, 5_100, 14_900, 15_000, 15_100, 22_000, 29_900, 37_000])(
    'a stray is found within 30 s by the loop, and gone after its grace time: %i ms after a look',
    async (offsetMs) => {
      const { clock, random, log } = world.world;
      const loop = new Loop({
        ...{ name: 'strays', clock, random, log, parallel: 4, periodMs: 30_000 },
        keys: () => Promise.resolve(['stack']),
        reconcile: (key, signal) => reconcileStrays(world.world, key, signal),
      });
      loop.start();
      await world.clock.advance(offsetMs);
      const foreign = { ...world.machines.standing[0]!.order, token: 'm-9', owner: 'somebody-else' };
      world.machines.add(foreign, 'z', 0);
      const id = twin();
      expect(await until(async () => (await strays()).some((stray) => stray.id === id))).toBeLessThanOrEqual(foundMs);
      const keptMs = await until(() => !standing().includes(id));
      // one that is young stays, and goes by the next look
      expect(keptMs).toBeGreaterThanOrEqual(60_000);
      expect(keptMs).toBeLessThanOrEqual(goneMs);
      expect(world.machines.standing.map(({ order }) => order.owner)).toContain('somebody-else');
      expect(await told()).not.toContain('sweep stopped');
      await loop.close();
    },
  );
});

describe('the brake', () => {
  test('stops all of it where more than a tenth is on no record, and says so once', async () => {
    strangers(3);
    await sweep(300_000);
    expect(standing()).toHaveLength(4);
    const alarm = (await world.store.get('alarm', 'sweep provider stack'))?.value;
    expect(alarm?.words).toBe('3 of 4 machines of ours are on no record: nothing is removed unasked');
    expect(alarm?.next).toBe('wombat sweep stack');
    expect((await told()).filter((what) => what === 'sweep stopped')).toHaveLength(1);
    const { providers } = await lookForStrays(world.world, null, goOn);
    expect(providers[0]?.alarm).toEqual(alarm);
    expect(providers[0]?.strays.map(({ goesInSeconds }) => goesInSeconds)).toEqual([null, null, null]);
  });

  test('lets one or two go however few there are, and any number of second machines', async () => {
    strangers(2);
    for (let n = 0; n < 5; n += 1) twin();
    await sweep(75_000);
    expect(standing()).toEqual(['stack-1']);
    expect(await told()).not.toContain('sweep stopped');
  });

  test('lets exactly those go that somebody asks for, at once, and holds for the others', async () => {
    strangers(4);
    await sweep(30_000);
    const [first, ...others] = await strays();
    await removeStrays(world.world, { strays: [first!] }, 'ops', goOn);
    await sweep(15_000);
    expect(standing()).toHaveLength(4);
    expect(standing()).not.toContain(first!.id);
    await removeStrays(world.world, { strays: others }, 'ops', goOn);
    await sweep(30_000);
    expect(standing()).toEqual(['stack-1']);
    expect(await world.store.list('alarm')).toEqual([]);
    const removed = (await world.store.recentEvents({ limit: 200 })).filter(({ what }) => what === 'stray removed');
    expect(removed[0]?.words).toContain('as ops asked');
  });

  test('holds for a last look too: who destroys one blueprint has not asked for all that is on no record', async () => {
    strangers(3);
    await forget();
    const swept = sweepAtLast(world.world, 'stack', null, goOn);
    await world.clock.advance(10_000);
    expect((await swept)[0]).toContain('4 machines of ours are on no record, too many to go unasked: stack-1');
    expect(standing()).toHaveLength(4);
  });

  test('what is no stray cannot be asked for', async () => {
    const strayed = removeStrays(
      world.world,
      { strays: [{ provider: 'stack', kind: 'machine', id: 'stack-1' }] },
      'ops',
      goOn,
    );
    await expect(strayed).rejects.toMatchObject({ code: 'not-found' });
  });
});
