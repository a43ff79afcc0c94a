/**
 * Node: what we promised (the intent: where, which release, how configured) and how far it is (its phase). What a
 * phase owns lives on the phase.
 *
 *   waiting -> installing -> starting -> started -> running
 *                               ^           (answers)  (bootstrapped)
 *                               |
 *                 failed <------+       stopping -> stopped        removing -> record deleted
 */
import { z } from 'zod';
import { Mesh } from './bootstrap.ts';
import { DeclaredCommands } from './commands.ts';
import { NodeConfiguration } from './family.ts';
import { Digest, FamilyName, Name, Timestamp } from './name.ts';

/** Where a node lives and how it is named there: decided once, by the plan. */
export const Placement = z.object({
  provider: Name,
  domain: Name,
  /** token of the machine */
  machine: z.string(),
  /** where distribution binds */
  listen: z.string(),
  /** the host part of the node's name: what peers dial */
  advertised: z.string(),
  /** the one port of its distribution */
  port: z.int(),
  /** cores it may use: its schedulers */
  cores: z.int(),
  /** memory that its family demands, bytes: what nodes placed beside it must leave; absent when none is demanded */
  memoryBytes: z.number().optional(),
  /** what else it takes of its host, by attribute */
  uses: z.record(z.string(), z.number()).optional(),
});
export type Placement = z.infer<typeof Placement>;

/** What is run and how: so specific that starting it leaves nothing to choose. A difference means the node must change. */
export const NodeSpecification = z.object({
  /** the release as the blueprint names it */
  release: Name,
  digest: Digest,
  config: NodeConfiguration,
  /** how it is run; absent for OTP releases, of which we know it */
  commands: DeclaredCommands.optional(),
  mesh: Mesh,
  /** the connected component of linked families, called by the alphabetically first of them: its nodes share a cookie */
  component: FamilyName,
  epmdPort: z.int(),
  beforeStop: z.string().nullable(),
  stopSeconds: z.int(),
  bootSeconds: z.int(),
});
export type NodeSpecification = z.infer<typeof NodeSpecification>;

/** One run of the operating system process: names it for ever. */
export const ProcessIdentity = z.object({ pid: z.int(), startTime: z.string(), bootId: z.string() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

export const NodePhase = z.discriminatedUnion('phase', [
  /** for its machine, or for its turn */
  z.object({ phase: z.literal('waiting'), why: z.string() }),
  z.object({ phase: z.literal('installing'), since: Timestamp }),
  z.object({ phase: z.literal('starting'), since: Timestamp, process: ProcessIdentity.nullable() }),
  /** answers as an Erlang node; has not completed its bootstrap */
  z.object({ phase: z.literal('started'), since: Timestamp, process: ProcessIdentity, why: z.string() }),
  z.object({ phase: z.literal('running'), since: Timestamp, process: ProcessIdentity }),
  z.object({ phase: z.literal('stopping'), since: Timestamp, process: ProcessIdentity.nullable() }),
  z.object({ phase: z.literal('stopped'), since: Timestamp }),
  /** tried again at retryAt; `log` holds the last lines it wrote */
  z.object({
    phase: z.literal('failed'),
    since: Timestamp,
    why: z.string(),
    log: z.array(z.string()),
    retryAt: Timestamp,
  }),
  z.object({ phase: z.literal('removing'), since: Timestamp }),
]);
export type NodePhase = z.infer<typeof NodePhase>;

export const Node = z.object({
  id: z.string(),
  blueprint: Name,
  family: FamilyName,
  ordinal: z.int(),
  /** the whole Erlang name, e.g. `colony-3@10.78.0.11` */
  name: z.string(),
  desired: z.enum(['running', 'stopped', 'removed']),
  /** counts up when a restart is asked for: a process started under an older one is stopped first */
  generation: z.int(),
  placement: Placement,
  specification: NodeSpecification,
  state: NodePhase,
  /** generation under which the present process was started */
  startedGeneration: z.int(),
  /** failures in a row; set back when it runs */
  failures: z.int(),
  createdAt: Timestamp,
  /** id of the node whose part it takes; that one goes when this one works */
  replaces: z.string().optional(),
  /** what its present process was started with, where it is to run something else: it is stopped as that says */
  asStarted: NodeSpecification.optional(),
  /** one more than the family has, made so that others can be changed; goes when that is over */
  extra: z.literal(true).optional(),
  /** where it is to go when its turn comes, as revision `revision` has it: token of the machine */
  move: z.object({ machine: z.string(), revision: z.int(), why: z.string() }).optional(),
});
export type Node = z.infer<typeof Node>;

/** A node by one of its phases. */
export type NodeIn<P extends NodePhase['phase']> = Node & { readonly state: Extract<NodePhase, { phase: P }> };

/** Whether the node has completed its bootstrap and is meant to stay: a peer that others may join. */
export function isEligible(node: Node): boolean {
  return node.state.phase === 'running' && node.desired === 'running';
}

/** Whether a node that is to stay is as it was last told to be: stopped, or running as the process that was started for that. */
export function isAsDesired({ desired, state, generation, startedGeneration }: Node): boolean {
  if (desired === 'stopped') return state.phase === 'stopped';
  return state.phase === 'running' && generation === startedGeneration;
}

/** The node's phase, and why where that is said: `waiting (for family queen)`. */
export function phaseWords({ state }: Node): string {
  return 'why' in state && state.why !== '' ? `${state.phase} (${state.why})` : state.phase;
}

/** The node as its present process was started. */
export function asStarted(node: Node): Node {
  return node.asStarted === undefined ? node : { ...node, specification: node.asStarted };
}

/**
 * Whether two nodes can be connected as they are. Those of one blueprint that are to have another cookie or port of epmd get
 * it one after another: until the last one has, there are two kinds that cannot meet.
 */
export function canMeet(one: Node, other: Node): boolean {
  if (one.blueprint !== other.blueprint) return true;
  const [mine, theirs] = [asStarted(one).specification, asStarted(other).specification];
  return mine.component === theirs.component && mine.epmdPort === theirs.epmdPort;
}

/** Names the process of a node that runs or is being started, for ever; null while there is none. */
export function incarnationOf(node: Node): string | null {
  const process = 'process' in node.state ? node.state.process : null;
  return process === null ? null : `${process.bootId}:${process.pid}:${process.startTime}`;
}

/** Whether its machine's address was known when the node was planned. One without waits for the plan to name it anew. */
export function isAddressed({ placement }: Pick<Node, 'placement'>): boolean {
  return placement.advertised !== placement.machine;
}

/** Why a started node is not running yet, as long as nothing has gone wrong. */
export const awaitingBootstrap = 'for its bootstrap';

/** Why a node that should run is in trouble: it failed to start, or its bootstrap fails; null when it is not. */
export function troubleOf(node: Node): string | null {
  if (node.desired !== 'running') return null;
  if (node.state.phase === 'failed') return node.state.why;
  const fails = node.state.phase === 'started' && node.failures > 0 && node.state.why !== awaitingBootstrap;
  return fails && node.state.phase === 'started' ? node.state.why : null;
}
