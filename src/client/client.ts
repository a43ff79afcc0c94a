/**
 * The typed client of the API: what the command line, the GUI and users' scripts talk to a control plane with. Methods
 * by noun; what they return are the nouns of the model, what goes wrong is a `ProblemError`.
 */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { AuditEntry, AuditVerdict, Token, TokenCreated, TokenRequest, TokenRotation } from '../model/access.ts';
import type { BlueprintDocument, Revision } from '../model/blueprint.ts';
import type { BulkActRequest, BulkAnswer } from '../model/bulk.ts';
import type { Event } from '../model/event.ts';
import type {
  Adopted,
  BlueprintStatus,
  BlueprintView,
  BriefStatus,
  CallAnswer,
  CheckAnswer,
  DomainView,
  ExecuteAnswer,
  FamilyView,
  FindingView,
  ProviderCallsView,
  Health,
  NodeAct,
  NodeActed,
  PlanView,
  ProviderView,
  ShellSettings,
  TopologyView,
} from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { Operation, OperationState, OperationView } from '../model/operation.ts';
import type { Plan, RebalanceRequest } from '../model/plan.ts';
import type { ProviderDefinition } from '../model/provider.ts';
import type { DeclaredRelease, Release } from '../model/release.ts';
import type { Replica } from '../model/replica.ts';
import type { Quarantine } from '../model/rollout.ts';
import type { CookieRotationRequest, Rotation } from '../model/rotation.ts';
import type { Alarm, Stray, SweepRequest, SweepView } from '../model/sweep.ts';
import type { Proof } from '../model/topology.ts';
import type { Asking, Beginning } from './asking.ts';
import type { Listing, Page } from './listing.ts';
import type { OpenShell } from './shell.ts';

/** Where the control plane is, and who asks. */
export interface ClientOptions {
  /** of the control plane, without `/api/v1`: `http://127.0.0.1:4680` */
  readonly url: string;
  readonly token: string;
  /** replaces the platform's own `fetch`, for tests */
  readonly fetch?: typeof fetch;
  /** times the resuming of event streams and the waits between tries; the machine's own when absent */
  readonly clock?: Clock;
  /** draws keys and spreads waits; the machine's own when absent */
  readonly random?: Random;
}

/** Which of a list: all that one sees, or what belongs to one blueprint. */
export interface OfBlueprint {
  readonly blueprint?: string;
}

/** Which events: those behind `after`, of all blueprints or of one. */
export interface EventQuery {
  readonly after?: number;
  readonly blueprint?: string;
}

/**
 * Every change carries a key under which it is done once, and is sent again where its connection is lost. What a call is
 * asked with is a signal, or more (`CallOptions`). Every method rejects with ProblemError for what the control plane
 * refuses and for what cannot be reached (`unavailable`).
 */
