/**
 * The cloud seam: what an adapter must be able to do, and nothing it need not. Adapters are dull: no waiting, no
 * retrying, no sleeping inside (the wrappers and the loops do that), raw errors thrown as they come and classified by
 * `faultOf`. One adapter instance serves one provider with all its domains.
 *
 * What a cloud needs beside machines (key pair, security group, network port) belongs to the adapter: created
 * repeatably, tagged, listed and destroyed the same way.
 */
import type { Clock } from '../base/clock.ts';
import type { FaultCode } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Domain } from '../model/domain.ts';
import type { Access, Capacity, NodeAddress, Offer, Platform } from '../model/machine.ts';
import type { Provider } from '../model/provider.ts';

/** What a cloud can do, as data: checked at start, never found out by trying. */
export interface Traits {
  /** `made` on order, and ended when given back; or `existing` ones that are claimed */
  readonly machines: 'made' | 'existing';
  /** the provider itself makes a repeated create with the same token one machine */
  readonly clientTokens: boolean;
  /** machines carry our tags */
  readonly tags: boolean;
  /** where a family's firewall is enforced */
  readonly firewall: 'security groups' | 'host' | 'none';
  readonly zones: boolean;
  readonly priceFeed: boolean;
  /** one call can make several machines */
  readonly batchCreate: boolean;
  /** longest time from accepted order to first shell contact, milliseconds, unless the domain says otherwise */
  readonly bootMs: number;
}

/** Something that `check` noticed. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** what was looked at: `endpoint`, `credentials`, `host 10.78.0.11` */
  readonly what: string;
  readonly words: string;
  readonly code: FaultCode | null;
}

/** How a machine that is made is entered for the first time; the same for every repetition of its order (I2). */
export interface FirstBoot {
  /** our public key, one line as in `authorized_keys` */
  readonly publicKey: string;
  /**
   * SHA256 fingerprint of the host key that it will show at first contact. The adapter keeps it with the machine as a tag
   * (`tagsOf`), so that a listing can say it. Null where the domain's image brings its own, which the domain then names.
   */
  readonly hostKey: string | null;
  /** user-data, whole: a script that begins with `#!`, at most 16 KiB; null for images that run none */
  readonly userData: string | null;
}

/** A machine to be made. The token decides identity: the same token never makes a second one (I2). */
export interface Order {
  readonly token: string;
  /** id of this control plane, carried by everything that is ours (I4) */
  readonly owner: string;
  readonly domain: string;
  readonly offer: string;
  readonly machineType: string;
  /** a name for people */
  readonly name: string;
  /** null where machines exist already */
  readonly boot: FirstBoot | null;
}

/** What a provider says of one thing of ours. */
export interface Owned {
  readonly kind: 'machine' | 'beside';
  /** the provider's id */
  readonly id: string;
  /** its order; for what stands beside machines null, or where it serves one machine only that one's */
  readonly token: string | null;
  readonly owner: string;
  readonly domain: string;
  /** `starting` until its shell can be tried; `failed` with words when the provider gave up */
  readonly state: 'starting' | 'running' | 'stopped' | 'failed' | 'going';
  readonly words: string | null;
  readonly access: Access | null;
  readonly addresses: readonly NodeAddress[];
  readonly capacity: Capacity | null;
  readonly platform: Platform | null;
  /** of a key pair beside machines: which public key it is (`keyDigestOf`); it goes when that key opens nothing any more */
  readonly keyDigest?: string;
}

/** The outcome of one order of a batch. */
export type Created =
  | { readonly token: string; readonly ok: true; readonly owned: Owned }
  | { readonly token: string; readonly ok: false; readonly error: unknown };

/** Who may reach which TCP ports of this owner's machines at the provider. Everything else stays shut. */
export interface Rule {
  readonly ports: readonly [number, number];
  /** CIDR blocks that may connect, and `members`: this owner's other machines at the same provider */
  readonly from: readonly string[];
}

