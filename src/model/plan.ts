/** Plan: what would be done to get from the facts to the blueprint, with its reasons. Immutable, with a parent. */
import { z } from 'zod';
import { Machine, Offer } from './machine.ts';
import { Digest, FamilyName, Name, Timestamp } from './name.ts';
import { Node, NodeSpecification, Placement } from './node.ts';
import { Domain } from './domain.ts';
import { BlueprintDocument } from './blueprint.ts';
import { LocationLevel } from './family.ts';
import { Inspection } from './release.ts';

/** One thing to do; each carries why (I9). */
export const Step = z.discriminatedUnion('do', [
  /** acquire a machine; `token` is decided here, so that a repeat is the same machine (I2) */
  z.object({
    do: z.literal('acquire machine'),
    token: z.string(),
    offer: z.string(),
    provider: Name,
    domain: Name,
    why: z.string(),
  }),
  z.object({ do: z.literal('release machine'), token: z.string(), provider: Name, domain: Name, why: z.string() }),
  z.object({
    do: z.literal('add node'),
    /** the new node's id */
    node: z.string(),
    family: FamilyName,
    ordinal: z.int(),
    name: z.string(),
    placement: Placement,
    specification: NodeSpecification,
    /** id of the node it replaces; null for a new one */
    replaces: z.string().nullable(),
    /** one more than the family has, for as long as others are being changed */
    extra: z.literal(true).optional(),
    why: z.string(),
  }),
  z.object({
    do: z.literal('change node'),
    node: z.string(),
    name: z.string(),
    family: FamilyName,
    specification: NodeSpecification,
    why: z.string(),
  }),
  z.object({ do: z.literal('remove node'), node: z.string(), name: z.string(), family: FamilyName, why: z.string() }),
]);
export type Step = z.infer<typeof Step>;
/** The steps that do one thing. */
export type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;

/** Why an offer or machine was not used for a family. */
export const Rejection = z.object({ family: FamilyName, offer: z.string(), why: z.string() });
export type Rejection = z.infer<typeof Rejection>;

/** What of the blueprint cannot hold together: leave out any one member, and all can be placed. */
export const Conflict = z.object({
  members: z.array(z.object({ path: z.string(), words: z.string() })),
  /** the least that would have to change, in words; null when nothing in the blueprint is the cause */
  relax: z.string().nullable(),
});
export type Conflict = z.infer<typeof Conflict>;

/** A family of which not every node found a place. */
export const Shortage = z.object({
  family: FamilyName,
  wanted: z.int(),
  placed: z.int(),
  /** the reasons, most frequent first: `memory >= 64G excludes 3 of 3 offers` */
  why: z.array(z.string()),
  /**
   * `unavailable` when providers out of reach are the only cause, `timeout` when the search came to no end, so that nobody
   * knows whether there is a placement; else `unsatisfiable`
   */
  code: z.enum(['unsatisfiable', 'unavailable', 'denied', 'timeout']),
});
export type Shortage = z.infer<typeof Shortage>;

/** How sure the planner is that no placement is better. */
export const PlacementCertainty = z.object({
  method: z.enum(['one by one', 'dynamic programming', 'integer programming']),
  /** whether nothing can be better */
  proved: z.boolean(),
  /** how far from the best it may be at most, as a share; null when nobody knows */
  gap: z.number().nullable(),
  /** where nothing is proved: whether the work that is done for a plan was over, or the deadline of last resort */
  ended: z.enum(['work', 'deadline']).optional(),
});

/** What a rebalancing plan is worth: each thing that changes, before and after, in words. */
export const Gain = z.array(z.object({ what: z.string(), before: z.string(), after: z.string() }));
export type Gain = z.infer<typeof Gain>;

/** What a rebalancing plan is asked for. */
export const RebalanceRequest = z.strictObject({
  consolidate: LocationLevel.optional().describe('use as few of these as will do, for all families'),
});
export type RebalanceRequest = z.infer<typeof RebalanceRequest>;

/** What the planner has to say besides the steps. */
export const Report = z.object({
  /** of a plan that rebalances; absent where nothing is gained */
  gain: Gain.optional(),
  /** absent where the blueprint asks for no best placement */
  placement: PlacementCertainty.optional(),
  /** absent where all has a place, or nobody can tell */
  conflict: Conflict.optional(),
  rejections: z.array(Rejection),
  shortages: z.array(Shortage),
  /** things a person should know: a host left out, flags stripped from vm.args */
  warnings: z.array(z.string()),
});
export type Report = z.infer<typeof Report>;

export const Plan = z.object({
  id: z.string(),
  blueprint: Name,
  /** the plan that was current when this one was made; null for the first */
  parent: z.string().nullable(),
  /** the revision it would make or was made for */
  revision: z.int(),
  document: BlueprintDocument,
  /** what the user did: `apply`, `family scale colony 8` */
  cause: z.string(),
  /** digest of the facts that it rests on: another digest means that it is stale */
  facts: z.string(),
  steps: z.array(Step),
  report: Report,
  createdAt: Timestamp,
  /** cost per hour of the machines before and after; null where no price is known */
  costBefore: z.number().nullable(),
  costAfter: z.number().nullable(),
});
export type Plan = z.infer<typeof Plan>;

/** What is to be planned, and from which revision it was made. */
export interface PlanWish {
  readonly document: BlueprintDocument;
  /** what the user did: `apply`, `family scale colony 8` */
  readonly cause: string;
  /** the revision that must still be the current one; null when that does not matter */
  readonly basedOn: number | null;
}

/** A release as far as the planner needs it. */
export const ReleaseFacts = z.object({ name: Name, digest: Digest, inspection: Inspection });

/** A provider as far as the planner needs it: why it cannot be used, or null. */
export const ProviderFacts = z.object({
  name: Name,
  fault: z.object({ code: z.string(), why: z.string() }).nullable(),
});

/** Everything the planner may know. It decides from this and the blueprint alone. */
export const Facts = z.object({
  domains: z.array(Domain),
  providers: z.array(ProviderFacts),
  offers: z.array(Offer),
  machines: z.array(Machine),
  /** of all blueprints: they hold ports and capacity */
  nodes: z.array(Node),
  /** resolved for this blueprint: name in the blueprint -> release */
  releases: z.array(ReleaseFacts),
  /** ids of other blueprints' nodes that its own must reach, by its component; `to`: it links to them */
  linked: z.record(z.string(), z.array(z.object({ node: z.string(), to: z.boolean() }))).optional(),
});
export type Facts = z.infer<typeof Facts>;

/** What the planner answers. */
export interface Planned {
  readonly steps: readonly Step[];
  readonly report: Report;
  readonly costBefore: number | null;
  readonly costAfter: number | null;
}

/** Timestamp of a plan's making is handed in, like its ids, so that planning stays pure. */
export const PlanMoment = z.object({ at: Timestamp, seed: z.int() });
export type PlanMoment = z.infer<typeof PlanMoment>;