export interface Client {
  /** The only call that needs no token. */
  health(how?: Asking): Promise<Health>;
  readonly providers: {
    list(how?: Asking): Listing<ProviderView>;
    show(name: string, how?: Asking): Promise<ProviderView>;
    add(name: string, definition: ProviderDefinition, how?: Asking): Promise<ProviderView>;
    check(name: string, how?: Asking): Promise<readonly FindingView[]>;
    calls(name: string, how?: Asking): Promise<ProviderCallsView>;
    /**
     * Replaces the SSH key of its machines by this one, or by one that the control plane makes where it made the present one;
     * returns when that is on record. Problems: not-found, invalid, conflict.
     */
    rotateKey(name: string, privateKey?: string, how?: Asking): Promise<Rotation>;
    /** Answers what may still be there; with `forget` nobody is asked, also while it is in use. Problems: conflict. */
    remove(
      name: string,
      how?: Asking,
      last?: { readonly forget?: boolean },
    ): Promise<{ readonly left: readonly string[] }>;
  };
  readonly domains: {
    list(how?: Asking): Listing<DomainView>;
    show(name: string, how?: Asking): Promise<DomainView>;
  };
  readonly releases: {
    /** newest upload last */
    list(how?: Asking): Listing<Release>;
    /** `reference` is a digest or `name@version` */
    show(reference: string, how?: Asking): Promise<Release>;
    /** `created` is false when the same bytes were there already; `declared` names an archive that is no OTP release */
    upload(
      archive: AsyncIterable<Uint8Array>,
      how?: Asking,
      declared?: DeclaredRelease,
    ): Promise<{ release: Release; created: boolean }>;
    remove(reference: string, how?: Asking): Promise<void>;
    /** Many in one request: an outcome each. */
    removeEach(references: readonly string[], how?: Asking): Promise<BulkAnswer>;
    /** Versions that failed while they were rolled out: they are not applied again. */
    quarantine(which?: OfBlueprint, how?: Asking): Listing<Quarantine>;
    /** Lets versions of that release (digest or `name@version`) be applied to the blueprint again. Problems: not-found. */
    unquarantine(blueprint: string, reference: string, how?: Asking): Promise<readonly Quarantine[]>;
  };
  readonly secrets: {
    /** names, never values */
    list(how?: Asking): Listing<string>;
    put(name: string, value: string, how?: Asking): Promise<void>;
    remove(name: string, how?: Asking): Promise<void>;
    /** What is being replaced at the moment. */
    rotations(which?: OfBlueprint, how?: Asking): Listing<Rotation>;
    /** Seals all of them with another key file of the control plane. */
    rotateKey(how?: Asking): Promise<void>;
  };
  /** For those who administrate: besides the token of the token file. */
  readonly replicas: {
    /** The control planes that share the work on one database, and what each looks after. */
    list(how?: Asking): Listing<Replica>;
  };
  readonly tokens: {
    /** without their values */
    list(how?: Asking): Listing<Token>;
    /** The answer holds the value, which is told this once. Problems: exists. */
    create(request: TokenRequest, how?: Asking): Promise<TokenCreated>;
    /** Gives a token another value, which the answer holds this once; the one before is good for the grace time. */
    rotate(name: string, rotation?: TokenRotation, how?: Asking): Promise<TokenCreated>;
    revoke(name: string, how?: Asking): Promise<void>;
    /** Many in one request: an outcome each. */
    revokeEach(names: readonly string[], how?: Asking): Promise<BulkAnswer>;
  };
  /** A copy of everything that the control plane keeps, checked: its bytes, and their SHA-256. */
  backup(signal?: AbortSignal): Promise<{ readonly sha256: string; readonly bytes: AsyncIterable<Uint8Array> }>;
  /** Who changed what through the API. */
  readonly audit: {
    /** Newest first, of all blueprints or of one. */
    list(which?: OfBlueprint, how?: Asking): Listing<AuditEntry>;
    /** Checks the whole log. One that is not as it was written is an answer (`broken`), not an error. */
    verify(how?: Asking): Promise<AuditVerdict>;
  };
  readonly plans: {
    /** newest first */
    list(which?: OfBlueprint, how?: Asking): Listing<PlanView>;
    /** Problems: conflict when `revision` is given and another one is current. */
    create(document: BlueprintDocument, made?: MadeFrom, how?: Asking): Promise<Plan>;
    show(id: string, how?: Asking): Promise<Plan>;
    /** Problems: conflict when the facts changed since, unsatisfiable or unavailable when not every node has a place. */
    adopt(id: string, how?: Beginning): Promise<Adopted>;
  };
  readonly blueprints: {
    list(how?: Asking): Listing<BlueprintView>;
    show(name: string, how?: Asking): Promise<BlueprintView>;
    /** oldest first */
    revisions(name: string, how?: Asking): Listing<Revision>;
    status(name: string, how?: Asking): Promise<BlueprintStatus>;
    /** Reads a blueprint as it is written; what is wrong with it, by line and column, is an answer. */
    check(text: string, how?: Asking): Promise<CheckAnswer>;
    /** Plans moves of running nodes to where they are better off; nothing moves before the plan is adopted. */
    rebalance(name: string, request: RebalanceRequest, how?: Asking): Promise<Plan>;
    /** Replaces the cookies of its nodes, or of one family and those linked with it; returns when the wish is recorded. */
    rotateCookie(name: string, request?: CookieRotationRequest, how?: Asking): Promise<readonly Rotation[]>;
    /**
     * Returns when the wish is recorded. Problem conflict while others link to it, unless it is forced. With `forget` records
     * go at once, and neither hosts nor providers are asked.
     */
    destroy(
      name: string,
      how?: Beginning & { readonly force?: boolean; readonly forget?: boolean },
    ): Promise<Operation>;
  };
  /** The status of every blueprint. */
  status(how?: Asking): Listing<BlueprintStatus>;
  /** The same without nodes and machines: what a line for each blueprint needs. */
  statusInBrief(how?: Asking): Listing<BriefStatus>;
  readonly families: {
    list(which?: OfBlueprint, how?: Asking): Listing<FamilyView>;
    show(blueprint: string, family: string, how?: Asking): Promise<FamilyView>;
    scale(family: FamilyKey, nodes: number, how?: Beginning): Promise<Adopted>;
  };
  readonly nodes: {
    list(which?: OfBlueprint & { readonly family?: string }, how?: Asking): Listing<Node>;
    /** `reference` is an id or an Erlang name */
    show(reference: string, how?: Asking): Promise<Node>;
    /** Returns the node with the wish recorded, and the id of the operation that this began. */
    act(reference: string, act: NodeAct, how?: Beginning): Promise<NodeActed>;
    /** The same with many nodes, named or selected, in one request: an outcome each, in their order. */
    actOnEach(request: BulkActRequest, how?: Beginning): Promise<BulkAnswer>;
    /** Runs a command beside the node; a status other than 0 is an answer. */
    execute(reference: string, command: string, how?: Asking): Promise<ExecuteAnswer>;
    /** Makes an Erlang call, `module:function(arguments)`; what it raises is an answer (`ok` false). */
    call(reference: string, call: string, how?: Asking): Promise<CallAnswer>;
    /** Opens a shell on the node; it ends with the signal. */
    shell(reference: string, settings: Partial<ShellSettings>, signal: AbortSignal): Promise<OpenShell>;
    /** The last `lines` lines (100 when absent). */
    logs(reference: string, lines?: number, how?: Asking): Promise<string>;
    /** The log from its last `lines` lines on, as it grows, until the signal aborts. */
    followLog(reference: string, lines: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  };
  /** What requests began that takes time. */
  readonly operations: {
    /** newest first; those that ended long ago are not kept */
    list(which?: OfBlueprint & { readonly state?: OperationState }, how?: Asking): Listing<Operation>;
    /** With its tasks: how far each is, and in whose words it waits or has failed. */
    show(id: string, how?: Asking): Promise<OperationView>;
    /** Without them, for those who only wait. */
    glance(id: string, how?: Asking): Promise<Operation>;
    /** Ends it and takes back what it did; answers the operation that does so. Problems: conflict when it has ended. */
    cancel(id: string, how?: Asking): Promise<Operation>;
  };
  readonly sweep: {
    /** Looks now, at one provider or all, for what is ours and on no record. Problems: not-found. */
    look(provider: string | null, how?: Asking): Promise<SweepView>;
    /** Exactly these are to go; returns when that is on record. Problems: not-found. */
    remove(strays: SweepRequest['strays'], how?: Asking): Promise<{ readonly strays: readonly Stray[] }>;
    /** Says that what was given up is gone; `key` is `provider/kind/id`. Problems: not-found. */
    forget(key: string, how?: Asking): Promise<void>;
  };
  readonly alarms: {
    /** brakes that hold */
    list(which?: OfBlueprint, how?: Asking): Listing<Alarm>;
    /** Repairs go on although so much seems dead. Problems: not-found. */
    releaseRepair(which: Pick<Alarm, 'about' | 'name'>, how?: Asking): Promise<Alarm>;
  };
  readonly topology: {
    show(blueprint: string, how?: Asking): Promise<TopologyView>;
    /** Proves the cluster now. A cluster that is not as declared is an answer (`ok: false`), not an error. */
    verify(blueprint: string, how?: Asking): Promise<Proof>;
  };
  readonly events: {
    /** Newest first; behind `after`, where that is given, oldest first. */
    list(which?: EventQuery, how?: Asking): Listing<Event, EventPage>;
    /** All behind `after` (from now on when absent) as they come, without gaps, over broken connections; ends when the signal aborts. */
    follow(query: EventQuery, signal: AbortSignal): AsyncIterable<Event>;
  };
}

/** How a document came about. */
export interface MadeFrom {
  /** what the user did, for the history: `apply`, `family set colony` */
  readonly cause?: string;
  /** the revision it was made from: refused when that is not the current one any more */
  readonly revision?: number;
}

/** A family by its blueprint and name. */
export interface FamilyKey {
  readonly blueprint: string;
  readonly family: string;
}

export type { OpenShell } from './shell.ts';

/** A page of events; `last` is the sequence of the newest one there is, behind which to follow what comes. */
export interface EventPage extends Page<Event> {
  readonly last: number;
}

export type { Listing, Page, PageRequest } from './listing.ts';

export type { Asking, BeginOptions, Beginning, CallOptions } from './asking.ts';
export { tagOf } from './etag.ts';
export { largestPage } from './listing.ts';
export { openClient } from './open-client.ts';
export { ProblemError } from './problem-error.ts';
