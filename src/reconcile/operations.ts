/**
 * Operations on record: what requests began that takes time. Whoever records a wish records its operation in the same
 * commit (I1), which ends those that it overtakes. The others are ended by their loop.
 */
import { timestamp } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/random.ts';
import { blueprintStatus, machinesOf } from '../model/blueprint-status.ts';
import type { EventDraft } from '../model/event.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import { controlPlane, defaultDeadlineMs, familyIn, isAboutNode, kindOf, verdictOf } from '../model/operation.ts';
import type {
  Asked,
  KeptOperation,
  Operation,
  OperationKind,
  OperationState,
  OperationView,
} from '../model/operation.ts';
import { operationTasks } from '../model/operation-tasks.ts';
import type { OperationScene } from '../model/operation-tasks.ts';
import { folded } from '../model/task.ts';
import { linkRecordsOf } from '../store/store.ts';
import type { Change, Store, Versioned } from '../store/store.ts';
import { anew } from './anew.ts';
import { documentOf } from './documents.ts';
import type { World } from './world.ts';

/** Operations that have ended are kept: so many of a blueprint, and so many in all. */
const keptOfBlueprint = 20;
const keptInAll = 500;
const eventsRead = 1_000;

/** An operation that is taken back, and what is said of it. */
export interface Undone {
  readonly record: Versioned<KeptOperation>;
  readonly state: Extract<OperationState, 'failed' | 'cancelled'>;
  readonly words: string;
}

/** What is to be begun. */
export interface Beginning {
  /** by its cause when absent */
  readonly kind?: OperationKind;
  readonly cause: string;
  readonly blueprint: string;
  readonly node?: Operation['node'];
  readonly revision: number;
  readonly former: number;
  readonly asked: Asked;
  readonly undone?: Undone | undefined;
}

/** An operation as it was read. */
export type OperationRecord = Versioned<KeptOperation>;

/** Writes changes together with the operation that stands for them. Faults as the store's. */
export async function commitBegun(
  world: World,
  beginning: Beginning,
  changes: readonly Change[],
  events: readonly EventDraft[],
): Promise<Operation> {
  const operation = await anew(
    (error) => beginning.undone === undefined && isOfOperation(error),
    async () => {
      const begun = await begin(world, beginning);
      await world.store.commit([...changes, ...begun.also], events);
      return begun.operation;
    },
  );
  world.wake.operation(operation.blueprint);
  return operation;
}

/** An operation that ended between our look and our commit is not in the way. */
function isOfOperation(error: unknown): boolean {
  return error instanceof Fault && error.detail.object?.startsWith('operation ') === true;
}

async function begin(
  world: World,
  beginning: Beginning,
): Promise<{ readonly operation: Operation; readonly also: readonly Change[] }> {
  const { clock, random, store } = world;
  const { cause, blueprint, node = null, revision, former, asked, undone } = beginning;
  const operation: KeptOperation = {
    ...{ id: newId(random, 'op'), kind: beginning.kind ?? kindOf(cause), cause, blueprint, family: familyIn(cause) },
    ...{ node, revision, former, by: asked.by, begun: timestamp(clock), ended: null },
    deadline: new Date(clock.now() + (asked.deadlineMs ?? defaultDeadlineMs)).toISOString(),
    ...{ rollBack: asked.rollBack === true, state: 'running', words: '', followedBy: null, tasks: null },
    undoes: undone?.record.key ?? null,
  };
  const known = await store.list('operation');
  const running = known.filter(({ value }) => value.state === 'running' && value.blueprint === blueprint);
  const overtaken = running.filter(({ key, value }) => key === undone?.record.key || overtakes(operation, value));
  const scene = overtaken.length === 0 ? null : await sceneOf(world, blueprint, await statusOf(store, blueprint));
  const ended = overtaken.map((record) => {
    const how = record.key === undone?.record.key ? undone : overtakenBy(operation);
    return endOf(world, record, { ...how, followedBy: operation.id }, scene);
  });
  const put: Change = { put: 'operation', key: operation.id, value: operation, expect: 0 };
  return { operation, also: [put, ...ended, ...outdated(known, blueprint)] };
}

/** Whether one stands in another's place from now on. */
function overtakes(operation: Operation, other: Operation): boolean {
  if (operation.kind === 'destroy') return true;
  const isSameNode = operation.node !== null && operation.node.id === other.node?.id;
  // the end of one node says nothing of that of another: many are ended by one request
  if (operation.kind === 'node terminate' && other.kind === 'node terminate') return isSameNode;
  if (isAboutNode(operation)) return isAboutNode(other) && isSameNode;
  return !isAboutNode(other) || isSameNode;
}