/** The verbs that cost a provider a call. */
export const verbs = ['check', 'offers', 'create', 'allow', 'list', 'destroy'] as const;
export type Verb = (typeof verbs)[number];

/** Nine members; every wait takes a signal. */
export interface Cloud {
  readonly kind: string;
  readonly traits: Traits;
  /** Is this provider usable, and if not why. Throws only what is no finding. */
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  /** What can be had now, in all domains. An offer that exists but cannot be had carries its fault. */
  offers(signal: AbortSignal): Promise<readonly Offer[]>;
  /** Makes machines; repeatable by token; an outcome per order. */
  create(orders: readonly Order[], signal: AbortSignal): Promise<readonly Created[]>;
  /** Makes the firewall of this owner exactly so. Does nothing where `traits.firewall` is not `security groups`. */
  allow(owner: string, rules: readonly Rule[], signal: AbortSignal): Promise<void>;
  /**
   * Everything of this owner, machines and what stands beside them: the only truth. Ended without an error means
   * complete: what was not yielded does not exist. Where a part of the provider cannot be asked, everything that can be
   * read is yielded first, then a Fault (`unavailable`, unless all parts failed alike) names what could not be asked:
   * nothing may then be concluded about what is missing, everything about what was yielded.
   */
  list(owner: string, signal: AbortSignal): AsyncIterable<Owned>;
  /** Accepted; gone when `list` says so. Already gone is success (I3); what belongs to another owner stays (I4). */
  destroy(owned: Pick<Owned, 'id' | 'kind' | 'domain' | 'token' | 'owner'>, signal: AbortSignal): Promise<void>;
  /**
   * Classifies what this adapter threw. Where the provider said how long to wait, the error carries that as a number of
   * milliseconds named `retryAfterMs` (a Fault: in its detail).
   */
  faultOf(error: unknown): FaultCode;
}

/** What every adapter is opened with. */
export interface CloudContext {
  readonly provider: Provider;
  /** id of this control plane: an offer that is taken says whether by us */
  readonly owner: string;
  /** the provider's domains; at least one */
  readonly domains: readonly Domain[];
  /** the value behind a `secret://…` reference; Fault not-found when nobody has handed it in */
  secret(reference: string): Promise<string>;
  /** what that value was, while it is being replaced: tried where the present one is refused */
  formerSecret?(reference: string): Promise<string | undefined>;
  /** the name under which that value is kept, to be put into an Access */
  secretName(reference: string): string;
  /** name of the secret that holds the private key for machines that are made; its public half comes with each order */
  readonly keySecret: string;
  /** where the control plane keeps what belongs to this provider on this machine */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Opens an adapter: does no I/O. Main holds one per kind. */
export type OpenCloud = (context: CloudContext) => Cloud;

export { limitsOf, wrapCloud } from './wrap.ts';
export { Gate } from './wrappers/limit.ts';
export { CallLog } from './wrappers/call-log.ts';
export { createMeter } from './wrappers/meter.ts';
export { declaredAttributes, measuredAttributes, placeAttributes, platformOf, capacityOf } from './attributes.ts';
export { besideKeyOf, besideOf } from './beside.ts';
export { readCredentials } from './credentials.ts';
export { libraryAttributes } from './distributions.ts';
export { groundOf, noOffer, orderedDomain } from './ordered.ts';
export { saleOffer } from './sale-offer.ts';
export type { Sale } from './sale-offer.ts';
export { claimFault, claimMachine, foreignClaim, look, lookIfOurs, releaseMachine } from './claim.ts';
export type { ClaimSite, Sighting } from './claim.ts';
export {
  besideKeyName,
  besideName,
  isBesideName,
  keyDigestOf,
  madeAccess,
  ownerTag,
  readTags,
  tagsOf,
  tokenTag,
} from './tags.ts';
export type { Tags } from './tags.ts';
export { createEach } from './create-each.ts';
