/** What the API takes and gives besides the nouns themselves. */
import { z } from 'zod';
import { BlueprintDocument } from './blueprint.ts';
import { Domain } from './domain.ts';
import { FamilyDefinition } from './family.ts';
import { Head } from './head.ts';
import { Machine, Offer } from './machine.ts';
import { FamilyName, Name, Timestamp } from './name.ts';
import { Node } from './node.ts';
import { Plan } from './plan.ts';
import { InputFault } from './problem.ts';
import { Provider, ProviderDefinition } from './provider.ts';
import { Quarantine } from './rollout.ts';
import { RolloutView } from './rollout-view.ts';
import { Proof, Run } from './topology.ts';

/** POST /plans: asks what applying this document would do. Releases are named by digest or by name and version. */
export const PlanRequest = z.strictObject({
  document: BlueprintDocument,
  /** what the user did, for the history: `apply`, `family scale colony 8` */
  cause: z.string().max(200).optional(),
  /** number of the revision that the document was made from, 0 where there was none: refused when another one is current */
  revision: z.int().min(0).optional(),
});
export type PlanRequest = z.infer<typeof PlanRequest>;

/** POST /plans/{id}/adopt answers this: the loops take it from there. */
export const Adopted = z.object({
  blueprint: Name,
  revision: z.int(),
  plan: z.string(),
  /** what it began; null when that was so long ago that it is not kept any more */
  operation: z.string().nullable(),
});
export type Adopted = z.infer<typeof Adopted>;

/** A plan in a list: without its document, steps and report. */
export const PlanView = Plan.pick({
  ...{ id: true, blueprint: true, parent: true, revision: true, cause: true, createdAt: true },
  ...{ costBefore: true, costAfter: true },
}).extend({
  /** how many it has */
  steps: z.int(),
});
export type PlanView = z.infer<typeof PlanView>;

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

/** How a provider answered one verb since the control plane started. */
export const VerbFiguresView = z.object({
  verb: z.string(),
  calls: z.int(),
  /** milliseconds of a call, on average */
  meanMs: z.number(),
  /** calls and orders that failed, by code */
  errors: z.record(z.string(), z.int()),
});
export type VerbFiguresView = z.infer<typeof VerbFiguresView>;

/** One call to a provider; `code` is `ok` or that of the fault. */
export const ProviderCall = z.object({
  at: Timestamp,
  verb: z.string(),
  ms: z.number(),
  code: z.string(),
  words: z.string(),
});
export type ProviderCall = z.infer<typeof ProviderCall>;

/** What a provider was asked since the control plane started: figures of all calls, and the last ones, without secrets. */
export const ProviderCallsView = z.object({ figures: z.array(VerbFiguresView), recent: z.array(ProviderCall) });
export type ProviderCallsView = z.infer<typeof ProviderCallsView>;

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

/** A link between families of two blueprints, each as `blueprint/family`. */
export const LinkView = z.object({
  from: z.string(),
  to: z.string(),
  /** what it makes of their connections */
  kind: z.enum(['visible', 'hidden', 'none']),
  /** why it cannot be made yet, in words that follow `waits`; null when it can, and for links of other blueprints */
  waits: z.string().nullable(),
});
export type LinkView = z.infer<typeof LinkView>;

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
  /** the last change of each family that was changed while it ran */
  rollouts: z.array(RolloutView),
  /** versions that failed */
  quarantine: z.array(Quarantine),
  /** its links to other blueprints, and theirs to it; absent when there are none */
  links: z.array(LinkView).optional(),
  /** the last proof speaks of a cluster that is no more: other processes, other edges */
  proofOutdated: z.literal(true).optional(),
});
export type BlueprintStatus = z.infer<typeof BlueprintStatus>;

/** The same in a line: its families with their nodes counted, and what the proof came to. */
export const BriefStatus = BlueprintStatus.pick({ head: true, state: true, words: true }).extend({
  families: z.array(FamilyView.omit({ blueprint: true, definition: true })),
  proof: Proof.pick({ ok: true, verdict: true }).nullable(),
});
export type BriefStatus = z.infer<typeof BriefStatus>;

