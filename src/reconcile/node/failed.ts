/** A node that could not be started, or has died: its last words are kept, and it is tried again after a pause. */
import { backoffMs } from '../../base/backoff.ts';
import { again } from '../../base/outcome.ts';
import { wordsOf } from '../../base/fault.ts';
import { isOutlivedEnded } from './outlived.ts';
import { become, elapsedMs, hostOf, nodeEvent, now } from './stage.ts';
import type { AnyPass, Stage, StageOutcome } from './stage.ts';

const pauses = { firstMs: 1_000, longestMs: 60_000 };
const lastLines = 20;

/** What a failure makes of the node: its last lines are read, what may still run is ended, the next try is set. */
export async function fail(pass: AnyPass, why: string, log?: readonly string[]): Promise<StageOutcome> {
  const { world, node } = pass;
  const lines = log ?? (await readLog(pass));
  await endLeftover(pass);
  world.cluster.forget(node.id);
  world.hosts.freeStartSlot(node.placement.machine, node.id);
  const failures = node.failures + 1;
  const retryAt = new Date(world.clock.now() + backoffMs(pauses, failures, world.random)).toISOString();
  const words = lines.length === 0 ? why : `${why}; it wrote last: ${lines.slice(-3).join(' | ')}`;
  return {
    outcome: 'become',
    node: { ...node, failures, state: { phase: 'failed', since: now(pass), why, log: [...lines], retryAt } },
    event: nodeEvent(node, { level: 'error', what: 'failed', words }),
  };
}

async function readLog(pass: AnyPass): Promise<readonly string[]> {
  try {
    return (await (await hostOf(pass))?.logs(pass.node.id, lastLines, pass.signal)) ?? [];
  } catch (error) {
    return [`(its log could not be read: ${wordsOf(error)})`];
  }
}

async function endLeftover(pass: AnyPass): Promise<void> {
  try {
    await (await hostOf(pass))?.end(pass.node.id, 1_000, pass.signal);
  } catch (error) {
    pass.world.log.warn(
      { node: pass.node.name, error: wordsOf(error) },
      'a failed node may still run; its next start will find it',
    );
  }
}

/** Waits for the next try. */
export const failed: Stage<'failed'> = async (pass) => {
  const { since, retryAt } = pass.node.state;
  const waitMs = Date.parse(retryAt) - Date.parse(since) - elapsedMs(pass, since);
  if (waitMs > 0) return again(waitMs, 'a failed node is tried again after a pause');
  if (!(await isOutlivedEnded(pass))) return again(1_000, 'its former process does not end');
  return become(
    pass,
    { phase: 'installing', since: now(pass) },
    { what: 'retried', words: `try ${pass.node.failures + 1}` },
  );
};
