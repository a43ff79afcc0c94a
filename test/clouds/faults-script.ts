/**
 * The fault script that every adapter for made machines passes: the same story is told to a provider in peace and to one
 * in trouble (answers lost, late, doubled, cut, replaced by a page of HTML; refusals; expired credentials; lists that
 * lag). In the end both must hold the same, the second at hardly more cost, and nothing may be left of either.
 *
 * The story does what the loops do: it repeats what failed, waits for what is not listed yet, and gives a second machine
 * of one token back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { faultCodeOf } from '../../src/base/fault.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createMeter, wrapCloud } from '../../src/cloud/cloud.ts';
import type { Cloud, Order, Owned, Rule } from '../../src/cloud/cloud.ts';
import type { Offer } from '../../src/model/machine.ts';
import { collect } from '../kit/collect.ts';
import { hastyClock } from '../kit/hasty-clock.ts';
import { htmlPage } from '../kit/trouble.ts';
import type { Mishap, Refusal, Trouble } from '../kit/trouble.ts';
import { bootOf } from './boot.ts';

/** A provider behind trouble. */
export interface TroubledProvider {
  /** Opens the adapter anew, so that it reaches the provider through the trouble. */
  open(owner: string): Cloud;
  readonly trouble: Trouble;
  /** Names everything that exists there, machines and what stands beside them, without help of adapter or trouble. */
  standing(): Promise<readonly string[]>;
  /** Gives the provider the time that it needs to show what was done. */
  settle(): Promise<void>;
  stop(): Promise<void>;
  /** how this provider refuses; plain HTTP where absent. `expired` is met only where it is said */
  readonly refusals?: { readonly throttled?: Refusal; readonly unavailable?: Refusal; readonly expired?: Refusal };
  /** how many machines the story has at once; 24 when absent */
  readonly machines?: number;
  /** machines of the run that counts them; 10 000 when absent, 0 for none. In the short tests slow providers make 150 at most */
  readonly many?: number;
  /** why these are fewer than 10 000; printed with the run */
  readonly fewer?: string;
  /** the provider answers in less than a millisecond: all of these are made in the short tests too */
  readonly quick?: boolean;
}

const goOn = new AbortController().signal;
const isLong = process.env['WOMBAT_TEST_LONG'] === '1';
const rounds = 60;
/** machines of slow providers in the short tests */
const few = 150;
const before: readonly Rule[] = [{ ports: [4369, 4369], from: ['members', '192.0.2.0/24'] }];
const after: readonly Rule[] = [
  { ports: [4369, 4369], from: ['members'] },
  { ports: [9100, 9199], from: ['members', '198.51.100.7/32'] },
];

