/** Rollouts as they are on record, and how versions are told apart. */
import { sha256Of } from '../../base/sha256.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { NodeSpecification } from '../../model/node.ts';
import type { Rollout } from '../../model/rollout.ts';
import { stableText } from '../../plan/plan.ts';
import type { Store } from '../../store/store.ts';

/** The last rollout of each family of a blueprint, by family. */
export async function rolloutsOf(store: Store, blueprint: string): Promise<ReadonlyMap<string, Rollout>> {
  const records = await store.list('rollout', { blueprint });
  return new Map(records.map(({ value }) => [value.family, value]));
}

/** Names a version of a family: what its nodes run, how, and what tells that they work. */
export function versionOf({ families }: BlueprintDocument, family: string, target: NodeSpecification): string {
  const check = families[family]?.update?.check ?? null;
  return sha256Of(stableText([target, check])).slice(0, 16);
}