/** A change that the control plane itself takes back has failed. */
function overtakenBy({ kind, by, cause }: Operation): { state: 'failed' | 'superseded'; words: string } {
  const isFailure = kind === 'roll back' && by === controlPlane;
  return isFailure ? { state: 'failed', words: cause } : { state: 'superseded', words: `by: ${cause}` };
}

/** Those that ended longest ago. */
function outdated(known: readonly OperationRecord[], blueprint: string): Change[] {
  const byAge = known
    .filter(({ value }) => value.ended !== null)
    .sort((a, b) => (a.value.begun < b.value.begun ? 1 : -1));
  const own = byAge.filter(({ value }) => value.blueprint === blueprint).slice(keptOfBlueprint);
  const old = new Set([...own, ...byAge.slice(keptInAll)]);
  return [...old].map(({ key }) => ({ remove: 'operation', key, expect: null }));
}

/** How an operation ends. */
export interface Ending extends Pick<Operation, 'state' | 'words'> {
  readonly followedBy?: string | null;
}

/** Ends an operation, and keeps its tasks as the scene shows them. */
export function endOf(
  { clock }: World,
  { key, version, value }: OperationRecord,
  { state, words, followedBy = null }: Ending,
  scene: OperationScene | null,
): Change {
  const over: KeptOperation = { ...value, state, words, followedBy, ended: timestamp(clock) };
  const tasks = scene === null ? null : folded(operationTasks(over, scene));
  return { put: 'operation', key, value: { ...over, tasks }, expect: version };
}

/** What ends the running operations of a blueprint that is no more: to be written with the end of its records; `account` says what is left. */
export async function endOfAll(world: World, blueprint: string, account: string): Promise<Change[]> {
  const running = await runningOf(world.store, blueprint);
  return running.map((record) => {
    const verdict = verdictOf(record.value, { status: undefined, isPlanned: true });
    const words = record.value.kind === 'destroy' ? account : verdict.words;
    return endOf(world, record, { ...verdict, words }, null);
  });
}

/** The operations of a blueprint that have not ended. */
export async function runningOf(store: Store, blueprint: string): Promise<OperationRecord[]> {
  return (await store.list('operation', { blueprint })).filter(({ value }) => value.state === 'running');
}

/** An operation with its tasks: as they are now, or as they were at its end. Fault not-found. */
export async function operationView(world: World, id: string): Promise<OperationView> {
  const record = await world.store.get('operation', id);
  if (record === undefined)
    throw new Fault('not-found', `there is no operation ${id}`, { object: `operation ${id}`, next: 'wombat op list' });
  const { tasks: kept, ...operation } = record.value;
  if (operation.state !== 'running') return { operation, tasks: kept ?? operationTasks(operation, nothing) };
  const { blueprint } = operation;
  const scene = await sceneOf(world, blueprint, await statusOf(world.store, blueprint));
  const current = { ...operation, words: verdictOf(operation, { ...scene, isPlanned: true }).words };
  return { operation: current, tasks: operationTasks(current, scene) };
}

const nothing: OperationScene = {
  status: undefined,
  rollouts: [],
  runs: [],
  events: [],
  why: () => null,
};

/** Everything from which one sees how far the operations of a blueprint are, besides its status. */
export async function sceneOf(
  { store, why }: World,
  blueprint: string,
  status: BlueprintStatus | undefined,
): Promise<OperationScene> {
  const rollouts = await store.list('rollout', { blueprint });
  const runs = await store.list('run', { blueprint });
  const events = await store.recentEvents({ blueprint, limit: eventsRead });
  return { status, rollouts: rollouts.map(({ value }) => value), runs: runs.map(({ value }) => value), events, why };
}

/** The status of a blueprint, by which its operations are judged; undefined when it is gone. */
export async function statusOf(store: Store, blueprint: string): Promise<BlueprintStatus | undefined> {
  const head = (await store.get('blueprint', blueprint))?.value;
  const document = await documentOf(store, blueprint);
  if (head === undefined || document === undefined) return undefined;
  const values = async <K extends 'machine' | 'provider' | 'release'>(kind: K) =>
    (await store.list(kind)).map(({ value }) => value);
  const nodes = (await store.list('node', { blueprint })).map(({ value }) => value);
  const machines = machinesOf(blueprint, nodes, await values('machine'), await values('provider'));
  const proof = (await store.get('proof', blueprint))?.value ?? null;
  const rollouts = (await store.list('rollout', { blueprint })).map(({ value }) => value);
  const quarantine = (await store.list('quarantine', { blueprint })).map(({ value }) => value);
  const releases = await values('release');
  const links = await linkRecordsOf(store, document, nodes);
  return blueprintStatus({ head, document, nodes, machines, proof, releases, rollouts, quarantine, links });
}
