/**
 * Strays: what is ours by tag and in no record (I4), for instance on a host that was given up and came back. It is
 * removed only after it has been seen without a record for a grace time, and only from places that are on record.
 */
import { sleep } from '../base/clock.ts';
import { wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Cloud, Owned } from '../cloud/cloud.ts';
import type { Machine } from '../model/machine.ts';
import type { EventDraft } from '../model/event.ts';
import { emptyHost } from './empty-host.ts';
import type { Listing } from './listings.ts';
import { keysNeeded } from './entered-by.ts';
import { providerOf } from './providers.ts';
import type { Place } from './providers.ts';
import type { World } from './world.ts';

const periodMs = 15_000;
const graceMs = 30_000;
const listingAgeMs = 5_000;
const sweepAgainMs = 2_000;

/** One pass over a provider: its machines without a record, and the nodes without one on the machines that have one. */
export async function reconcileStrays(world: World, provider: string, signal: AbortSignal): Promise<Outcome> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return done;
  const machines = (await world.store.list('machine'))
    .map((record) => record.value)
    .filter((one) => one.provider === provider);
  for (const machine of machines) if (machine.state.phase === 'ready') await sweepHost(world, machine, signal);
  const cloud = world.offers.cloud(place.provider, place.domains);
  const listing = await world.listings.recent(provider, cloud, listingAgeMs);
  if (listing.error !== null)
    world.log.info({ provider, error: wordsOf(listing.error) }, 'the provider could not list what is ours');
  const strays = await straysIn(world, place, listing);
  const found = [...strays.machines, ...strays.beside];
  // what serves somebody again begins a grace time anew when it does not any more
  if (listing.error === null)
    for (const one of listing.owned) if (!found.includes(one)) world.memory.strays.delete(one.id);
  for (const owned of found) await sweepOwned(world, cloud, owned, signal);
  return again(periodMs, 'strays are looked for now and then');
}

/** True once the thing has been without a record for the grace time. */
function isDue(world: World, key: string): boolean {
  const { strays } = world.memory;
  const first = strays.get(key) ?? world.clock.monotonic();
  strays.set(key, first);
  return world.clock.monotonic() - first >= graceMs;
}

async function sweepHost(world: World, machine: Machine, signal: AbortSignal): Promise<void> {
  try {
    const host = await world.hosts.of(machine);
    for (const { id } of (await world.hosts.state(machine, 5_000)).nodes) {
      const known = (await world.store.get('node', id)) !== undefined;
      if (known) world.memory.strays.delete(id);
      if (known || !isDue(world, id)) continue;
      if (!(await host.end(id, 5_000, signal))) continue;
      await host.removeNode(id, signal);
      await told(world, { kind: 'node', object: id, words: `ran on ${host.where} without a record` });
    }
  } catch (error) {
    if (signal.aborted) throw error;
    world.log.info({ machine: machine.offer, error: wordsOf(error) }, 'a host could not be looked at for strays');
  }
}

/** One that does not go is tried again by the next pass. */
async function sweepOwned(world: World, cloud: Cloud, owned: Owned, signal: AbortSignal): Promise<void> {
  if (!isDue(world, owned.id)) return;
  try {
    await removeStray(world, cloud, owned, signal);
    world.memory.strays.delete(owned.id);
    await told(world, { kind: 'machine', object: owned.id, words: 'was ours at its provider without a record' });
  } catch (error) {
    if (signal.aborted) throw error;
    world.log.info({ stray: owned.id, error: wordsOf(error) }, 'a stray could not be removed yet');
  }
}

/** What is on no record, of what a listing showed. */
interface Strays {
  readonly machines: readonly Owned[];
  /** what stands beside machines, and serves none any more; nothing may be said of it where the listing is not complete */
  readonly beside: readonly Owned[];
}

/** Compares what is listed with what is on record. A second machine of one order is a stray: the one on record stays (I2). */
async function straysIn(world: World, place: Place, { owned, error }: Listing): Promise<Strays> {
  const provider = place.provider.name;
  const records = (await world.store.list('machine')).map(({ value }) => value);
  const known = new Map(records.map((machine) => [machine.token, machine.providerId]));
  const own = owned.filter(({ owner }) => owner === world.store.owner);
  const isKnown = ({ token, id }: Owned) =>
    token !== null && known.has(token) && [null, undefined, id].includes(known.get(token));
  const listed = own.filter(({ kind }) => kind === 'machine');
  // two providers may be of one account: each lists the machines of both, and has things beside its own
  const elsewhere = new Set(records.filter((machine) => machine.provider !== provider).map(({ token }) => token));
  const isOurs = ({ token, state }: Owned) => state !== 'going' && !elsewhere.has(token ?? '');
  const isUsed = records.some((machine) => machine.provider === provider) || listed.some(isOurs);
  // the pair of a key that was replaced everywhere serves no machine any more
  const keys = isUsed && own.some(({ keyDigest }) => keyDigest !== undefined) ? await keysNeeded(world, place) : [];
  const opens = ({ keyDigest }: Owned) => keyDigest === undefined || keys.includes(keyDigest);
  // what serves one machine carries its token and goes with it; what serves all goes with the last
  const serves = (one: Owned) =>
    one.token === null
      ? isUsed && opens(one)
      : known.has(one.token) || listed.some((machine) => machine.token === one.token);
  const beside = own.filter((one) => one.kind === 'beside' && !serves(one));
  return { machines: listed.filter((one) => !isKnown(one)), beside: error === null ? beside : [] };
}

/** A machine that exists already is emptied before it is given back; one that was made ends with all that is on it. */
async function removeStray(world: World, cloud: Cloud, owned: Owned, signal: AbortSignal): Promise<void> {
  const token = owned.token ?? owned.id;
  if (owned.access !== null && cloud.traits.machines === 'existing') {
    await emptyHost(await world.hosts.of({ token, access: owned.access }), signal);
    await world.hosts.forget(token);
  }
  await cloud.destroy(owned, signal);
}

/**
 * Everything of ours at a provider that serves nobody any more, or that is about to be forgotten: what is on no record
 * goes at once. Ends when nothing of it is listed; what cannot go yet, because a machine is still going, is tried again.
 */
export async function sweepProvider(world: World, provider: string, signal: AbortSignal): Promise<void> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return;
  const cloud = world.offers.cloud(place.provider, place.domains);
  for (;;) {
    const listing = await world.listings.since(provider, cloud, world.clock.monotonic());
    const { machines, beside } = await straysIn(world, place, listing);
    const failed: unknown[] = [];
    for (const owned of [...machines, ...beside].filter(({ state }) => state !== 'going'))
      await removeStray(world, cloud, owned, signal).catch((error: unknown) => void failed.push(error));
    signal.throwIfAborted();
    if (listing.error !== null) throw listing.error;
    const waits = cloud.traits.machines === 'made' && machines.length + beside.length > 0;
    if (!waits && failed.length === 0) return;
    if (!waits) throw failed[0];
    await sleep(world.clock, sweepAgainMs, signal);
  }
}

async function told(world: World, event: Pick<EventDraft, 'kind' | 'object' | 'words'>): Promise<void> {
  await world.store.commit([], [{ level: 'warning', blueprint: null, what: 'stray removed', ...event }]);
}
