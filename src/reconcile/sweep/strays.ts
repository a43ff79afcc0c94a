/**
 * The sweep's loop, a key a provider: what is ours by tag and on no record (I4) is written down when it is found, and
 * removed when it has been one for a grace time. Time counts only between two looks of one process: that of a control
 * plane that was down, and whatever the wall clock did, is held against nothing. The brake (./brake.ts) may stop it.
 */
import { wordsOf } from '../../base/fault.ts';
import { again, done } from '../../base/outcome.ts';
import type { Outcome } from '../../base/outcome.ts';
import { timestamp } from '../../base/clock.ts';
import type { Cloud, Owned } from '../../cloud/cloud.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Machine } from '../../model/machine.ts';
import type { Provider } from '../../model/provider.ts';
import { strayKey, sweepAfterSecondsDefault } from '../../model/sweep.ts';
import type { Leftover, Stray } from '../../model/sweep.ts';
import type { Change, Versioned } from '../../store/store.ts';
import { raise, withdraw } from '../alarms.ts';
import { emptyHost } from '../empty-host.ts';
import { providerOf } from '../providers.ts';
import type { Place } from '../providers.ts';
import type { World } from '../world.ts';
import { brakeOf, leftoverKeyOf } from './brake.ts';
import { givenUpWith, settleLeftovers } from './leftovers.ts';
import { lookAt } from './look.ts';
import type { Found, Look } from './look.ts';

const periodMs = 15_000;
const listingAgeMs = 5_000;
const nodeEndMs = 5_000;
/** Between two looks that are further apart than that nobody looked. */
const longestGapMs = 2 * periodMs;

/** What is on record about one provider. */
export interface SweepRecords {
  readonly strays: ReadonlyMap<string, Versioned<Stray>>;
  readonly leftovers: ReadonlyMap<string, Versioned<Leftover>>;
}

/** One pass over a provider. */
export async function reconcileStrays(world: World, provider: string, signal: AbortSignal): Promise<Outcome> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return done;
  const { look, records } = await lookTwice(world, place, signal);
  const brake = brakeOf(provider, look, valuesOf(records));
  await tellBrake(world, provider, brake);
  const kept = await keep(world, place, { look, records, isHeld: brake !== null });
  await settleLeftovers(world, provider, look, records.leftovers);
  for (const found of look.found) {
    const stray = kept.get(strayKey({ provider, ...found }));
    if (stray !== undefined && isDue(stray, place.provider, brake !== null))
      await remove(world, { provider, look, found, stray, signal });
  }
  return again(periodMs, brake ?? 'strays are looked for now and then');
}

/** How long it is left alone, milliseconds. */
export function graceMsOf({ definition }: Provider): number {
  return (definition.sweepAfterSeconds ?? sweepAfterSecondsDefault) * 1_000;
}

/** Whether it is to go now. */
function isDue({ seenMs, askedBy }: Stray, provider: Provider, isHeld: boolean): boolean {
  return askedBy !== null || (!isHeld && seenMs >= graceMsOf(provider));
}

/** What is on record about a provider's strays. */
export async function sweepRecords({ store }: World, provider: string): Promise<SweepRecords> {
  const selector = { keyPrefix: `${provider}/` };
  const byKey = <V>(records: readonly Versioned<V>[]) => new Map(records.map((record) => [record.key, record]));
  return {
    strays: byKey(await store.list('stray', selector)),
    leftovers: byKey(await store.list('leftover', selector)),
  };
}

/** The same without versions. */
export function valuesOf({ strays, leftovers }: SweepRecords) {
  const values = <V>(of: ReadonlyMap<string, Versioned<V>>) => new Map([...of].map(([key, { value }]) => [key, value]));
  return { strays: values(strays), leftovers: values(leftovers) };
}

/** What was known a moment ago may be the last of something that has just gone: what is new is looked at once more. */
async function lookTwice(
  world: World,
  place: Place,
  signal: AbortSignal,
): Promise<{ readonly look: Look; readonly records: SweepRecords }> {
  const provider = place.provider.name;
  const records = await sweepRecords(world, provider);
  const look = await lookAt(world, place, { listingMs: listingAgeMs }, signal);
  const isNew = look.found.some((found) => !records.strays.has(strayKey({ provider, ...found })));
  return { records, look: isNew ? await lookAt(world, place, { listingMs: 0, hostsMs: 0 }, signal) : look };
}

async function tellBrake(world: World, provider: string, words: string | null): Promise<void> {
  const of = { brake: 'sweep', about: 'provider', name: provider } as const;
  if (words === null) await withdraw(world, of, 'what is on no record is no more than goes unasked');
  else await raise(world, { ...of, words: `${words}: nothing is removed unasked`, next: `wombat sweep ${provider}` });
}

interface Keeping {
  readonly look: Look;
  readonly records: SweepRecords;
  readonly isHeld: boolean;
}

