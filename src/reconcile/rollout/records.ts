/** Rollouts as they are on record, and how versions are told apart. */
import { sha256Of } from '../../base/sha256.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
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

/** Names of specifications with what tells that they work: the same ones are asked about over and over, and never changed. */
const named = new WeakMap<NodeSpecification, { readonly check: HealthCheck | null; readonly version: string }>();

/** Names a version of a family: what its nodes run, how, and what tells that they work. */
export function versionOf({ families }: BlueprintDocument, family: string, target: NodeSpecification): string {
  const check = families[family]?.update?.check ?? null;
  const known = named.get(target);
  if (known?.check === check) return known.version;
  const version = sha256Of(stableText([target, check])).slice(0, 16);
  named.set(target, { check, version });
  return version;
}
