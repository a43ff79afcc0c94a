/**
 * A former revision adopted again, as the next one: what people and the control plane itself undo a change by. It is not
 * planned for first: the loops plan from the facts as they are, and what finds no place is told as with any revision.
 */
import { timestamp } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { EventDraft } from '../model/event.ts';
import { checkReferences } from '../model/check-references.ts';
import { withFormer } from '../model/roll-back.ts';
import type { RollBack } from '../model/roll-back.ts';
import type { Head } from '../model/head.ts';
import type { Node } from '../model/node.ts';
import type { Operation } from '../model/operation.ts';
import { isUnderWay, rolloutKey } from '../model/rollout.ts';
import type { Rollout } from '../model/rollout.ts';
import { isSameSpecification, specificationsOf } from '../plan/plan.ts';
import type { Change, Store, Versioned } from '../store/store.ts';
import { declared, makeCookies } from './adopt.ts';
import { revisionKey } from './documents.ts';
import { releasesOf } from './facts.ts';
import { commitBegun } from './operations.ts';
import type { Undone } from './operations.ts';
import { doubtfulOf } from './rollout/begin.ts';
import { rolloutsOf, versionOf } from './rollout/records.ts';
import { wakeAll } from './wake-all.ts';
import type { World } from './world.ts';

/** The version for whose failure all of it is done, and what is to be written with it. */
export interface FailedVersion {
  readonly family: string;
  readonly version: string;
  readonly changes: readonly Change[];
  readonly events: readonly EventDraft[];
}

/** Why a former revision is to be in force again, besides what people are told. */
export interface Because {
  readonly failed?: FailedVersion | undefined;
  readonly undone?: Undone | undefined;
}

/**
 * Makes a former revision the current one again; returns the operation that this begins. With `undone`, the operation that
 * is taken back ends in the same commit, what it wanted gone and still runs stays, and a destroy is called off. Faults:
 * not-found (no such blueprint or revision), conflict (it is being destroyed, or was changed meanwhile), invalid (a release
 * that it had is not there any more, or a family that failed would not change by it).
 */
export async function rollBack(world: World, wish: RollBack, because: Because = {}): Promise<Operation> {
  const { failed, undone } = because;
  const head = await headToChange(world.store, wish.blueprint, undone?.record.value.kind === 'destroy');
  const number = head.value.revision + 1;
  const to = wish.to ?? head.value.revision - 1;
  const document = await formerDocument(world.store, wish, head.value.revision, to);
  const returning = await returnsOf(world, document, { wish, to, head: head.value.revision });
  if (failed !== undefined) refuseSame(returning, failed, to);
  await makeCookies(world, document);
  const cause = `rolled back to revision ${to} by ${wish.by}: ${wish.why}`;
  const createdAt = timestamp(world.clock);
  const revision = { blueprint: wish.blueprint, number, document, createdAt, cause, by: wish.by };
  const changes: Change[] = [
    headAt(head, number),
    { put: 'revision', key: revisionKey(wish.blueprint, number), value: revision, expect: 0 },
    ...(await declared(world, document)),
    ...returning.map((value): Change => ({ put: 'rollout', key: rolloutKey(value), value, expect: null })),
    ...(failed?.changes ?? []),
    ...(undone === undefined ? [] : await staying(world.store, wish.blueprint)),
  ];
  const about = { kind: 'blueprint', object: wish.blueprint, blueprint: wish.blueprint };
  const operation = await commitBegun(
    world,
    {
      ...{ kind: 'roll back', cause, blueprint: wish.blueprint, revision: number, former: head.value.revision },
      ...{ asked: { by: wish.by }, undone },
    },
    changes,
    [
      ...(failed?.events ?? []),
      { level: 'warning', ...about, what: 'rolling back', words: `revision ${number}: ${cause}` },
    ],
  );
  world.offers.forget();
  wakeAll(world, changes);
  world.wake.blueprint(wish.blueprint);
  world.wake.component(wish.blueprint);
  return operation;
}

interface Way {
  readonly wish: RollBack;
  readonly to: number;
  /** the revision in force */
  readonly head: number;
}

/** The rollouts by which families go back: those whose nodes, or whose rollout under way, have another version. */
async function returnsOf(world: World, document: BlueprintDocument, { wish, to, head }: Way): Promise<Rollout[]> {
  const { blueprint, why } = wish;
  const targets = specificationsOf(document, await releasesOf(world.store, document));
  const rollouts = await rolloutsOf(world.store, blueprint);
  const nodes = (await world.store.list('node', { blueprint })).map(({ value }) => value);
  const at = timestamp(world.clock);
  return [...targets].flatMap(([family, target]): Rollout[] => {
    const [known, version] = [rollouts.get(family), versionOf(document, family, target)];
    const mine = nodes.filter((node) => node.family === family && node.desired === 'running');
    const isBehind = mine.some((node) => !isSameSpecification(node.specification, target));
    const isOpen = known !== undefined && (isUnderWay(known) || known.state === 'stopped');
    if (!isBehind && !(isOpen && known.version !== version)) return [];
    const common = { blueprint, family, version, former: to, why, returned: head + 1, endedAt: null, nodes: {} };
    const had = isOpen
      ? { revision: known.revision, startedAt: known.startedAt, doubtful: doubtfulOf(known) }
      : { revision: head, startedAt: at, doubtful: [] };
    return [{ ...common, ...had, state: 'rolling back' }];
  });
}

/** There is no going back from a version to itself. */
function refuseSame(returning: readonly Rollout[], { family, version }: FailedVersion, to: number): void {
  const back = returning.find((one) => one.family === family);
  if (back !== undefined && back.version !== version) return;
  throw new Fault('invalid', `revision ${to} has the same version of ${family}`, { object: `family ${family}` });
}

function headAt({ key, value, version }: Versioned<Head>, revision: number): Change {
  const { forgetting: _, ...head } = value;
  return { put: 'blueprint', key, value: { ...head, revision, stuck: null, destroying: false }, expect: version };
}

/** Nodes that were to go and have not begun to: the next plan decides of them anew. */
async function staying(store: Store, blueprint: string): Promise<Change[]> {
  const nodes = await store.list('node', { blueprint });
  const saved = nodes.filter(({ value }) => value.desired === 'removed' && !isEnding(value));
  return saved.map(({ key, value, version }) => ({
    put: 'node',
    key,
    value: { ...value, desired: 'running' },
    expect: version,
  }));
}

function isEnding({ state }: Node): boolean {
  return ['stopping', 'stopped', 'removing'].includes(state.phase);
}

async function headToChange(store: Store, blueprint: string, isCalledOff: boolean): Promise<Versioned<Head>> {
  const object = `blueprint ${blueprint}`;
  const head = await store.get('blueprint', blueprint);
  if (head === undefined) throw new Fault('not-found', `there is no ${object}`, { object, next: 'wombat status' });
  if (head.value.destroying && !isCalledOff)
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