/** Writes down what was found, and takes off the record what is none any more; answers what there is now. */
async function keep(world: World, place: Place, keeping: Keeping): Promise<ReadonlyMap<string, Stray>> {
  const { look, records } = keeping;
  const provider = place.provider.name;
  const kept = new Map<string, Stray>();
  const changes: Change[] = [];
  const events: EventDraft[] = [];
  for (const found of look.found) {
    const key = strayKey({ provider, ...found });
    const known = records.strays.get(key);
    const seenMs = (known?.value.seenMs ?? 0) + sinceLastLook(world, key);
    const stray = strayOf(world, provider, found, { known: known?.value, seenMs, graceMs: graceMsOf(place.provider) });
    kept.set(key, stray);
    if (known === undefined) events.push(foundEvent(stray, keeping, place));
    if (JSON.stringify(known?.value) !== JSON.stringify(stray))
      changes.push({ put: 'stray', key, value: stray, expect: known?.version ?? 0 });
  }
  for (const [key, { value, version }] of records.strays) {
    if (kept.has(key) || !isSeenGone(value, look)) continue;
    world.memory.strays.delete(key);
    changes.push({ remove: 'stray', key, expect: version });
    events.push(strayEvent(value, 'info', 'no stray', 'it is gone, or on record again'));
  }
  if (changes.length > 0) await world.store.commit(changes, events);
  return kept;
}

/** As it is kept: how long beyond its grace time it has been seen need not be known. */
function strayOf(
  world: World,
  provider: string,
  { kind, id, token, where, words }: Found,
  seen: { readonly known: Stray | undefined; readonly seenMs: number; readonly graceMs: number },
): Stray {
  const { firstSeen = timestamp(world.clock), askedBy = null, failed = null } = seen.known ?? {};
  const seenMs = Math.round(Math.min(seen.seenMs, seen.graceMs));
  return { provider, kind, id, token, where, words, firstSeen, seenMs, askedBy, failed };
}

/** How long ago this process saw it last; nothing when it has not, or not for long. */
function sinceLastLook({ memory: { strays }, clock }: World, key: string): number {
  const now = clock.monotonic();
  const last = strays.get(key) ?? now;
  strays.set(key, now);
  return now - last > longestGapMs ? 0 : now - last;
}

/** Whether it would have been seen if it still were one. */
function isSeenGone({ kind, token }: Stray, { error, unseen }: Look): boolean {
  return kind === 'node' ? !unseen.has(token ?? '') : error === null;
}

interface Removal {
  readonly provider: string;
  readonly look: Look;
  readonly found: Found;
  readonly stray: Stray;
  readonly signal: AbortSignal;
}

/** One that does not go is tried again by the next pass; why is on record. */
async function remove(world: World, { provider, look, found, stray, signal }: Removal): Promise<void> {
  const key = strayKey(stray);
  const why = stray.askedBy === null ? '' : `, as ${stray.askedBy} asked`;
  try {
    if (!(await removeFound(world, look.cloud, found, signal))) return;
    world.memory.strays.delete(key);
    const leftovers = await givenUpWith(world, leftoverKeyOf(provider, found), found);
    await world.store.commit(
      [{ remove: 'stray', key, expect: null }, ...leftovers],
      [strayEvent(stray, 'warning', 'stray removed', `${stray.words}${why}`)],
    );
  } catch (error) {
    if (signal.aborted) throw error;
    const failed = wordsOf(error);
    world.log.info({ stray: stray.id, error: failed }, 'a stray could not be removed yet');
    const record = await world.store.get('stray', key);
    if (record === undefined || record.value.failed === failed) return;
    await world.store.commit([{ put: 'stray', key, value: { ...record.value, failed }, expect: record.version }]);
  }
}

async function removeFound(
  world: World,
  cloud: Cloud,
  { owned, host, id }: Found,
  signal: AbortSignal,
): Promise<boolean> {
  if (owned !== null) await removeStray(world, cloud, owned, signal);
  return host === null || (await removeNode(world, host, id, signal));
}

async function removeNode(world: World, machine: Machine, id: string, signal: AbortSignal): Promise<boolean> {
  // what was found may have come on record since
  if ((await world.store.get('node', id)) !== undefined) return false;
  const host = await world.hosts.of(machine);
  if (!(await host.end(id, nodeEndMs, signal))) return false;
  await host.removeNode(id, signal);
  return true;
}

/** A machine that exists already is emptied before it is given back; one that was made ends with all that is on it. */
export async function removeStray(world: World, cloud: Cloud, owned: Owned, signal: AbortSignal): Promise<void> {
  const token = owned.token ?? owned.id;
  if (owned.access !== null && cloud.traits.machines === 'existing') {
    await emptyHost(await world.hosts.of({ token, access: owned.access }), signal);
    await world.hosts.forget(token);
  }
  await cloud.destroy(owned, signal);
}

function foundEvent(stray: Stray, { isHeld }: Keeping, { provider }: Place): EventDraft {
  const goes = isHeld ? 'it stays until somebody asks for its end' : `it goes in ${graceMsOf(provider) / 1_000} s`;
  return strayEvent(stray, 'warning', 'stray found', `${stray.words}; ${goes}: wombat sweep ${provider.name}`);
}

function strayEvent(
  { kind, id, where, provider }: Stray,
  level: EventDraft['level'],
  what: string,
  words: string,
): EventDraft {
  const place = `${where} at provider ${provider}`;
  return {
    level,
    kind: kind === 'node' ? 'node' : 'machine',
    object: id,
    blueprint: null,
    what,
    words: `${place}: ${words}`,
  };
}
