/**
 * The loop of a blueprint: plans again from the facts as they are and writes what the plan says as intents. What it
 * finds to do is drift: a machine lost, a node given up, a change that waited for its turn, a destroy that goes on.
 */
import { timestamp } from '../base/clock.ts';
import { again, done, stuck } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Head } from '../model/head.ts';
import type { Facts, Planned } from '../model/plan.ts';
import { lackIn } from '../model/shortage.ts';
import { specificationsOf } from '../plan/plan.ts';
import type { Change, Store, Versioned } from '../store/store.ts';
import { destroyBlueprint } from './destroy.ts';
import { elapsedSince } from './elapsed.ts';
import { documentOf } from './documents.ts';
import { gatherFacts } from './facts.ts';
import { intentsOf } from './intents.ts';
import type { IntentContext, Intents } from './intents.ts';
import { isSameGround, planGround } from './plan-ground.ts';
import { rolloutsOf } from './rollout/records.ts';
import { wakeAll } from './wake-all.ts';
import type { World } from './world.ts';

const offerAgeMs = 20_000;
const heldMs = 1_000;
const shortageMs = 15_000;

/** One pass over a blueprint. */
export async function reconcileBlueprint(world: World, name: string, signal: AbortSignal): Promise<Outcome> {
  const head = await world.store.get('blueprint', name);
  if (head === undefined) return done;
  const document = await documentOf(world.store, name);
  if (document === undefined) return stuck(`revision ${head.value.revision} of ${name} is not in the store`);
  if (head.value.destroying) return destroyBlueprint(world, head, signal);
  const pass = { revision: head.value.revision, over: false };
  world.memory.planned.set(name, pass);
  const ground = await planGround(world, head, document, offerAgeMs);
  if (isSameGround(world.memory.idleOn.get(name), ground)) {
    pass.over = true;
    return done;
  }
  world.memory.idleOn.delete(name);
  const facts = await gatherFacts(world, document, offerAgeMs);
  const planned = await world.planner.plan({ document, head: head.value, facts, seed: world.random.below(2 ** 32) });
  const intents = intentsOf(planned.steps, await intentContext(world, document, head.value.revision, facts));
  await adopt(world, head, planned, intents);
  if (intents.held === 0 && intents.changes.length === 0) await giveUpMoves(world, head.value, facts);
  if (planned.report.shortages.length > 0) return again(shortageMs, 'not every node has a place');
  pass.over = intents.held === 0;
  if (planned.steps.length === 0) world.memory.idleOn.set(name, ground);
  return intents.held > 0 ? again(heldMs, `${intents.held} changes wait for their turn`) : done;
}

/** Moves for which there is no room, and nobody goes who would make some: their nodes stay where they are. */
async function giveUpMoves(world: World, { name, revision }: Head, { nodes }: Facts): Promise<void> {
  const mine = nodes.filter(({ blueprint }) => blueprint === name);
  if (mine.some(({ desired }) => desired === 'removed')) return;
  for (const { id } of mine.filter(({ move }) => move?.revision === revision)) {
    const record = await world.store.get('node', id);
    if (record?.value.move === undefined) continue;
    const { move: _, ...node } = record.value;
    const words = 'there is no room for it where it was to go';
    await world.store.commit(
      [{ put: 'node', key: id, value: node, expect: record.version }],
      [{ level: 'warning', kind: 'node', object: node.name, blueprint: name, what: 'stays', words }],
    );
  }
}

/** What intents are made from, read now. */
export async function intentContext(
  world: World,
  document: BlueprintDocument,
  revision: number,
  facts: Facts,
): Promise<IntentContext> {
  const byKey = <V>(records: readonly Versioned<V>[]) => new Map(records.map((record) => [record.key, record]));
  return {
    document,
    revision,
    facts,
    targets: specificationsOf(document, facts.releases),
    rollouts: await rolloutsOf(world.store, document.name),
    nodes: byKey(await world.store.list('node', { blueprint: document.name })),
    machines: byKey(await world.store.list('machine')),
    at: timestamp(world.clock),
    inStateMs: ({ id, state }) => ('since' in state ? elapsedSince(world, id, state.since) : 0),
  };
}

/** What keeps nodes from being placed, for the record; null when nothing does. */
function stuckOf(report: Planned['report']): Head['stuck'] {
  const lack = lackIn(report);
  return lack === null ? null : { code: lack.code, why: lack.why };
}

/** Writes the intents against the head as it was read; nothing when there is nothing new to write. */
async function adopt(world: World, head: Versioned<Head>, planned: Planned, intents: Intents): Promise<void> {
  const shortage = stuckOf(planned.report);
  const isNews = JSON.stringify(shortage) !== JSON.stringify(head.value.stuck);
  if (intents.changes.length === 0 && !isNews) return;
  const { name } = head.value;
  const events = isNews && shortage !== null ? [...intents.events, shortageEvent(name, shortage.why)] : intents.events;
  await world.store.commit([headChange(head, intents, shortage), ...intents.changes], events);
  world.offers.forget();
  wakeAll(world, intents.changes);
}

/** The head with the ordinals that were given out. */
export function headChange(
  head: Versioned<Head>,
  intents: Pick<Intents, 'nextOrdinal'>,
  stuckBy: Head['stuck'],
): Change {
  const nextOrdinal = { ...head.value.nextOrdinal, ...intents.nextOrdinal };
  return {
    put: 'blueprint',
    key: head.key,
    value: { ...head.value, nextOrdinal, stuck: stuckBy },
    expect: head.version,
  };
}

function shortageEvent(name: string, why: string) {
  return {
    level: 'error' as const,
    kind: 'blueprint',
    object: name,
    blueprint: name,
    what: 'short of places',
    words: why,
  };
}

/** Every blueprint there is. */
export async function blueprintNames(store: Store): Promise<string[]> {
  return (await store.list('blueprint')).map((record) => record.key);
}
