/**
 * The last resort for a provider that is gone for good: what is on record there goes off it, asking nobody, and what may
 * still be there is written down.
 */
import type { Change } from '../../store/store.ts';
import type { World } from '../world.ts';
import { leftoverWords, machineLeft, nodeLeft } from './leftovers.ts';

/** Forgets a provider's machines and the nodes on them; answers what may be left, a sentence each. */
export async function forgetMachines(world: World, provider: string, by: string): Promise<readonly string[]> {
  const { store } = world;
  const why = `forgotten with its provider, as ${by} asked: nobody was asked to end it`;
  const machines = (await store.list('machine')).filter(({ value }) => value.provider === provider);
  const byToken = new Map(machines.map(({ key, value }) => [key, value]));
  const nodes = (await store.list('node')).filter(({ value }) => byToken.has(value.placement.machine));
  const gone: Change[] = [
    ...nodes.map(({ key, version }): Change => ({ remove: 'node', key, expect: version })),
    ...machines.map(({ key, version }): Change => ({ remove: 'machine', key, expect: version })),
  ];
  const left = [
    ...machines.map(({ value }) => machineLeft(world, value, why, null)),
    ...nodes.flatMap(({ value }) => {
      const machine = byToken.get(value.placement.machine);
      return machine === undefined || machine.access === null ? [] : [nodeLeft(world, value, machine, why)];
    }),
  ];
  const words = left.map(({ value }) => leftoverWords(value));
  if (gone.length > 0)
    await store.commit(
      [...gone, ...left],
      left.map(({ value }) => {
        const about = { kind: value.kind, object: value.name, blueprint: value.blueprint };
        return { level: 'warning', ...about, what: 'abandoned', words: leftoverWords(value) } as const;
      }),
    );
  for (const { key } of nodes) world.cluster.forget(key);
  await Promise.all(machines.map(({ key }) => world.hosts.forget(key)));
  for (const { key } of await store.list('blueprint')) world.wake.blueprint(key);
  return words;
}
