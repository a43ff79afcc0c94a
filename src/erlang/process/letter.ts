/** What arrives at a process of ours. Our processes trap exits: a signal is something to read, not to die from. */
import type { Atom } from '../term/atom.ts';
import type { Pid, Reference, Term } from '../term/types.ts';

/** A process known by the name under which it is registered on a node. */
export interface RegisteredName {
  readonly name: string;
  /** the full name of the node */
  readonly node: string;
}

/** Whom a message can be sent to: a process, a registered name, an alias. */
export type Address = Pid | RegisteredName | Reference;

/** Something that arrived. */
export type Letter =
  | { readonly kind: 'message'; readonly message: Term }
  /** a linked process ended, or somebody sent an exit signal */
  | { readonly kind: 'exit'; readonly from: Pid; readonly reason: Term }
  /** what a monitor watches ended; `noconnection` when its node is gone */
  | { readonly kind: 'down'; readonly monitor: Reference; readonly watched: Pid | Atom; readonly reason: Term }
  /** the connection to a watched node ended */
  | { readonly kind: 'node-down'; readonly node: string; readonly why: string };
