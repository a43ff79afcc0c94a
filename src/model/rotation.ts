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

/** The SSH key of a provider's hosts. */
export const KeyRotation = z.object({
  what: z.literal('ssh key'),
  provider: Name,
  /** the blueprint that declares the provider; null when it was added by hand */
  blueprint: Name.nullable(),
  /** hosts that let the new one in and refuse the old one: `user@address:port` */
  done: z.array(z.string()),
  ...common,
});
export type KeyRotation = z.infer<typeof KeyRotation>;

/** POST /providers/{name}/rotate-key. */
export const KeyRotationRequest = z.strictObject({
  key: z.string().min(1).max(65_536).describe('the new private key, OpenSSH format, without a passphrase'),
});
export type KeyRotationRequest = z.infer<typeof KeyRotationRequest>;

export const Rotation = z.discriminatedUnion('what', [CookieRotation, KeyRotation]);
export type Rotation = z.infer<typeof Rotation>;

/** POST /blueprints/{name}/rotate-cookie. */
export const CookieRotationRequest = z.strictObject({
  family: FamilyName.optional().describe('only of the component that this family belongs to; of all when absent'),
});
export type CookieRotationRequest = z.infer<typeof CookieRotationRequest>;
