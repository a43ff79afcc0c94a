/**
 * Rollout: another version of a family on its way to the family's nodes, how far it is, and what became of it; and the
 * quarantine of versions that failed. All that the loops must know of a change that is under way is in these records.
 *
 *   rolling -> done
 *      |-----> rolling back -> rolled back       (a new revision makes the former version the current one again)
 *      `-----> stopped                           (where the family's policy says so, or there is nothing to go back to)
 */
import { z } from 'zod';
import { Digest, FamilyName, Name, Timestamp } from './name.ts';
import { incarnationOf } from './node.ts';
import type { Node } from './node.ts';

/** What a changed node has to pass, in this order. */
export const gates = ['started', 'bootstrapped', 'proven', 'checked', 'healthy'] as const;
const Gate = z.enum(gates);
export type Gate = z.infer<typeof Gate>;

/** How far one changed node is. */
export const NodeProgress = z.object({
  name: z.string(),
  /** since when it is waited for: the deadline counts from here */
  at: Timestamp,
  /** the gate before which it stands; null when it has passed all */
  gate: Gate.nullable(),
  /** why it stands there */
  words: z.string(),
  /** since when everything holds; null while something does not */
  healthySince: Timestamp.nullable(),
  /** the process that was seen last */
  incarnation: z.string().nullable(),
  generation: z.int(),
  /** how often its process has died since it was changed */
  deaths: z.int(),
});
export type NodeProgress = z.infer<typeof NodeProgress>;

export const Rollout = z.object({
  blueprint: Name,
  family: FamilyName,
  /** the revision that brought the version */
  revision: z.int(),
  /** the last revision of which the whole family was healthy: where a failure goes back to; null for none */
  former: z.int().nullable(),
  /** names what nodes are brought to: what is run, how, and how it is checked */
  version: z.string(),
  state: z.enum(['rolling', 'done', 'rolling back', 'rolled back', 'stopped']),
  /** why it was given up; null as long as it was not */
  why: z.string().nullable(),
  /** the revision that makes the former version the current one again; null while there is none */
  returned: z.int().nullable(),
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
  /** nodes that were told the version, by id */
  nodes: z.record(z.string(), NodeProgress),
  /** ids of nodes that were told another one before and have not shown that they work with it: they count for nobody */
  doubtful: z.array(z.string()),
});
export type Rollout = z.infer<typeof Rollout>;

/** A version of a family that failed: it is not applied again unless somebody lifts this. */
export const Quarantine = z.object({
  blueprint: Name,
  family: FamilyName,
  version: z.string(),
  /** the archive that it runs; the configuration may be what was wrong */
  digest: Digest,
  /** what the archive is called, `ants@2.0.0` */
  release: z.string(),
  revision: z.int(),
  why: z.string(),
  at: Timestamp,
});
export type Quarantine = z.infer<typeof Quarantine>;

/** Key of a rollout's record. */
export function rolloutKey({ blueprint, family }: Pick<Rollout, 'blueprint' | 'family'>): string {
  return `${blueprint}/${family}`;
}

/** Key of a quarantine's record. */
export function quarantineKey({
  blueprint,
  family,
  version,
}: Pick<Quarantine, 'blueprint' | 'family' | 'version'>): string {
  return `${blueprint}/${family}/${version}`;
}

/** Whether nodes are still on their way: forward, or back. */
export function isUnderWay({ state }: Pick<Rollout, 'state'>): boolean {
  return state === 'rolling' || state === 'rolling back';
}

/** Whether the node has passed every gate, as the process that it is now. */
export function hasPassed(rollout: Rollout, node: Node): boolean {
  const progress = rollout.nodes[node.id];
  return progress?.gate === null && progress.incarnation === incarnationOf(node);
}