/** POST /blueprints/check: a blueprint as it is written; `file` is what it is called in what is said of it. */
export const CheckRequest = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(4 * 2 ** 20),
  file: z.string().min(1).max(512).optional(),
});
export type CheckRequest = z.infer<typeof CheckRequest>;

/** What is wrong with it; the document where nothing is. */
export const CheckAnswer = z.object({ faults: z.array(InputFault), document: BlueprintDocument.nullable() });
export type CheckAnswer = z.infer<typeof CheckAnswer>;

export const BlueprintView = z.object({ head: Head, document: BlueprintDocument, createdAt: Timestamp });
export type BlueprintView = z.infer<typeof BlueprintView>;

export const ScaleRequest = z.strictObject({ nodes: z.int().min(0).max(100_000) });

/** What may be asked of a node. */
export const nodeActs = ['start', 'stop', 'restart', 'terminate'] as const;
export type NodeAct = (typeof nodeActs)[number];

/** A node with what was asked on record, and the operation that this began. */
export const NodeActed = Node.extend({ operation: z.string() });
export type NodeActed = z.infer<typeof NodeActed>;

/** POST /nodes/{reference}/exec: a command beside the node, in its folder and with its environment. */
export const ExecuteRequest = z.strictObject({ command: z.string().min(1).max(65_536) });

/** What it came to: its status, and both its outputs as one text. */
export const ExecuteAnswer = z.object({ code: z.int(), output: z.string() });
export type ExecuteAnswer = z.infer<typeof ExecuteAnswer>;

/** POST /nodes/{reference}/rpc: an Erlang call on the node, `module:function(arguments)`. */
export const CallRequest = z.strictObject({ call: z.string().min(1).max(65_536) });

/** What it returned, or raised (`ok` false), as Erlang text. */
export const CallAnswer = z.object({ ok: z.boolean(), text: z.string() });
export type CallAnswer = z.infer<typeof CallAnswer>;

/** The shells that a node may have. */
export const shellLanguages = ['erlang', 'elixir'] as const;
export type ShellLanguage = (typeof shellLanguages)[number];

/** How a shell is opened. */
export const ShellSettings = z.object({
  language: z.enum(shellLanguages).default('erlang').describe("Erlang's own shell, or IEx where the node has it"),
  columns: z.coerce.number().int().min(20).max(1000).default(80),
  rows: z.coerce.number().int().min(5).max(1000).default(24),
});
export type ShellSettings = z.infer<typeof ShellSettings>;

/** What a shell on a node says: text as it is, the prompt when it waits for a line, its end. */
export const ShellPiece = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('print'), text: z.string() }),
  z.object({ kind: z.literal('prompt'), text: z.string() }),
  z.object({ kind: z.literal('end'), why: z.string() }),
]);
export type ShellPiece = z.infer<typeof ShellPiece>;

/** What a person says to it. */
export const ShellInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('line'), text: z.string().max(65_536) }),
  z.strictObject({ kind: z.literal('interrupt') }),
]);
export type ShellInput = z.infer<typeof ShellInput>;

/** An edge between two Erlang node names, in alphabetical order. */
export const EdgeView = z.tuple([z.string(), z.string()]);

/** The topology as last proved, with the runs that made it. */
export const TopologyView = z.object({
  proof: Proof.nullable(),
  edges: z.array(EdgeView),
  runs: z.array(Run),
  /** where it is linked with other blueprints: the edges to their nodes, its own node first, with what they are */
  links: z.array(LinkView).optional(),
  across: z.array(z.object({ edge: EdgeView, blueprint: Name, hidden: z.boolean() })).optional(),
});
export type TopologyView = z.infer<typeof TopologyView>;

export const Health = z.object({ version: z.string(), owner: z.string(), startedAt: Timestamp });
export type Health = z.infer<typeof Health>;
