/**
 * The end of a blueprint: its nodes go, then the machines that served nobody else, then everything on record about it.
 * Each pass takes what can be taken now; the last one deletes the head, and with it the blueprint, and gives an account of
 * what had to be left (I3). One that is to be forgotten asks nobody: what may still be there is written down, and left.
 */
import { timestamp } from '../base/clock.ts';
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
import { sweepAtLast } from './sweep/last-look.ts';
import { leftoverWords, machineLeft, nodeLeft } from './sweep/leftovers.ts';
import type { World } from './world.ts';

const lookMs = 500;
const nothingLeft = 'nothing of it is left';
/** characters of an account in an event; the operation has all of it */
const longestWords = 4_000;

/** One pass of a destroy. */
export async function destroyBlueprint(world: World, head: Versioned<Head>, signal: AbortSignal): Promise<Outcome> {
  const { name } = head.value;
  if (head.value.forgetting === true) return forgetBlueprint(world, head);
  const nodes = await world.store.list('node', { blueprint: name });
  if (nodes.length > 0) return removeNodes(world, head, nodes);
  const machines = await idleMachines(world, name);
  if (machines.length > 0) return releaseMachines(world, head, machines);
  const unasked = await sweepProviders(world, name, signal);
  await forget(world, head, { unasked, also: [] });
  return done;
}

/** The last resort: records go, hosts and providers are not asked, and what may still be there is told. */
async function forgetBlueprint(world: World, head: Versioned<Head>): Promise<Outcome> {
  const { name } = head.value;
  const why = 'forgotten as asked: nobody was asked to end it';
  const nodes = await world.store.list('node', { blueprint: name });
  const machines = new Map((await world.store.list('machine')).map((record) => [record.key, record]));
  const also: Change[] = nodes.flatMap(({ key, value, version }) => {
    const machine = machines.get(value.placement.machine)?.value;
    const mayRun = machine !== undefined && machine.access !== null;
    const gone: Change = { remove: 'node', key, expect: version };
    return mayRun ? [gone, nodeLeft(world, value, machine, why)] : [gone];
  });
  const idle = await idleMachines(world, name, new Set(nodes.map(({ key }) => key)));
  also.push(
    ...idle.flatMap(({ key, value, version }): Change[] => [
      { remove: 'machine', key, expect: version },
      machineLeft(world, value, why, name),
    ]),
  );
  for (const { key } of nodes) world.cluster.forget(key);
  for (const { key } of idle) await world.hosts.forget(key);
  await forget(world, head, { unasked: [], also });
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
async function idleMachines(
  world: World,
  name: string,
  leaving: ReadonlySet<string> = new Set(),
): Promise<MachineRecord[]> {
  const staying = (await world.store.list('node')).filter(({ key }) => !leaving.has(key));
  const used = new Set(staying.map(({ value }) => value.placement.machine));
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
      value: { ...value, state: { phase: 'destroying', since, blueprint: head.key } },
      expect: version,
    }));
  if (changes.length > 0) await world.store.commit([unlessCalledOff(head), ...changes]);
  for (const { key } of machines) world.wake.machine(key);
  return again(lookMs, `${machines.length} machines are still there`);
}

/** What was given up earlier may be in reach again. What cannot be asked now is told, and does not hold up the end (I3). */
async function sweepProviders(world: World, name: string, signal: AbortSignal): Promise<readonly string[]> {
  const document = await documentOf(world.store, name);
  const used = new Set(Object.values(document?.domains ?? {}).map(({ provider }) => provider));
  const providers = (await world.store.list('provider')).filter(
    ({ key, value }) => value.declaredBy === name || used.has(key),
  );
  return (await Promise.all(providers.map(({ key }) => sweepAtLast(world, key, name, signal)))).flat();
}

/** What a blueprint's end leaves: who could not be asked, in words, and changes that belong to it. */
interface Leaving {
  readonly unasked: readonly string[];
  readonly also: readonly Change[];
}

/**
 * Deletes the blueprint's secrets, then every record of it in one commit. Not the other way round: whoever dies in between
 * comes back as long as there is a head, and a new blueprint of that name has secrets of its own.
 */
async function forget(world: World, head: Versioned<Head>, { unasked, also }: Leaving): Promise<void> {
  const { name, revision } = head.value;
  const { store } = world;
  const changes: Change[] = [{ remove: 'blueprint', key: name, expect: head.version }, ...also];
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
  const words = await account(world, name, { unasked, also });
  changes.push(...(await endOfAll(world, name, words)), ...(await sweepsOf(world, changes, name)));
  await forgetSecrets(world, name, changes);
  const level = words === nothingLeft ? 'info' : 'warning';
  await store.commit(changes, [
    { level, kind: 'blueprint', object: name, blueprint: name, what: 'destroyed', words: words.slice(0, longestWords) },
  ]);
}

/** What is on record about strays at providers that go with it, and brakes that held there. */
async function sweepsOf({ store }: World, changes: readonly Change[], name: string): Promise<Change[]> {
  const gone = changes.flatMap((change) => ('remove' in change && change.remove === 'provider' ? [change.key] : []));
  const strays = await Promise.all(gone.map((provider) => store.list('stray', { keyPrefix: `${provider}/` })));
  const alarms = (await store.list('alarm')).filter(({ value }) =>
    (value.about === 'blueprint' ? [name] : gone).includes(value.name),
  );
  return [
    ...strays.flat().map(({ key }): Change => ({ remove: 'stray', key, expect: null })),
    ...alarms.map(({ key }): Change => ({ remove: 'alarm', key, expect: null })),
  ];
}

/** What was given up on the way and what could not be asked, or that there is nothing. */
async function account(world: World, name: string, { unasked, also }: Leaving): Promise<string> {
  const before = (await world.store.list('leftover', { blueprint: name })).map(({ value }) => value);
  const now = also.flatMap((change) => ('put' in change && change.put === 'leftover' ? [change.value] : []));
  // the nodes on a machine that is left are left with it
  const machines = new Set([...before, ...now].filter(({ kind }) => kind === 'machine').map(({ id }) => id));
  const left = [...before, ...now].filter(({ kind, providerId }) => kind !== 'node' || !machines.has(providerId ?? ''));
  if (left.length + unasked.length === 0) return nothingLeft;
  const owner = `It carries the owner tag ${world.store.owner}; wombat sweep looks for it where its provider is registered`;
  return `left behind: ${[...left.map(leftoverWords), ...unasked].join('; ')}. ${owner}`;
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
