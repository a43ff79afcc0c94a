/**
 * Strays: what is ours by tag and in no record (I4), for instance on a host that was given up and came back. It is
 * removed only after it has been seen without a record for a grace time, and only from places that are on record.
 */
import { wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Cloud, Owned } from '../cloud/cloud.ts';
import type { Machine } from '../model/machine.ts';
import type { EventDraft } from '../model/event.ts';
import { emptyHost } from './empty-host.ts';
import { providerOf } from './providers.ts';
import type { World } from './world.ts';

const periodMs = 15_000;
const graceMs = 30_000;

/** One pass over a provider: its machines without a record, and the nodes without one on the machines that have one. */
export async function reconcileStrays(world: World, provider: string, signal: AbortSignal): Promise<Outcome> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return done;
  const machines = (await world.store.list('machine'))
    .map((record) => record.value)
    .filter((one) => one.provider === provider);
  for (const machine of machines) if (machine.state.phase === 'ready') await sweepHost(world, machine, signal);
  const cloud = world.offers.cloud(place.provider, place.domains);
  try {
    for await (const owned of cloud.list(world.store.owner, signal)) await sweepOwned(world, cloud, owned, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    world.log.info({ provider, error: wordsOf(error) }, 'the provider could not list what is ours');
  }
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

async function sweepOwned(world: World, cloud: Cloud, owned: Owned, signal: AbortSignal): Promise<void> {
  if ((await isStray(world, owned)) && isDue(world, owned.id)) await removeStray(world, cloud, owned, signal);
}

/** Whether it carries our tag and is on no record. */
async function isStray(world: World, owned: Owned): Promise<boolean> {
  if (owned.kind !== 'machine' || owned.owner !== world.store.owner) return false;
  return owned.token === null || (await world.store.get('machine', owned.token)) === undefined;
}

/** What runs on it and what lies there goes first, then the machine. */
async function removeStray(world: World, cloud: Cloud, owned: Owned, signal: AbortSignal): Promise<void> {
  const token = owned.token ?? owned.id;
  if (owned.access !== null) {
    await emptyHost(await world.hosts.of({ token, access: owned.access }), signal);
    await world.hosts.forget(token);
  }
  await cloud.destroy(owned, signal);
  await told(world, { kind: 'machine', object: owned.id, words: 'was ours at its provider without a record' });
}

/** Everything of ours at a provider that is about to be forgotten: whatever is on no record goes at once. */
export async function sweepProvider(world: World, provider: string, signal: AbortSignal): Promise<void> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return;
  const cloud = world.offers.cloud(place.provider, place.domains);
  for await (const owned of cloud.list(world.store.owner, signal)) {
    if (await isStray(world, owned)) await removeStray(world, cloud, owned, signal);
  }
}

async function told(world: World, event: Pick<EventDraft, 'kind' | 'object' | 'words'>): Promise<void> {
  await world.store.commit([], [{ level: 'warning', blueprint: null, what: 'stray removed', ...event }]);
}
