/**
 * What a plan rests on, to be compared with what the last one rested on: a plan that found nothing to do finds nothing again
 * while all of that is the same, and need not be made. Records are compared by the lists that the store answered, which
 * are other ones after a change; a store that does not keep its lists answers others each time, and is planned for each time.
 * What machines are doing at the moment is left out: it speaks for new nodes only.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Head } from '../model/head.ts';
import type { Versioned } from '../store/store.ts';
import { placesOf } from './providers.ts';
import type { World } from './world.ts';

/** Lists and texts in a fixed order. */
export type PlanGround = readonly unknown[];

/** Kinds of records that plans are made from, or that say what becomes of their steps. */
const kinds = ['node', 'machine', 'release', 'blueprint', 'provider', 'domain', 'rollout', 'quarantine'] as const;

/** What a plan for the blueprint rests on now; offers are not older than `maxAgeMs`. */
export async function planGround(
  world: World,
  head: Versioned<Head>,
  document: BlueprintDocument,
  maxAgeMs: number,
): Promise<PlanGround> {
  const lists = await Promise.all(kinds.map((kind) => world.store.list(kind)));
  const places = await placesOf(world.store, document);
  const sheets = await Promise.all(
    places.map(({ provider, domains }) => world.offers.ask(provider, domains, maxAgeMs)),
  );
  const offers = world.offers.judged(sheets.flatMap((sheet) => sheet.offers));
  const sold = JSON.stringify([sheets.map(({ provider, fault }) => [provider, fault]), offers]);
  return [...lists, head.version, document, sold];
}

/** Whether both are the very same. */
export function isSameGround(one: PlanGround | undefined, other: PlanGround): boolean {
  return one !== undefined && other.every((part, at) => part === one[at]);
}
