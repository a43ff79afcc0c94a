/** Machine: what a provider says exists; and Offer: what a domain can still sell. */
import { z } from 'zod';
import { Capabilities } from './capability.ts';
import { Name, Timestamp } from './name.ts';

/** How we get to a machine's shell. The private key itself is named, never held. */
export const Access = z.discriminatedUnion('method', [
  z.object({ method: z.literal('local'), directory: z.string() }),
  z.object({
    method: z.literal('ssh'),
    address: z.string(),
    port: z.int(),
    user: z.string(),
    /** SHA256 fingerprint that the host must show */
    hostKey: z.string(),
    /** name of the secret that holds the private key */
    keySecret: z.string(),
    directory: z.string(),
  }),
  /** a machine of the simulated cloud: it has no shell but the one its provider's simulation answers */
  z.object({ method: z.literal('memory'), id: z.string() }),
]);
export type Access = z.infer<typeof Access>;
export type SshAccess = Extract<Access, { method: 'ssh' }>;

/** An address on which nodes of a machine can be dialled, and by whom. */
export const NodeAddress = z.object({
  address: z.string(),
  /** length of the network prefix, bits */
  prefix: z.int(),
  /** `loopback` addresses serve nodes of one machine only */
  scope: z.enum(['loopback', 'network']),
});
export type NodeAddress = z.infer<typeof NodeAddress>;

/** What was measured on a machine, or what its machine type promises. */
export const Capacity = z.object({
  cores: z.int(),
  memoryBytes: z.number(),
  diskFreeBytes: z.number(),
});
export type Capacity = z.infer<typeof Capacity>;

/** What decides whether a release can run there. Unknown before a machine exists: null. */
export const Platform = z.object({
  os: z.string(),
  arch: z.string(),
  libc: z.object({ kind: z.string(), version: z.string() }),
  libraries: z.array(z.string()),
});
export type Platform = z.infer<typeof Platform>;

/** What a domain can sell. */
export const Offer = z.object({
  /** unique within the control plane and stable: `rack/10.78.0.11`, `stockholm/m1.small` */
  id: z.string(),
  provider: Name,
  domain: Name,
  machineType: z.string(),
  /** every attribute, automatic ones included; sizes in bytes */
  attributes: Capabilities,
  capacity: Capacity,
  platform: Platform.nullable(),
  /** addresses that its nodes would have, where they are known before the machine exists */
  addresses: z.array(NodeAddress),
  /** TCP ports on which something else listens already */
  listening: z.array(z.int()),
  /** how many more machines of it there are; null when nobody knows */
  left: z.int().nullable(),
  /** price of an hour, in the provider's currency; null when it states none */
  pricePerHour: z.number().nullable(),
  /** why it cannot be had at the moment, in words, with a fault code; null when it can */
  fault: z.object({ code: z.string(), why: z.string() }).nullable(),
});
export type Offer = z.infer<typeof Offer>;

/** What we asked a provider for, recorded before it was asked (I1). The token decides identity (I2). */
export const MachinePhase = z.discriminatedUnion('phase', [
  /** recorded, not yet accepted by the provider; `why` holds the provider's words when it was refused for the moment */
  z.object({
    phase: z.literal('wanted'),
    why: z.string().nullable(),
    /** it has been refused for so long that its nodes go elsewhere where they can, and what is left out till then */
    excludes: z.object({ what: z.enum(['offer', 'domain']), code: z.string() }).optional(),
  }),
  /** the provider accepted the order; the machine does not answer yet */
  z.object({
    phase: z.literal('booting'),
    since: Timestamp,
    /** fingerprint of the host key that it made for itself: on record before the machine shows it in place of the first */
    hostKey: z.string().nullable().default(null),
  }),
  z.object({ phase: z.literal('ready'), since: Timestamp }),
  /** does not answer any more */
  z.object({ phase: z.literal('unreachable'), since: Timestamp, why: z.string() }),
  /** given up: gone at the provider, or out of reach for longer than the domain allows */
  z.object({ phase: z.literal('lost'), since: Timestamp, why: z.string() }),
  z.object({
    phase: z.literal('destroying'),
    since: Timestamp,
    /** the blueprint with whose end it goes */
    blueprint: Name.optional(),
  }),
]);
export type MachinePhase = z.infer<typeof MachinePhase>;

/** Something about a machine that works and is not as it should be: its clock, an epmd that is open to all. */
export const MachineWarning = z.object({ what: z.string(), words: z.string() });
export type MachineWarning = z.infer<typeof MachineWarning>;

export const Machine = z.object({
  token: z.string(),
  provider: Name,
  domain: Name,
  /** id of the offer it was made from */
  offer: z.string(),
  machineType: z.string(),
  /** the provider's own id, once known */
  providerId: z.string().nullable(),
  access: Access.nullable(),
  attributes: Capabilities,
  capacity: Capacity,
  platform: Platform.nullable(),
  addresses: z.array(NodeAddress),
  pricePerHour: z.number().nullable(),
  state: MachinePhase,
  /** how its order was answered last, where that leaves open whether it was made; absent where it does not */
  doubt: z.string().optional(),
  /** as of the last look at its host; absent where there was nothing to say */
  warnings: z.array(MachineWarning).optional(),
});
export type Machine = z.infer<typeof Machine>;

/** An order that has been refused for long, with its fault code and the provider's words. */
export interface RefusedForLong {
  readonly what: 'offer' | 'domain';
  readonly code: string;
  readonly why: string;
}

/** What speaks against an order that goes on being tried; null for every other machine. */
export function refusedForLong({ state }: Pick<Machine, 'state'>): RefusedForLong | null {
  if (state.phase !== 'wanted' || state.excludes === undefined) return null;
  return { ...state.excludes, why: state.why ?? 'the provider says nothing' };
}
