/** Rollouts as they are on record, and how versions are told apart. */
import { sha256Of } from '../../base/sha256.ts';
import type { NodeSpecification } from '../../model/node.ts';
import type { Rollout } from '../../model/rollout.ts';
import type { HealthCheck } from '../../model/update.ts';
import { stableText } from '../../plan/plan.ts';
import type { Store } from '../../store/store.ts';

/** The last rollout of each family of a blueprint, by family. */
export async function rolloutsOf(store: Store, blueprint: string): Promise<ReadonlyMap<string, Rollout>> {
  const records = await store.list('rollout', { blueprint });
  return new Map(records.map(({ value }) => [value.family, value]));
}

/** Names a version of a family: what its nodes run, how, and what tells that they work. */
export function versionOf(specification: NodeSpecification, check: HealthCheck | undefined): string {
  return sha256Of(stableText([specification, check ?? null])).slice(0, 16);
}