/** Tells the story twice to the provider that `start` brings up, and counts. */
export function faultScript(name: string, start: () => Promise<TroubledProvider>): void {
  describe(`${name} in trouble`, () => {
    let provider: TroubledProvider;
    beforeAll(async () => void (provider = await start()), 300_000);
    afterAll(() => provider.stop(), 60_000);

    test('ends as without trouble, at hardly more cost, and leaves nothing', { timeout: 600_000 }, async () => {
      // what others gave back shortly before may still be on its way out
      await provider.settle();
      const there = (await provider.standing()).toSorted();
      const peace = await tell(provider, 'o-peace');
      provider.trouble.schedule('changes', { every: 24, mishaps: changed });
      provider.trouble.schedule('changes', { every: 48, mishaps: [{ what: 'double' }] });
      provider.trouble.schedule('changes', { every: 9, mishaps: refused(provider) });
      provider.trouble.schedule('reads', { every: 12, mishaps: [...read, ...refused(provider), ...expired(provider)] });
      const trouble = await tell(provider, 'o-trouble');
      provider.trouble.calm();
      await provider.settle();
      expect(trouble.tokens).toEqual(peace.tokens);
      process.stdout.write(`${name}: ${peace.changes} changing calls in peace, ${trouble.changes} in trouble\n`);
      expect(trouble.changes).toBeLessThanOrEqual(Math.floor(peace.changes * 1.1));
      expect((await provider.standing()).toSorted()).toEqual(there);
    });

    test(
      'so many creates with lost, late and doubled answers make exactly so many machines',
      patient,
      async (context) => {
        const { machines = 24, many: most = 10_000, quick = false } = provider;
        const many = quick || isLong ? most : Math.min(most, few);
        context.skip(many < machines, 'the provider has no room for many machines');
        const begun = systemClock.monotonic();
        provider.trouble.schedule('changes', { every: 10, mishaps: [{ what: 'lose' }, { what: 'double' }, late] });
        const cloud = wrapped(provider, 'o-many');
        const there = (await provider.standing()).length;
        const ids = await make(provider, cloud, orders(await offersOf(cloud), 'o-many', tokens('many', many)));
        provider.trouble.calm();
        expect(await look(provider, cloud, 'o-many', ids)).toHaveLength(many);
        expect(ids.size).toBe(many);
        expect((await machinesOf(cloud, 'o-many')).length).toBe(many);
        expect((await provider.standing()).length - there).toBeGreaterThanOrEqual(many);
        const seconds = Math.round((systemClock.monotonic() - begun) / 1_000);
        const long = many < most ? `; ${most} in the long tests` : '';
        const why = provider.fewer === undefined ? long : `${long}; no 10000: ${provider.fewer}`;
        process.stdout.write(`${name}: ${many} orders in trouble made ${ids.size} machines in ${seconds} s${why}\n`);
      },
    );
  });
}

const patient = { timeout: 3_600_000 };
const late: Mishap = { what: 'late', ms: 40 };
const page: Mishap = { what: 'instead', status: 502, type: 'text/html', text: htmlPage };
const changed: readonly Mishap[] = [{ what: 'lose' }, page, { what: 'cut' }, late];
const read: readonly Mishap[] = [
  { what: 'cut' },
  { what: 'instead', status: 200, type: 'text/html', text: htmlPage },
  { what: 'stale' },
  { what: 'lose' },
];

function refused({ refusals }: TroubledProvider): Mishap[] {
  const plain = { 'retry-after': '1', 'content-type': 'text/plain' };
  const throttled = refusals?.throttled ?? { status: 429, headers: plain, text: 'too many requests' };
  const unavailable = refusals?.unavailable ?? { status: 503, headers: plain, text: 'service unavailable' };
  return [
    { what: 'refuse', refusal: throttled },
    { what: 'refuse', refusal: unavailable },
  ];
}

function expired({ refusals }: TroubledProvider): Mishap[] {
  return refusals?.expired === undefined ? [] : [{ what: 'refuse', refusal: refusals.expired }];
}

/** What a telling came to. */
interface Told {
  /** what was there before the end */
  readonly tokens: readonly string[];
  readonly changes: number;
}

/** The story: a firewall, machines one and many, a third of them given back, some more, and the end of everything. */
async function tell(provider: TroubledProvider, owner: string): Promise<Told> {
  const begun = provider.trouble.changes;
  const count = provider.machines ?? 24;
  const cloud = wrapped(provider, owner);
  const offers = await offersOf(cloud);
  await until(provider, 'the firewall is made', () => cloud.allow(owner, before, goOn));
  const ids = await make(provider, cloud, orders(offers, owner, tokens('first', 1)));
  for (const [token, id] of await make(provider, cloud, orders(offers, owner, tokens('more', count - 1))))
    ids.set(token, id);
  await look(provider, cloud, owner, ids);
  const gone = [...ids.keys()].filter((_token, index) => index % 3 === 0);
  for (const token of gone) ids.delete(token);
  await give(provider, cloud, owner, (owned) => gone.includes(owned.token ?? ''));
  await until(provider, 'the firewall is changed', () => cloud.allow(owner, after, goOn));
  for (const [token, id] of await make(provider, cloud, orders(offers, owner, tokens('late', gone.length))))
    ids.set(token, id);
  const listed = await look(provider, cloud, owner, ids);
  await give(provider, cloud, owner, ({ kind }) => kind === 'machine');
  await give(provider, cloud, owner, () => true);
  return { tokens: listed, changes: provider.trouble.changes - begun };
}

