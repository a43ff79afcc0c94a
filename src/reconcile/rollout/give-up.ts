/**
 * What becomes of a version that has failed: it is put into quarantine, and its family goes back to the former version,
 * or stays as it is where its policy says so or there is nothing to go back to. One commit, so that nobody sees half.
 */
import { timestamp } from '../../base/clock.ts';
import { Fault, wordsOf } from '../../base/fault.ts';
import type { EventDraft } from '../../model/event.ts';
import type { NodeSpecification } from '../../model/node.ts';
import { controlPlane } from '../../model/operation.ts';
import { quarantineKey } from '../../model/rollout.ts';
import type { Quarantine, Rollout } from '../../model/rollout.ts';
import type { UpdateRules } from '../../model/update.ts';
import type { Change, Versioned } from '../../store/store.ts';
import { rollBack } from '../roll-back.ts';
import type { World } from '../world.ts';

/** Why it failed, and what is to be done then. */
export interface Failure {
  readonly why: string;
  readonly onFailure: UpdateRules['onFailure'];
}

/** Gives the version up. Faults: conflict when somebody changed the blueprint or the rollout meanwhile. */
export async function giveUp(
  world: World,
  record: Versioned<Rollout>,
  target: NodeSpecification,
  { why, onFailure }: Failure,
): Promise<void> {
  const { blueprint, family, former, version } = record.value;
  const quarantine = await quarantineOf(world, record.value, target, why);
  const shut = { changes: [quarantined(quarantine)], events: [quarantinedEvent(quarantine)] };
  if (onFailure === 'stop' || former === null) {
    const reason = onFailure === 'stop' ? why : `${why}; there is no former version to go back to`;
    return stop(world, record, reason, shut);
  }
  const wish = { blueprint, to: former, families: [family], by: controlPlane, why };
  try {
    await rollBack(world, wish, { failed: { family, version, ...shut } });
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'conflict' || error.code === 'unavailable') throw error;
    await stop(world, record, `${why}; revision ${former} cannot be returned to: ${wordsOf(error)}`, shut);
  }
}

interface Shut {
  readonly changes: readonly Change[];
  readonly events: readonly EventDraft[];
}

async function stop(world: World, { key, version, value }: Versioned<Rollout>, why: string, shut: Shut): Promise<void> {
  const stopped: Rollout = { ...value, state: 'stopped', why, endedAt: timestamp(world.clock) };
  const { family, blueprint, revision } = value;
  const words = `revision ${revision} of ${family} goes no further: ${why}`;
  const about = { kind: 'family', object: family, blueprint };
  await world.store.commit(
    [{ put: 'rollout', key, value: stopped, expect: version }, ...shut.changes],
    [{ level: 'error', ...about, what: 'stopped', words }, ...shut.events],
  );
  world.wake.blueprint(blueprint);
}

async function quarantineOf(
  world: World,
  { blueprint, family, version, revision }: Rollout,
  { digest, release }: NodeSpecification,
  why: string,
): Promise<Quarantine> {
  const stored = (await world.store.get('release', digest))?.value;
  const name = stored === undefined ? release : `${stored.name}@${stored.version}`;
  return { blueprint, family, version, digest, release: name, revision, why, at: timestamp(world.clock) };
}

function quarantined(value: Quarantine): Change {
  return { put: 'quarantine', key: quarantineKey(value), value, expect: null };
}

function quarantinedEvent({ blueprint, family, release, revision, why }: Quarantine): EventDraft {
  const words = `${release} as revision ${revision} has it for ${family} is not applied again: ${why}`;
  return { level: 'warning', kind: 'release', object: release, blueprint, what: 'quarantined', words };
}
