/** A rotation: a secret that is being replaced by another, while both are known. Its record is gone once the old one is forgotten. */
import { z } from 'zod';
import { FamilyName, Name, Timestamp } from './name.ts';

const common = {
  /** name of the secret */
  secret: z.string(),
  since: Timestamp,
  /** false until both values are in the store */
  begun: z.boolean(),
  /** how far it is, and what it waits for */
  words: z.string(),
};

/** The cookie of the nodes of one component. */
export const CookieRotation = z.object({
  what: z.literal('cookie'),
  blueprint: Name,
  component: FamilyName,
  /** processes that have taken the new one: their incarnations */
  switched: z.array(z.string()),
  ...common,
});
export type CookieRotation = z.infer<typeof CookieRotation>;

/** Somebody who has not got there yet, and why. */
const Lacking = z.object({ where: z.string(), why: z.string() });
export type Lacking = z.infer<typeof Lacking>;

/** The SSH key by which a provider's machines are entered. */
export const KeyRotation = z.object({
  what: z.literal('ssh key'),
  provider: Name,
  /** the blueprint that declares the provider; null when it was added by hand */
  blueprint: Name.nullable(),
  /** SHA256 fingerprint of the new one; absent in records of earlier versions */
  fingerprint: z.string().optional(),
  /** who lets the new one in and refuses the old one: hosts as `user@address:port`, machines that were made by their tokens */
  done: z.array(z.string()),
  /** the first of those who do not yet */
  lacking: z.array(Lacking).optional(),
  ...common,
});
export type KeyRotation = z.infer<typeof KeyRotation>;

/** POST /providers/{name}/rotate-key. */
export const KeyRotationRequest = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(65_536)
    .optional()
    .describe(
      'the new private key, OpenSSH format, without a passphrase; where the control plane made the present one it makes another when absent',
    ),
});
export type KeyRotationRequest = z.infer<typeof KeyRotationRequest>;

export const Rotation = z.discriminatedUnion('what', [CookieRotation, KeyRotation]);
export type Rotation = z.infer<typeof Rotation>;

/** POST /blueprints/{name}/rotate-cookie. */
export const CookieRotationRequest = z.strictObject({
  family: FamilyName.optional().describe('only of the component that this family belongs to; of all when absent'),
});
export type CookieRotationRequest = z.infer<typeof CookieRotationRequest>;
