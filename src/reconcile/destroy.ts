/**
 * The end of a blueprint: its nodes go, then the machines that served nobody else, then everything on record about it.
 * Each pass takes what can be taken now; the last one deletes the head, and with it the blueprint.
 */
import { withDeadline } from '../base/abort.ts';
import { timestamp } from '../base/clock.ts';
import { wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Head } from '../model/head.ts';
import type { Machine } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Change, Kind, Versioned } from '../store/store.ts';
import { endOfAll } from './operations.ts';
import { wakeAll } from './wake-all.ts';
import { documentOf, revisionKey } from './documents.ts';
import { loginKeySecretName, secretName } from '../model/secret.ts';
import { sweepProvider } from './strays.ts';
import type { World } from './world.ts';

const lookMs = 500;
/** Providers take their time to end machines, and let nothing go that these use. */
const sweepMs = 90_000;

/** One pass of a destroy. */
export async function destroyBlueprint(world: World, head: Versioned<Head>, signal: AbortSignal): Promise<Outcome> {
  const { name } = head.value;
  const nodes = await world.store.list('node', { blueprint: name });
  if (nodes.length > 0) return removeNodes(world, head, nodes);
  const machines = await idleMachines(world, name);
  if (machines.length > 0) return releaseMachines(world, head, machines);
  await sweepProviders(world, name, signal);
  await forget(world, head);
  return done;
}

/** With every change, that the blueprint is still to go: who calls that off at this moment finds all as it was. */
function unlessCalledOff({ key, value, version }: Versioned<Head>): Change {
  return { put: 'blueprint', key, value, expect: version };
}

async function removeNodes(world: World, head: Versioned<Head>, nodes: readonly Versioned<Node>[]): Promise<Outcome> {
  const changes: Change[] = nodes
    .filter(({ value }) => value.desired !== 'removed')
    .map(({ key, value, version }) => ({ put: 'node', key, value: { ...value, desired: 'removed' }, expect: version }));
  if (changes.length > 0) await world.store.commit([unlessCalledOff(head), ...changes]);
  wakeAll(world, changes);
  return again(lookMs, `${nodes.length} nodes are still there`);
}

type MachineRecord = Versioned<Machine>;

/** Machines of this blueprint's providers, or that no other blueprint's providers explain, on which nobody's nodes are. */
async function idleMachines(world: World, name: string): Promise<MachineRecord[]> {
  const used = new Set((await world.store.list('node')).map(({ value }) => value.placement.machine));
  const providers = await world.store.list('provider');
  const ours = new Set(
    providers.filter(({ value }) => value.declaredBy === name || value.declaredBy === null).map((one) => one.key),
  );
  return (await world.store.list('machine')).filter(({ key, value }) => !used.has(key) && ours.has(value.provider));
}

async function releaseMachines(
  world: World,
  head: Versioned<Head>,
  machines: readonly MachineRecord[],
): Promise<Outcome> {
  const since = timestamp(world.clock);
  const changes: Change[] = machines
    .filter(({ value }) => value.state.phase !== 'destroying')
    .map(({ key, value, version }) => ({
      put: 'machine',
      key,
      value: { ...value, state: { phase: 'destroying', since } },
      expect: version,
    }));
  if (changes.length > 0) await world.store.commit([unlessCalledOff(head), ...changes]);
  for (const { key } of machines) world.wake.machine(key);
  return again(lookMs, `${machines.length} machines are still there`);
}

/** What was given up earlier may be in reach again. What cannot be asked now is told, and does not hold up the end (I3). */
async function sweepProviders(world: World, name: string, signal: AbortSignal): Promise<void> {
  const document = await documentOf(world.store, name);
  const used = new Set(Object.values(document?.domains ?? {}).map(({ provider }) => provider));
  for (const { key, value } of await world.store.list('provider')) {
    if (value.declaredBy !== name && !used.has(key)) continue;
    await sweepAtLast(world, key, name, signal);
  }
}

/** A last look at a provider; what cannot be asked is told, with the tag by which it can be found. */
export async function sweepAtLast(
  world: World,
  key: string,
  blueprint: string | null,
  signal: AbortSignal,
): Promise<void> {
  try {
    const deadline = { ms: sweepMs, what: `a last look at provider ${key}` };
    await withDeadline(world.clock, deadline, (inner) => sweepProvider(world, key, inner), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const words = `not all of it could be looked at: ${wordsOf(error)}. What may be left carries the owner tag ${world.store.owner}`;
    await world.store.commit(
      [],
      [{ level: 'warning', kind: 'provider', object: key, blueprint, what: 'not swept', words }],
    );
  }
}

/**
 * Deletes the blueprint's secrets, then every record of it in one commit. Not the other way round: whoever dies in between
 * comes back as long as there is a head, and a new blueprint of that name has secrets of its own.
 */
async function forget(world: World, head: Versioned<Head>): Promise<void> {
  const { name, revision } = head.value;
  const { store } = world;
  const changes: Change[] = [{ remove: 'blueprint', key: name, expect: head.version }];
  const drop = (kind: Kind, key: string) => changes.push({ remove: kind, key, expect: null });
  for (let number = 1; number <= revision; number += 1) drop('revision', revisionKey(name, number));
  for (const kind of ['plan', 'run', 'rotation', 'rollout', 'quarantine'] as const)
    (await store.list(kind, { blueprint: name })).forEach(({ key }) => drop(kind, key));
  if ((await store.get('proof', name)) !== undefined) drop('proof', name);
  for (const kind of ['provider', 'domain'] as const) {
    for (const { key, value } of await store.list(kind)) if (value.declaredBy === name) drop(kind, key);
  }
  for (const { key } of await store.list('offers')) {
    if (changes.some((change) => 'remove' in change && change.remove === 'provider' && change.key === key))
      drop('offers', key);
  }
  changes.push(...(await endOfAll(world, name)));
  await forgetSecrets(world, name, changes);
  const words = 'nothing of it is left';
  await store.commit(changes, [
    { level: 'info', kind: 'blueprint', object: name, blueprint: name, what: 'destroyed', words },
  ]);
}

/** The blueprint's own, and the keys to machines of the providers that go with it. */
async function forgetSecrets({ store }: World, name: string, changes: readonly Change[]): Promise<void> {
  const gone = changes.flatMap((change) => ('remove' in change && change.remove === 'provider' ? [change.key] : []));
  // what a key is to become, and what it was, are called after it
  const own = [secretName(name, ''), ...gone.map(loginKeySecretName)];
  for (const secret of await store.secrets.names()) {
    const isOwn = own.some((one) => secret === one || secret.startsWith(one.endsWith(' ') ? one : `${one} `));
    if (isOwn) await store.secrets.remove(secret);
  }
}
