/**
 * What happens between running nodes: bootstrap actions, the proof of the mesh, watching. It reaches nodes only
 * through `dial` and hosts only through `run`, which the loops hand in; it attaches hidden, loads no module on a node
 * and leaves nothing there (I6).
 */
import type { Duplex } from 'node:stream';
import type { connectNode } from '../erlang/erlang.ts';
import type { Across } from '../model/across.ts';
import type { ActionStep } from '../model/bootstrap.ts';
import type { CallAnswer, ShellSettings } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { Cookies } from './cookies.ts';
import type { RemoteShell } from './shell/remote-shell.ts';
import type { Edge, Proof } from '../model/topology.ts';
import type { Inspection } from '../model/release.ts';
import type { HealthCheck } from '../model/update.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** What the room is handed. */
export interface ClusterDependencies {
  /** A byte stream to the node's distribution port. */
  dial(node: Node, signal: AbortSignal): Promise<Duplex>;
  /** Runs a command on the node's host. */
  run(
    node: Node,
    command: string,
    variables: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ code: number; output: string }>;
  /** The cookies that the node may go by, the likeliest first: one, and while it is being rotated the former one as well. */
  cookies(node: Node): Promise<readonly string[]>;
  /** A connection that stood has ended: the node, or the way to it, is gone. */
  lost(nodeId: string, why: string): void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a caller may choose. */
export interface ClusterOptions {
  /** the names we go by, the first choice first; see own-names.ts */
  readonly names?: readonly string[];
  /** how long a mesh may take to settle before the proof judges it, milliseconds; 3000 when absent */
  readonly settleMs?: number;
  /** how a byte stream becomes a connection; the Erlang room's way when absent */
  readonly connect?: typeof connectNode;
}

/** One side of an action and what its variables stand for. */
export interface StepContext {
  readonly fresh: Node;
  readonly peer: Node | null;
}

/** What an action answered: `words` is Erlang text or the command's output. */
export interface StepOutcome {
  readonly ok: boolean;
  readonly words: string;
}

/** What one node says of itself, in one exchange. */
export interface NodeView {
  readonly name: string;
  /** `nodes(visible)` */
  readonly visible: readonly string[];
  /** `nodes(hidden)` */
  readonly hidden: readonly string[];
  /**
   * `init:script_id()`: release name and version as text. A node that is run by commands says no name, and without a
   * status command nothing at all.
   */
  readonly release: readonly [string | null, string] | null;
  /** running applications with their versions; null where the node is run by commands */
  readonly applications: ReadonlyMap<string, string> | null;
  /** `os:getpid()`: its process on its host; null where nobody says */
  readonly pid: number | null;
}

/** A node as the proof expects it. */
export interface ProofMember {
  readonly node: Node;
  readonly inspection: Inspection;
}

/** The cluster, seen from outside. Connections are kept, one per node, and shared by all uses. */
export interface Cluster {
  /**
   * True when the node answers as the Erlang node of that name and has finished booting: until its boot script is
   * through, its applications cannot be called. A node that is run by commands answers when its probe succeeds. Faults:
   * unavailable, denied (cookie), timeout.
   */
  answers(node: Node, signal?: AbortSignal): Promise<boolean>;
  view(node: Node, signal?: AbortSignal): Promise<NodeView>;
  /** Runs one step of an action. A call that fails is an outcome; a node that cannot be reached is a fault. */
  step(step: ActionStep, context: StepContext, signal?: AbortSignal): Promise<StepOutcome>;
  /** Calls a hook or any `module:function(…)` text on the node. */
  call(node: Node, text: string, signal?: AbortSignal): Promise<StepOutcome>;
  /** Makes a call for what it returns or raises, as Erlang text. Faults: invalid (no call), unavailable, denied, timeout. */
  value(node: Node, text: string, signal?: AbortSignal): Promise<CallAnswer>;
  /** Opens a shell on the node for a person. Faults: unavailable, denied, timeout, conflict, invalid. */
  shell(node: Node, options: ShellSettings): Promise<RemoteShell>;
  /** `init:stop()`, or the declared command: true when the node accepted it, false when nobody declared how to ask. */
  stop(node: Node, signal?: AbortSignal): Promise<boolean>;
  /**
   * Tells each of the nodes the cookies of peers of other components, so that they may connect to each other; what was told
   * to a process is not told again while the cookie is the same. A node that cannot be told now is left out: it is told
   * when it is next asked for.
   */
  introduce(nodes: readonly Node[], peers: readonly Node[], signal?: AbortSignal): Promise<void>;
  /** The reverse: the node has no cookie of these peers any more, and no connection to them. Faults: unavailable, denied, timeout. */
  part(node: Node, peers: readonly Node[], signal?: AbortSignal): Promise<void>;
  /**
   * Judges every member's own view against the expected edges, and those to nodes of other blueprints. Never throws: what
   * cannot be seen is a fault of the proof.
   */
  prove(
    blueprint: string,
    members: readonly ProofMember[],
    edges: readonly Edge[],
    options?: { readonly across?: Across; readonly signal?: AbortSignal },
  ): Promise<Proof>;
  /**
   * Whether every one of these nodes says of itself, to the byte, what it said for a proof that held, as `prove` answered it:
   * what was proven then is so now. False where one says anything else, cannot be asked, or is asked by a command; nothing
   * is known then. Never throws.
   */
  sayTheSame(proof: Proof, nodes: readonly Node[], signal?: AbortSignal): Promise<boolean>;
  /**
   * What is wrong with one node by its own view: its release, its applications, neighbours that it does not see; null
   * when nothing is. A node that cannot be asked is a fault.
   */
  complaint(member: ProofMember, neighbours: readonly string[], signal?: AbortSignal): Promise<string | null>;
  /** Whether a family's own check finds the node well. A node that cannot be asked is a fault. */
  check(node: Node, check: HealthCheck, signal?: AbortSignal): Promise<StepOutcome>;
  /** What nodes go by, and how it is changed. */
  readonly cookies: Cookies;
  /** Ends the connection to a node that is to go. */
  forget(nodeId: string): void;
  close(): Promise<void>;
}

export { builtInAction } from './built-in.ts';
export { openCluster } from './open-cluster.ts';
export { saysDone } from './outcome.ts';
export type { RemoteShell } from './shell/remote-shell.ts';
