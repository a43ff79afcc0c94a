/** What the API takes and gives besides the nouns themselves. */
import { z } from 'zod';
import { BlueprintDocument } from './blueprint.ts';
import { Domain } from './domain.ts';
import { Event } from './event.ts';
import { FamilyDefinition } from './family.ts';
import { Head } from './head.ts';
import { Machine, Offer } from './machine.ts';
import { FamilyName, Name, Timestamp } from './name.ts';
import { Node } from './node.ts';
import { Provider, ProviderDefinition } from './provider.ts';
import { Proof, Run } from './topology.ts';

/** POST /plans: asks what applying this document would do. Releases are named by digest or by name and version. */
export const PlanRequest = z.strictObject({
  document: BlueprintDocument,
  /** what the user did, for the history: `apply`, `family scale colony 8` */
  cause: z.string().max(200).optional(),
});
export type PlanRequest = z.infer<typeof PlanRequest>;

/** POST /plans/{id}/adopt answers this: the loops take it from there. */
export const Adopted = z.object({ blueprint: Name, revision: z.int(), plan: z.string() });
export type Adopted = z.infer<typeof Adopted>;

export const ProviderRequest = z.strictObject({ name: Name, definition: ProviderDefinition });
export type ProviderRequest = z.infer<typeof ProviderRequest>;

/** A provider with what it offered when last asked. */
export const ProviderView = z.object({
  provider: Provider,
  domains: z.array(z.string()),
  offers: z.int(),
  machines: z.int(),
  askedAt: Timestamp.nullable(),
  fault: z.object({ code: z.string(), why: z.string() }).nullable(),
});
export type ProviderView = z.infer<typeof ProviderView>;

/** One finding of a provider's check. */
export const FindingView = z.object({
  level: z.enum(['ok', 'warning', 'error']),
  what: z.string(),
  words: z.string(),
  code: z.string().nullable(),
});
export type FindingView = z.infer<typeof FindingView>;

export const DomainView = z.object({ domain: Domain, offers: z.array(Offer), machines: z.array(Machine) });
export type DomainView = z.infer<typeof DomainView>;

export const SecretRequest = z.strictObject({ value: z.string().min(1).max(65_536) });

/** Where a blueprint is on its way to what it declares. */
export const convergence = ['converging', 'converged', 'failing', 'stuck', 'destroying'] as const;

/** One family, counted. */
export const FamilyView = z.object({
  blueprint: Name,
  name: FamilyName,
  definition: FamilyDefinition,
  wanted: z.int(),
  running: z.int(),
  /** number of its nodes by phase */
  phases: z.record(z.string(), z.int()),
});
export type FamilyView = z.infer<typeof FamilyView>;

/** A blueprint, its families and nodes: one snapshot. */
export const BlueprintStatus = z.object({
  head: Head,
  state: z.enum(convergence),
  /** one sentence: why it is in that state */
  words: z.string(),
  families: z.array(FamilyView),
  nodes: z.array(Node),
  machines: z.array(Machine),
  proof: Proof.nullable(),
});
export type BlueprintStatus = z.infer<typeof BlueprintStatus>;

export const BlueprintView = z.object({ head: Head, document: BlueprintDocument, createdAt: Timestamp });
export type BlueprintView = z.infer<typeof BlueprintView>;

export const ScaleRequest = z.strictObject({ nodes: z.int().min(0).max(100_000) });

/** What may be asked of a node. */
export const nodeActs = ['start', 'stop', 'restart', 'terminate'] as const;
export type NodeAct = (typeof nodeActs)[number];

/** An edge between two Erlang node names, in alphabetical order. */
export const EdgeView = z.tuple([z.string(), z.string()]);

/** The topology as last proved, with the runs that made it. */
export const TopologyView = z.object({
  proof: Proof.nullable(),
  edges: z.array(EdgeView),
  runs: z.array(Run),
});
export type TopologyView = z.infer<typeof TopologyView>;

export const Health = z.object({ version: z.string(), owner: z.string(), startedAt: Timestamp });
export type Health = z.infer<typeof Health>;

/** A page of events, oldest first; `next` is the cursor of the page behind it. */
export const EventPage = z.object({ events: z.array(Event), next: z.int() });
export type EventPage = z.infer<typeof EventPage>;