/** The adapter as the loops use it, its waits shortened. */
function wrapped(provider: TroubledProvider, owner: string): Cloud {
  return wrapCloud(provider.open(owner), {
    provider: 'under-test',
    clock: hastyClock(50),
    random: seededRandom(7),
    meter: createMeter(),
    limits: { perSecond: 1_000, atOnce: 8 },
    retries: { firstMs: 1_000, longestMs: 10_000, tries: 6, deadlineMs: 3_600_000 },
  });
}

async function offersOf(cloud: Cloud): Promise<readonly Offer[]> {
  const offers = (await cloud.offers(goOn)).filter(({ fault, left }) => fault === null && left !== 0);
  expect(offers.length).toBeGreaterThan(0);
  return offers.slice(0, 2);
}

function tokens(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m-${prefix}-${String(index).padStart(5, '0')}`);
}

function orders(offers: readonly Offer[], owner: string, wanted: readonly string[]): Order[] {
  return wanted.map((token, index) => {
    const { id: offer, domain, machineType } = offers[index % offers.length] as Offer;
    return { token: `${owner}-${token}`, owner, domain, offer, machineType, name: `wombat-${token}`, boot: bootOf() };
  });
}

/** Orders until every order was accepted; the ids by token. Throws what repeating cannot mend. */
async function make(provider: TroubledProvider, cloud: Cloud, all: readonly Order[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const batch = 50;
  for (let at = 0; at < all.length; at += batch) {
    await until(provider, 'machines are made', async () => {
      const open = all.slice(at, at + batch).filter(({ token }) => !ids.has(token));
      const created = await cloud.create(open, goOn);
      for (const one of created) if (one.ok) ids.set(one.token, one.owned.id);
      const failed = created.find((one) => !one.ok);
      if (failed?.ok === false) throw failed.error;
    });
  }
  return ids;
}

/** Waits until exactly these machines are listed; a second one of a token goes. */
async function look(
  provider: TroubledProvider,
  cloud: Cloud,
  owner: string,
  ids: ReadonlyMap<string, string>,
): Promise<string[]> {
  let listed: string[] = [];
  await until(provider, 'what was made is listed', async () => {
    const machines = await machinesOf(cloud, owner);
    for (const owned of machines) if (ids.get(owned.token ?? '') !== owned.id) await cloud.destroy(owned, goOn);
    listed = machines.map(({ token }) => token ?? '').toSorted();
    expect(listed).toEqual([...ids.keys()].toSorted());
  });
  return listed.map((token) => token.replace(owner, ''));
}

/** Gives back what fits, until nothing that fits is listed. */
async function give(
  provider: TroubledProvider,
  cloud: Cloud,
  owner: string,
  fits: (owned: Owned) => boolean,
): Promise<void> {
  const asked = new Set<string>();
  await until(provider, 'what was given back is gone', async () => {
    const left = (await collect(cloud.list(owner, goOn))).filter(fits);
    for (const owned of left) {
      if (asked.has(owned.id) && owned.state === 'going') continue;
      await cloud.destroy(owned, goOn);
      asked.add(owned.id);
    }
    expect(left.map(({ id }) => id)).toEqual([]);
  });
}

async function machinesOf(cloud: Cloud, owner: string): Promise<Owned[]> {
  const owned = await collect(cloud.list(owner, goOn));
  return owned.filter(({ kind, state }) => kind === 'machine' && state !== 'going');
}

/** Repeats `act` until it does not throw; gives up with its last error, at once where that says that it cannot be mended. */
async function until(provider: TroubledProvider, what: string, act: () => Promise<void>): Promise<void> {
  const hopeless = ['denied', 'invalid', 'quota'];
  for (let round = 1; ; round += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (round === rounds || hopeless.includes(faultCodeOf(error)))
        throw new Error(`${what}, after ${round} rounds: ${String(error)}`, { cause: error });
      await provider.settle();
      await new Promise<void>((resolve) => void systemClock.after(20, resolve));
    }
  }
}
