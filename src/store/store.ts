/**
 * The store: intents, facts and events of one control plane. Records are typed by their kind and changed only by
 * compare-and-set within one atomic commit, events included; so that whoever dies between two commits leaves a state
 * from which the loops go on (I1, I5).
 */
import type { AuditDraft, AuditEntry, AuditVerdict, KeptToken } from '../model/access.ts';
import type { Domain } from '../model/domain.ts';
import type { Event, EventDraft } from '../model/event.ts';
import type { Machine } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { KeptOperation } from '../model/operation.ts';
import type { Plan } from '../model/plan.ts';
import type { Provider } from '../model/provider.ts';
import type { Release } from '../model/release.ts';
import type { Quarantine, Rollout } from '../model/rollout.ts';
import type { Rotation } from '../model/rotation.ts';
import type { Revision } from '../model/blueprint.ts';
import type { Proof, Run } from '../model/topology.ts';
import type { Head } from '../model/head.ts';
import type { Alarm, Leftover, Stray } from '../model/sweep.ts';
import type { OfferSheet } from '../model/offer-sheet.ts';

/** Every kind of record and its value. Keys in brackets. */
export interface Records {
  /** [name] */
  provider: Provider;
  /** [name] */
  domain: Domain;
  /** [digest] */
  release: Release;
  /** [name] which revision and plan a blueprint is at, and whether it is being destroyed */
  blueprint: Head;
  /** [blueprint@number] */
  revision: Revision;
  /** [id] */
  plan: Plan;
  /** [token] */
  machine: Machine;
  /** [id] */
  node: Node;
  /** [id] */
  run: Run;
  /** [blueprint] the last one */
  proof: Proof;
  /** [blueprint/family] the last one */
  rollout: Rollout;
  /** [blueprint/family/version] */
  quarantine: Quarantine;
  /** [provider] what it offered when last asked */
  offers: OfferSheet;
  /** [id] what requests began that takes time */
  operation: KeptOperation;
  /** [name] who may come in, besides the token of the token file */
  token: KeptToken;
  /** [name of the secret] what is being replaced */
  rotation: Rotation;
  /** [provider/kind/id] what is ours and on no record */
  stray: Stray;
  /** [provider/kind/id] what was given up and may still be there */
  leftover: Leftover;
  /** [brake about name] brakes that hold */
  alarm: Alarm;
}
export type Kind = keyof Records;

/** A record and the version under which it was read. Versions count from 1. */
export interface Versioned<V> {
  readonly key: string;
  readonly version: number;
  readonly value: V;
}

/** One change of a commit. `expect` is the version it was read under; 0: there must be none; null: whatever is there. */
export type Change = {
  [K in Kind]:
    | { readonly put: K; readonly key: string; readonly value: Records[K]; readonly expect: number | null }
    | { readonly remove: K; readonly key: string; readonly expect: number | null };
}[Kind];

/** Which records of a kind: all, those of one blueprint, or those whose key starts so. Ordered by key. */
export interface Selector {
  readonly blueprint?: string;
  readonly keyPrefix?: string;
}

/** Where one stands in a list: place and key of the record that was read last. */
export type Place = readonly [place: string, key: string];

/** A record in a list. */
export interface Placed<V> extends Versioned<V> {
  readonly place: Place;
}

/** One page of a kind, in the order of `placeOf` and then by key. */
export interface PageSelector {
  readonly limit: number;
  /** those behind it; from the beginning when absent */
  readonly after?: Place | undefined;
  readonly blueprint?: string | undefined;
  /** those of any of these, and those of none */
  readonly seenBy?: readonly string[] | null;
  /** the other way round, last first */
  readonly backwards?: boolean;
}

/** A page as it is written down. */
export interface WrittenPage {
  /** the values as JSON, UTF-8, with a comma between two */
  readonly text: Uint8Array;
  /** where the last of them stands, behind which there are more; null at the end */
  readonly next: Place | null;
}

/** Which events, oldest first. */
export interface EventSelector {
  /** those with a greater sequence */
  readonly after: number;
  readonly limit: number;
  readonly blueprint?: string;
  /** those of any of these */
  readonly blueprints?: readonly string[];
  readonly object?: string;
}

