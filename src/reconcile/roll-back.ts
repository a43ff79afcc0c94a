/**
 * A former revision adopted again, as the next one: what people and the control plane itself undo a change by. It is not
 * planned for first: the loops plan from the facts as they are, and what finds no place is told as with any revision.
 */
import { timestamp } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { checkReferences } from '../model/check-references.ts';
import { withFormer } from '../model/roll-back.ts';
import type { RollBack } from '../model/roll-back.ts';
import type { Head } from '../model/head.ts';
import type { Change, Store, Versioned } from '../store/store.ts';
import { declared, makeCookies } from './adopt.ts';
import { revisionKey } from './documents.ts';
import { wakeAll } from './wake-all.ts';
import type { World } from './world.ts';

/**
 * Makes a former revision the current one again and returns the number that it has now. Faults: not-found (no such
 * blueprint or revision), conflict (it is being destroyed, or was changed meanwhile).
 */
export async function rollBack(world: World, wish: RollBack): Promise<number> {
  const head = await headToChange(world.store, wish.blueprint);
  const number = head.value.revision + 1;
  const to = wish.to ?? head.value.revision - 1;
  const document = await formerDocument(world.store, wish, head.value.revision, to);
  await makeCookies(world, document);
  const cause = `rolled back to revision ${to} by ${wish.by}: ${wish.why}`;
  const revision = { blueprint: wish.blueprint, number, document, createdAt: timestamp(world.clock), cause };
  const changes: Change[] = [
    { put: 'blueprint', key: head.key, value: { ...head.value, revision: number, stuck: null }, expect: head.version },
    { put: 'revision', key: revisionKey(wish.blueprint, number), value: revision, expect: 0 },
    ...(await declared(world, document)),
  ];
  const about = { kind: 'blueprint', object: wish.blueprint, blueprint: wish.blueprint };
  await world.store.commit(changes, [
    { level: 'warning', ...about, what: 'rolled back', words: `revision ${number}: ${cause}` },
  ]);
  world.offers.forget();
  wakeAll(world, changes);
  world.wake.blueprint(wish.blueprint);
  world.wake.component(wish.blueprint);
  return number;
}

async function headToChange(store: Store, blueprint: string): Promise<Versioned<Head>> {
  const object = `blueprint ${blueprint}`;
  const head = await store.get('blueprint', blueprint);
  if (head === undefined) throw new Fault('not-found', `there is no ${object}`, { object, next: 'wombat status' });
  if (head.value.destroying)
    throw new Fault('conflict', `${object} is being destroyed`, { object, next: `wombat status ${blueprint}` });
  return head;
}

/** What is to be in force: the former document, or the present one with some families as they were. */
async function formerDocument(
  store: Store,
  { blueprint, families }: RollBack,
  present: number,
  to: number,
): Promise<BlueprintDocument> {
  const former = (await store.get('revision', revisionKey(blueprint, to)))?.value.document;
  if (former === undefined)
    throw new Fault('not-found', `blueprint ${blueprint} has no revision ${to} to return to`, {
      object: `blueprint ${blueprint}`,
      next: `apply what it should be: wombat export ${blueprint} shows what it is`,
    });
  const document = (await store.get('revision', revisionKey(blueprint, present)))?.value.document;
  if (families === undefined || document === undefined) return former;
  const mixed = withFormer(document, former, families);
  return (await isWhole(store, mixed)) ? mixed : former;
}

/** Whether nothing that the document speaks of is missing: families may have had links that are no more. */
async function isWhole(store: Store, document: BlueprintDocument): Promise<boolean> {
  const [providers, domains] = [await store.list('provider'), await store.list('domain')];
  const known = { providers: providers.map(({ value }) => value), domains: domains.map(({ value }) => value) };
  return checkReferences(document, known).length === 0;
}
