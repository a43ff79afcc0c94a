/**
 * The brake on repairs. What we cannot reach may be dead, or we may be who is cut off: from here both look alike, and a
 * partition of ours must not rebuild the world. One that dies alone is dead; where most of a place seems dead at once, it
 * is more likely us. Then nothing is given up, ended or placed elsewhere, and an alarm says so. Two places are watched:
 *
 *   a provider    machines with nodes that should run, out of reach: none becomes lost (machine/ready.ts)
 *   a blueprint   nodes whose processes live by their hosts' word and that do not answer: none is ended (node/running.ts)
 *
 * A provider's own word that a machine failed or is gone is believed all the same: that is a second witness. The brake is
 * released by itself when the view recovers, or by a person (`wombat repair`). A destroy is not held up: it rebuilds nothing.
 */
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Machine } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Provider } from '../model/provider.ts';
import { alarmKey } from '../model/sweep.ts';
import { raise, withdraw } from './alarms.ts';
import type { World } from './world.ts';

/** The largest share that may seem dead at once, percent, where a provider does not say. */
const percentDefault = 50;
/** One machine that is out of reach is no partition, and so few nodes are no world. */
const leastMachines = 2;
const leastNodes = 3;
const reviewMs = 5_000;
/** Many ask at once, each for one machine or node: they share what was seen a moment ago. */
const viewAgeMs = 1_000;

/** Why a machine that is out of reach is not given up; null when it may be. Raises the alarm. */
export async function heldByProvider(world: World, machine: Machine, provider: Provider): Promise<string | null> {
  const { carrying, view } = await viewOfProvider(world, provider);
  if (!carrying.has(machine.token)) return null;
  const of = { brake: 'repair', about: 'provider', name: provider.name } as const;
  if (view === null) return stillHeld(world, of);
  const words = `${view}. It may be us who are cut off: none is given up, and nothing is placed elsewhere`;
  const isHeld = await raise(world, { ...of, words, next: `wombat repair ${provider.name}` });
  if (isHeld) world.memory.repairHeldAt.set(provider.name, world.clock.monotonic());
  else world.memory.repairHeldAt.delete(provider.name);
  return isHeld ? view : null;
}

/** One that comes back late is not given up for the time in which none could be reached: the brake's review comes first. */
async function stillHeld(world: World, of: Parameters<typeof alarmKey>[0]): Promise<string | null> {
  const alarm = (await world.store.get('alarm', alarmKey(of)))?.value;
  if (alarm === undefined || alarm.releasedBy !== null) return null;
  world.memory.repairHeldAt.set(of.name, world.clock.monotonic());
  return alarm.words;
}

/** How long ago repairs at a provider were held last, milliseconds; infinite when nobody remembers. */
export function sinceHeldMs({ memory, clock }: World, provider: string): number {
  return clock.monotonic() - (memory.repairHeldAt.get(provider) ?? -Infinity);
}

/** Why a node that lives and is silent is not ended; null when it may be. Raises the alarm. */
export async function heldByBlueprint(world: World, blueprint: string): Promise<string | null> {
  const { view } = await viewOfBlueprint(world, blueprint);
  if (view === null) return null;
  const of = { brake: 'repair', about: 'blueprint', name: blueprint } as const;
  const words = `${view}. It may be us whom they do not answer: none is ended`;
  return (await raise(world, { ...of, words, next: `wombat repair ${blueprint}` })) ? view : null;
}

/** What is wrong with a place if that is too much to be its own, and the machines that are judged together. */
export interface RepairView {
  readonly carrying: ReadonlySet<string>;
  readonly view: string | null;
}

/** The provider's machines with nodes that should run. */
function viewOfProvider(world: World, provider: Provider): Promise<RepairView> {
  return shared(world, `provider ${provider.name}`, () => lookAtProvider(world, provider));
}

/** The blueprint's nodes that should answer. */
function viewOfBlueprint(world: World, blueprint: string): Promise<RepairView> {
  return shared(world, `blueprint ${blueprint}`, () => lookAtBlueprint(world, blueprint));
}