/** Facts, intents and events. Faults: conflict (nothing of the commit is done), unavailable. */
export interface Store {
  get<K extends Kind>(kind: K, key: string): Promise<Versioned<Records[K]> | undefined>;
  list<K extends Kind>(kind: K, selector?: Selector): Promise<readonly Versioned<Records[K]>[]>;
  /** At most `limit` records, read by their places: the rest of the list costs nothing. */
  page<K extends Kind>(kind: K, selector: PageSelector): Promise<readonly Placed<Records[K]>[]>;
  /** The same, to be handed on as it is: nothing is read and written anew. */
  writtenPage(kind: Kind, selector: PageSelector): Promise<WrittenPage>;
  /** All or nothing; durable when it resolves. Returns the sequence of the last event written so far. */
  commit(changes: readonly Change[], events?: readonly EventDraft[]): Promise<number>;
  events(selector: EventSelector): Promise<readonly Event[]>;
  /** The newest `limit` events that match, oldest of them first; of those before `before` where that is given. */
  recentEvents(selector: Omit<EventSelector, 'after'> & { readonly before?: number }): Promise<readonly Event[]>;
  /** The sequence of the oldest event that is kept: all from there on are. 0 before the first. */
  firstEvent(): Promise<number>;
  /** Keeps no event up to that sequence any more, oldest first, at most `limit` of them; the newest of all stays. Answers how many went. */
  forgetEvents(through: number, limit: number): Promise<number>;
  /** Calls `listener` after each commit with what it changed; returns how to stop that. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /** This installation's id, made when the store was made: the owner tag of everything that is ours. */
  readonly owner: string;
  /** Secrets are kept encrypted (AES-256-GCM) with a key that is not in the database (I8). */
  readonly secrets: SecretStore;
  /** Who did what through the API. */
  readonly audit: AuditLog;
  /** Changing requests that carry a key, and their answers. */
  readonly requests: RequestLog;
  /** Seals all secrets with another key, which takes the place of the key file; the old one opens nothing any more. */
  rotateKey(): Promise<void>;
  /** A copy of everything at one moment, while work goes on. Faults: unavailable; unknown when the copy is not sound. */
  backup(signal: AbortSignal): Promise<Backup>;
  close(): Promise<void>;
}

/** A copy of a store, checked, on its way out. It holds secrets sealed, and the key to them not (I8). */
export interface Backup {
  /** media type of what it is: `application/vnd.sqlite3` */
  readonly contentType: string;
  /** SHA-256 of its bytes, hexadecimal */
  readonly sha256: string;
  /** To be read once; what it took is given back at the end. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** What a commit changed. */
export interface Notice {
  readonly changes: readonly { readonly kind: Kind; readonly key: string; readonly removed: boolean }[];
  readonly events: readonly Event[];
}

/** Which entries of the audit log: the newest `limit`, of all or of these blueprints. */
export interface AuditSelector {
  readonly limit: number;
  readonly blueprints?: readonly string[];
  /** those with a smaller sequence */
  readonly before?: number | undefined;
}

/** A log that is only appended to; whatever else happens to its entries is found. Faults: unavailable. */
export interface AuditLog {
  /** Durable when it resolves. */
  append(draft: AuditDraft): Promise<void>;
  /** The newest that match, oldest of them first. */
  recent(selector: AuditSelector): Promise<readonly AuditEntry[]>;
  /** Reads all of it, and says which entry is the first that is not as it was written. */
  verify(): Promise<AuditVerdict>;
}

/** A request by the key that its sender drew, among those of its token. */
export interface RequestKey {
  readonly token: string;
  readonly key: string;
}

/** What was answered. */
export interface KeptAnswer {
  readonly status: number;
  /** JSON; undefined where the answer has no body */
  readonly body?: unknown;
}

/** A request that was begun before. */
export interface KeptRequest {
  /** RFC 3339 */
  readonly at: string;
  /** whether it had this content */
  readonly isSame: boolean;
  /** null when it was never settled: it is being done, or whoever did it died */
  readonly answer: KeptAnswer | null;
}

/** Requests of the last day by their keys. Faults: unavailable. */
export interface RequestLog {
  /** Writes down that it is being done, durable when it resolves; what is there already is answered and stays. */
  begin(request: RequestKey, content: string): Promise<KeptRequest | undefined>;
  /** Keeps its answer, sealed; and its content, where that is only known now. */
  settle(request: RequestKey, answer: KeptAnswer, content?: string): Promise<void>;
  /** It was refused without being done: the key is free again. */
  forget(request: RequestKey): Promise<void>;
}

/** Values that nobody but the control plane may read: written by users, listed by name only. */
export interface SecretStore {
  put(name: string, value: string): Promise<void>;
  /** Fault not-found when there is none. */
  get(name: string): Promise<string>;
  has(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Names, never values. */
  names(): Promise<readonly string[]>;
}

export type { Fence, Look, Posted, ReplicaSeen, SharedStore, ShareSeen } from './shared.ts';
export { linkRecordsOf, linkedWith, partnersOf, readLinks } from './linked.ts';
export { openMemoryStore, openSqliteStore } from './sqlite/open.ts';
export { restoreSqliteStore } from './sqlite/restore.ts';
export type { Restored } from './sqlite/restore.ts';
export { downgradeStore } from './downgrade.ts';
export { moveStore } from './move.ts';
export type { Moved } from './move.ts';
export { openPostgresStore } from './postgres/open.ts';
export { openPool } from './postgres/pool.ts';
