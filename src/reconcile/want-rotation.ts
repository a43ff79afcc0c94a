/** What people ask to be replaced: the wish is recorded, the loops do the rest. */
import { timestamp } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { CookieRotation } from '../model/rotation.ts';
import { cookieSecretName } from '../model/secret.ts';
import type { Change } from '../store/store.ts';
import { cookieEvent } from './cookie-rotation.ts';
import type { World } from './world.ts';

/**
 * Has the cookies of a blueprint's components replaced, or that of one family's component. Where that is under way already,
 * it goes on. Faults: not-found; conflict while the blueprint is being destroyed.
 */
export async function wantRotation(
  world: World,
  blueprint: string,
  family: string | null,
): Promise<readonly CookieRotation[]> {
  const { store } = world;
  const wanted: CookieRotation[] = [];
  for (const component of await componentsOf(world, blueprint, family)) {
    const secret = cookieSecretName(blueprint, component);
    const running = (await store.get('rotation', secret))?.value;
    const fresh = { secret, blueprint, component, since: timestamp(world.clock), begun: false, switched: [] };
    wanted.push(running?.what === 'cookie' ? running : { what: 'cookie', ...fresh, words: 'it is about to begin' });
  }
  const begun = wanted.filter(({ begun }) => !begun);
  const changes = begun.map((value): Change => ({ put: 'rotation', key: value.secret, value, expect: null }));
  const events = begun.map((value) => cookieEvent(value, 'cookie rotation', 'as asked'));
  await store.commit(changes, events);
  world.wake.component(blueprint);
  return wanted;
}

/** The components that the blueprint's nodes belong to. */
async function componentsOf({ store }: World, blueprint: string, family: string | null): Promise<readonly string[]> {
  const head = await store.get('blueprint', blueprint);
  if (head === undefined)
    throw new Fault('not-found', `there is no blueprint ${blueprint}`, {
      object: `blueprint ${blueprint}`,
      next: 'wombat status',
    });
  if (head.value.destroying) throw new Fault('conflict', `blueprint ${blueprint} is being destroyed`);
  const nodes = (await store.list('node', { blueprint })).map(({ value }) => value);
  const of = nodes.filter((node) => family === null || node.family === family);
  const found = [...new Set(of.map(({ specification }) => specification.component))].sort();
  if (found.length > 0) return found;
  const what = family === null ? `blueprint ${blueprint}` : `family ${family} of ${blueprint}`;
  throw new Fault('not-found', `${what} has no nodes, and so no cookie to replace`, { object: what });
}