async function shared({ memory, clock }: World, what: string, look: () => Promise<RepairView>): Promise<RepairView> {
  const known = memory.repairViews.get(what);
  if (known !== undefined && clock.monotonic() - known.at < viewAgeMs) return known.view;
  const view = look();
  memory.repairViews.set(what, { at: clock.monotonic(), view });
  view.catch(() => memory.repairViews.delete(what));
  return view;
}

async function lookAtProvider({ store }: World, { name, definition }: Provider): Promise<RepairView> {
  const going = new Set((await store.list('blueprint')).flatMap(({ key, value }) => (value.destroying ? [key] : [])));
  const nodes = (await store.list('node')).map(({ value }) => value);
  const staying = nodes.filter(({ desired, blueprint }) => desired === 'running' && !going.has(blueprint));
  const byMachine = Map.groupBy(staying, ({ placement }) => placement.machine);
  const own = (await store.list('machine')).map(({ value }) => value).filter(({ provider }) => provider === name);
  const carrying = own.filter(({ token, state }) => byMachine.has(token) && hasBeenThere(state.phase));
  const dead = carrying.filter(({ state }) => state.phase !== 'ready');
  const deadNodes = dead.reduce((sum, { token }) => sum + (byMachine.get(token)?.length ?? 0), 0);
  const percent = definition.repairUpToPercent ?? percentDefault;
  const isTooMuch =
    dead.length >= leastMachines && deadNodes >= leastNodes && dead.length * 100 > carrying.length * percent;
  const words = `${dead.length} of ${carrying.length} machines with nodes are out of reach at once, ${deadNodes} nodes on them`;
  return {
    carrying: new Set(carrying.map(({ token }) => token)),
    view: isTooMuch ? words : null,
  };
}

function hasBeenThere(phase: Machine['state']['phase']): boolean {
  return phase === 'ready' || phase === 'unreachable' || phase === 'lost';
}

async function lookAtBlueprint({ store, memory }: World, blueprint: string): Promise<RepairView> {
  const ready = new Set(
    (await store.list('machine')).flatMap(({ key, value }) => (value.state.phase === 'ready' ? [key] : [])),
  );
  const nodes = (await store.list('node', { blueprint })).map(({ value }) => value);
  const should = nodes.filter((node) => isUp(node) && ready.has(node.placement.machine));
  const silent = should.filter(({ id }) => memory.silentSince.has(id));
  const isTooMuch = silent.length >= leastNodes && silent.length * 100 > should.length * percentDefault;
  const words = `${silent.length} of ${should.length} nodes live, and do not answer`;
  return { carrying: ready, view: isTooMuch ? words : null };
}

function isUp({ desired, state }: Node): boolean {
  return desired === 'running' && (state.phase === 'running' || state.phase === 'started');
}

/** Brakes of repairs that are on record: the keys of their loop. */
export async function repairBrakes({ store }: World): Promise<readonly string[]> {
  return (await store.list('alarm')).filter(({ value }) => value.brake === 'repair').map(({ key }) => key);
}

/** One look at a brake that holds, or was released: it goes when the view has recovered. */
export async function reviewRepairBrake(world: World, key: string): Promise<Outcome> {
  const alarm = (await world.store.get('alarm', key))?.value;
  if (alarm?.brake !== 'repair') return done;
  if ((await presentView(world, alarm.about, alarm.name)) !== null) return again(reviewMs, alarm.words);
  await withdraw(world, alarm, 'the view has recovered: what is dead is repaired again');
  await wakeHeld(world, alarm.about, alarm.name);
  return done;
}

async function presentView(world: World, about: 'provider' | 'blueprint', name: string): Promise<string | null> {
  if (about === 'blueprint') return (await viewOfBlueprint(world, name)).view;
  const provider = await world.store.get('provider', name);
  return provider === undefined ? null : (await viewOfProvider(world, provider.value)).view;
}

/** Whoever waits for the brake looks again. */
async function wakeHeld(world: World, about: 'provider' | 'blueprint', name: string): Promise<void> {
  if (about === 'blueprint') {
    for (const { key } of await world.store.list('node', { blueprint: name })) world.wake.node(key);
    return;
  }
  for (const { key, value } of await world.store.list('machine')) if (value.provider === name) world.wake.machine(key);
}
