/**
 * The loop of operations, one key a blueprint: those that a snapshot of the records shows to be done have succeeded, those
 * whose deadline has passed have failed. Level-triggered and without memory: a restart goes on with them.
 */
import { Fault, wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { EventDraft } from '../model/event.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import { controlPlane, verdictOf } from '../model/operation.ts';
import type { Operation } from '../model/operation.ts';
import type { OperationScene } from '../model/operation-tasks.ts';
import type { Store } from '../store/store.ts';
import { elapsedSince } from './elapsed.ts';
import { endOf, runningOf, sceneOf, statusOf } from './operations.ts';
import type { OperationRecord } from './operations.ts';
import { takeBack } from './take-back.ts';
import type { World } from './world.ts';

/**
 * Snapshots of running operations are taken no more often, and all together take no more than a twentieth of the time: an
 * end is seen by the proof that makes it one.
 */
const shortestPauseMs = 500;
const longestPauseMs = 60_000;
const pauseFactor = 20;

/** Blueprints with running operations: the keys of the loop. */
export async function operationKeys(store: Store): Promise<readonly string[]> {
  const running = (await store.list('operation')).filter(({ value }) => value.state === 'running');
  return [...new Set(running.map(({ value }) => value.blueprint))];
}

/** One pass over the operations of a blueprint: those that have come to something are ended. */
export async function reconcileOperations(world: World, blueprint: string, signal: AbortSignal): Promise<Outcome> {
  const startedMs = world.clock.monotonic();
  const running = await runningOf(world.store, blueprint);
  if (running.length === 0) return done;
  const status = await statusOf(world.store, blueprint);
  let left = 0;
  for (const record of running) {
    if (signal.aborted) throw signal.reason as Error;
    if (!(await settled(world, record, status))) left += 1;
  }
  if (left === 0) return done;
  const tookMs = world.clock.monotonic() - startedMs;
  const shares = tookMs < 1 ? 1 : (await operationKeys(world.store)).length;
  const pauseMs = Math.min(longestPauseMs, Math.max(shortestPauseMs, tookMs * pauseFactor * shares));
  return again(pauseMs, `${left} operations are under way`);
}

/** Ends an operation if there is reason to; what its tasks are told from is read only then. */
async function settled(world: World, record: OperationRecord, status: BlueprintStatus | undefined): Promise<boolean> {
  const { value: operation } = record;
  const { memory, store } = world;
  const planned = memory.planned.get(operation.blueprint);
  const isPlanned = planned?.over === true && planned.revision >= operation.revision;
  const verdict = verdictOf(operation, { status, isPlanned });
  const isLate = verdict.state === 'running' && isPast(world, operation);
  if (verdict.state === 'running' && !isLate) return false;
  const scene = await sceneOf(world, operation.blueprint, status);
  if (isLate) return tooLate(world, record, verdict.words, scene);
  const events = verdict.state === 'failed' ? [failedEvent(operation, verdict.words)] : [];
  await store.commit([endOf(world, record, verdict, scene)], events);
  return true;
}

/** Whether its time is up, whatever became of the wall clock. */
function isPast(world: World, operation: Operation): boolean {
  return elapsedSince(world, operation.id, operation.begun) >= allowedMs(operation);
}

function allowedMs({ begun, deadline }: Operation): number {
  return Date.parse(deadline) - Date.parse(begun);
}

/** The deadline has passed: it has failed, with the words for where it is, and is taken back where that was asked for. */
async function tooLate(
  world: World,
  record: OperationRecord,
  reached: string,
  scene: OperationScene,
): Promise<boolean> {
  const { value: operation } = record;
  const seconds = Math.round(allowedMs(operation) / 1_000);
  const words = `not done within ${seconds} s: ${reached}`;
  const trouble = operation.rollBack ? await notTakenBack(world, record, words) : null;
  if (operation.rollBack && trouble === null) return true;
  const told = trouble === null ? words : `${words}; it could not be taken back: ${trouble}`;
  const ending = { state: 'failed', words: told } as const;
  await world.store.commit([endOf(world, record, ending, scene)], [failedEvent(operation, told)]);
  return true;
}

/** Takes it back, or says why that cannot be; what was written meanwhile is no reason: the next pass tries again. */
async function notTakenBack(world: World, record: OperationRecord, words: string): Promise<string | null> {
  try {
    await takeBack(world, { record, state: 'failed', words }, controlPlane);
    return null;
  } catch (error) {
    const isLasting = error instanceof Fault && (error.code === 'not-found' || error.code === 'invalid');
    if (!isLasting) throw error;
    return wordsOf(error);
  }
}

function failedEvent({ id, cause, blueprint }: Operation, words: string): EventDraft {
  const told = { level: 'error', kind: 'operation', what: 'failed' } as const;
  return { ...told, object: id, blueprint, words: `${cause}: ${words}` };
}
