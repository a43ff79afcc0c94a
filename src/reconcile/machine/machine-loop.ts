/** The life of one machine: a row of stages, one a phase, written by compare-and-set. */
import { done, stuck } from '../../base/outcome.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { Machine, MachinePhase } from '../../model/machine.ts';
import type { Versioned } from '../../store/store.ts';
import { nodesOn } from '../nodes-on.ts';
import { providerOf } from '../providers.ts';
import type { World } from '../world.ts';
import { booting } from './booting.ts';
import { destroying } from './destroying.ts';
import { lost, ready, unreachable } from './ready.ts';
import type { AnyMachinePass, MachineOutcome, MachineStage } from './stage.ts';
import { wanted } from './wanted.ts';

const stages: { readonly [P in MachinePhase['phase']]: MachineStage<P> } = {
  wanted,
  booting,
  ready,
  unreachable,
  lost,
  destroying,
};

/** One pass over a machine: as many stages as it can go without waiting. */
export async function reconcileMachine(world: World, token: string, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    const record = await world.store.get('machine', token);
    if (record === undefined) return done;
    const pass = await passOf(world, record.value, signal);
    if (pass === undefined) return stuck(`provider ${record.value.provider} is not registered any more`);
    const stage = stages[record.value.state.phase] as MachineStage<MachinePhase['phase']>;
    const result = await stage(pass);
    if (result.outcome !== 'become' && result.outcome !== 'vanish') return result;
    await write(world, record, result);
    if (result.outcome === 'vanish') return done;
  }
}

async function passOf(world: World, machine: Machine, signal: AbortSignal): Promise<AnyMachinePass | undefined> {
  const known = await providerOf(world.store, machine.provider);
  const domain = known?.domains.find((one) => one.name === machine.domain);
  if (known === undefined || domain === undefined) return undefined;
  return {
    world,
    machine,
    provider: known.provider,
    domain,
    cloud: world.offers.cloud(known.provider, known.domains),
    signal,
  };
}

async function write(
  world: World,
  record: Versioned<Machine>,
  result: Extract<MachineOutcome, { outcome: 'become' | 'vanish' }>,
): Promise<void> {
  const events = result.event === null ? [] : [result.event];
  const { token } = record.value;
  if (result.outcome === 'vanish')
    await world.store.commit(
      [{ remove: 'machine', key: token, expect: record.version }, ...(result.also ?? [])],
      events,
    );
  else
    await world.store.commit([{ put: 'machine', key: token, value: result.machine, expect: record.version }], events);
  world.offers.forget();
  await wakeConcerned(world, token);
}

/** Nodes of the machine wait for it; their blueprints may have to place them elsewhere. */
async function wakeConcerned(world: World, token: string): Promise<void> {
  const blueprints = new Set<string>();
  for (const { value } of await nodesOn(world.store, token)) {
    world.wake.node(value.id);
    blueprints.add(value.blueprint);
  }
  if (blueprints.size === 0) (await world.store.list('blueprint')).forEach((head) => blueprints.add(head.key));
  blueprints.forEach((name) => world.wake.blueprint(name));
}
