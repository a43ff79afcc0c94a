/**
 * A host: a machine that has become a place where Erlang nodes run. Everything it does is a POSIX shell script built by
 * a pure function (`commands/`) and run through a Shell, so that near and far hosts behave alike.
 *
 * On the host, below its directory, in a folder of the control plane that owns it (mode 0700):
 *   releases/<digest>/          one unpacked, read-only copy of a release
 *   nodes/<id>/                 one node: its HOME with cookie, its configuration, its log
 *   nodes/<id>/run/             written under a lock by the node itself: pid, start time, boot id; its crash dump
 *   epmd/                       the epmd that we started, if we did
 * Where systemd runs the host, nodes are its units (`commands/systemd.ts`), and a boot starts those that ran.
 */
import type { Duplex } from 'node:stream';
import type { Activity, MachineFacts } from '../base/machine-facts.ts';
import type { NodeSpecification, Placement, ProcessIdentity } from '../model/node.ts';
import type { Inspection } from '../model/release.ts';

/** What a host must know to run one node. The cookie goes by standard input into a 0400 file (I8). */
export interface NodeOrder {
  readonly id: string;
  /** whole Erlang name */
  readonly name: string;
  readonly placement: Placement;
  readonly specification: NodeSpecification;
  readonly inspection: Inspection;
  readonly cookie: string;
}

/** What became of a start. */
export type Started =
  | {
      readonly outcome: 'started' | 'was running';
      readonly process: ProcessIdentity;
      /** settings of release or family that were left out because we answer for them, by name: `-setcookie`, `env HOME` */
      readonly stripped: readonly string[];
    }
  /** it could not even be launched: `port 9101 is taken by …` */
  | { readonly outcome: 'refused'; readonly why: string; readonly log: readonly string[] };

/** One node directory on the host, as it is. */
export interface HostedNode {
  readonly id: string;
  /** null when no process of it runs */
  readonly process: ProcessIdentity | null;
}

/** What a host holds of ours. */
export interface HostState {
  /** what the whole machine is doing; null where it does not say, or holds nothing of ours */
  readonly activity: Activity | null;
  /** its clock when it was asked, seconds since 1970; null where it does not say, or holds nothing of ours */
  readonly clockSeconds: number | null;
  readonly bootId: string;
  readonly nodes: readonly HostedNode[];
  readonly releases: readonly string[];
  /** epmd as found: ours, somebody else's, or none; `exposed` when it listens on all interfaces */
  readonly epmd: { readonly running: boolean; readonly ours: boolean; readonly exposed: boolean };
  /** where systemd runs the host and does not start our nodes at its boot: why; null elsewhere */
  readonly unsupervised: string | null;
}

/** How a release is installed. */
export interface InstallOptions {
  /** size when unpacked, bytes, where it is known */
  readonly unpackedBytes?: number;
  readonly signal?: AbortSignal;
}

/** A machine where Erlang nodes run. Every method may throw Fault unavailable, denied or timeout. */
export interface Host {
  readonly where: string;
  facts(signal?: AbortSignal): Promise<MachineFacts>;
  /** What is there: one exchange for the whole host. Rotates logs that have grown over their limit. */
  state(signal?: AbortSignal): Promise<HostState>;
  /** Whether that release is unpacked here. */
  hasRelease(digest: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Unpacks a release once, by content; the archive comes as its gzipped bytes. Repeatable. Fault no-capacity where its disk
   * is too small: said before anything is sent when the size is known.
   */
  installRelease(digest: string, archive: AsyncIterable<Uint8Array>, how?: InstallOptions): Promise<void>;
  /**
   * Writes the node's configuration and launches it, once: a second start finds it running (I2). Fault not-found: its release is
   * not unpacked here. Those that are asked for in one turn of the event loop share an exchange.
   */
  start(order: NodeOrder, signal?: AbortSignal): Promise<Started>;
  /** Has the node's next process take this cookie. The one that runs is not touched. Nothing where the node has no folder. */
  putCookie(id: string, cookie: string, signal?: AbortSignal): Promise<void>;
  /** Ends a process that does not stop by itself: TERM, then KILL after `graceMs`. True when nothing runs any more. */
  end(id: string, graceMs: number, signal?: AbortSignal): Promise<boolean>;
  /** Removes all that the node left. Fault conflict while it runs. Already gone is success (I3). */
  removeNode(id: string, signal?: AbortSignal): Promise<void>;
  /** Removes a release; Fault conflict while a node uses it. */
  removeRelease(digest: string, signal?: AbortSignal): Promise<void>;
  /** When no node is left: stops an epmd that we started and that serves nobody, and removes our folder. */
  leave(signal?: AbortSignal): Promise<void>;
  /** The last `lines` lines of the node's log. */
  logs(id: string, lines: number, signal?: AbortSignal): Promise<readonly string[]>;
  /** The log from its last `lines` lines on, as it grows, until the signal aborts. */
  followLog(id: string, lines: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Runs a user's command in the node's directory, with its environment and these variables. Ended after ten minutes. */
  execute(
    id: string,
    command: string,
    variables: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<{ code: number; output: string }>;
  /** A byte stream to a port as seen from the host. */
  dial(address: string, port: number, signal?: AbortSignal): Promise<Duplex>;
  close(): Promise<void>;
}

/** How a host is opened. */
export interface HostOptions {
  /** where nodes live; a leading `~/` is the user's home there */
  readonly directory: string;
  /** id of the control plane: several share a directory without meeting (I4) */
  readonly owner: string;
}

export { firstBootScript } from './commands/first-boot.ts';
export { openLogin } from './login.ts';
export type { HostLogin, KeyChanger } from './login.ts';
export { openHostRoot } from './root.ts';
export type { HostRoot } from './root.ts';
export { openHost } from './shell-host.ts';
