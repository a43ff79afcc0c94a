/** A store that several control planes use at once: who they are, which shares of the work each has, and what they tell each other. */
import type { Store } from './store.ts';

/** A share of the work and the number under which it is held: each time that it is taken the number is another, greater one. */
export interface Fence {
  readonly share: string;
  readonly number: number;
}

/** A control plane of the store. */
export interface ReplicaSeen {
  readonly number: number;
  /** where its API listens; empty before it does */
  readonly url: string;
  /** since when it takes part, RFC 3339 */
  readonly since: string;
  /** its session is there */
  readonly lives: boolean;
  /** its session has asked for nothing for too long */
  readonly isSilent: boolean;
}

/** A share that was taken at least once. */
export interface ShareSeen extends Fence {
  /** number of the control plane that has it; null while nobody does */
  readonly holder: number | null;
  /** since when that is so, milliseconds ago */
  readonly sinceMs: number;
}

/** All that take part and what they have, at one moment. */
export interface Look {
  /** our own number; null when we were taken for dead, and have nothing any more */
  readonly number: number | null;
  /** the server has been up for so long that whoever is not there is not on the way back */
  readonly isSettled: boolean;
  readonly replicas: readonly ReplicaSeen[];
  readonly shares: readonly ShareSeen[];
}

/** What control planes tell each other besides what the store holds: a topic, and items of text. */
export interface Posted {
  readonly topic: string;
  readonly items: readonly (readonly (string | null)[])[];
}

/** Everything of a store, and the sharing. Faults: unavailable. */
export interface SharedStore extends Store {
  /** The same store; what is written is refused as a conflict once the fence's number is not that of its share any more; that is called then. */
  under(fence: Fence, onRefused: () => void): Store;
  /** Looks at who is there and shows that we are: to be done often. */
  look(): Promise<Look>;
  /** Takes part under a new number, after we were taken for dead. */
  join(): Promise<void>;
  /** Takes part no more: what we have is ours until it is given back, and nothing more becomes ours. */
  leave(): Promise<void>;
  /** Says where our API listens. */
  listensAt(url: string): Promise<void>;
  /** Whether the last look is so young that nobody can have taken us for dead. */
  isSure(): boolean;
  /** Takes a share that nobody has; undefined when somebody does. */
  take(share: string): Promise<Fence | undefined>;
  /** Gives a share back, for others to take, or for nobody where it is no more. Without effect on one that is not ours any more. */
  giveBack(fence: Fence, isOver: boolean): Promise<void>;
  /** Ends the sessions of one that is silent; what one that is not there had is free then. Answers what became free. */
  bury(replica: ReplicaSeen): Promise<readonly string[]>;
  /** Tells all other control planes. Best effort: what is posted while one is not connected it never hears. */
  post(posted: Posted): Promise<void>;
  /** Calls with what others posted; with null when something may have been missed. */
  onPosted(listener: (posted: Posted | null) => void): () => void;
}
