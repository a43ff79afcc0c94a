/** The names that users give things. */
import { z } from 'zod';

/** Families become the first part of Erlang node names, so they are atoms without quotes: `colony`, `web_2`. */
export const FamilyName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,39}$/,
    'a family name starts with a lower-case letter and goes on with lower-case letters, digits and _ (40 at most)',
  );

/** Names of blueprints, providers, domains and releases: `eu-north`, `ants`. */
export const Name = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,62}$/,
    'a name starts with a lower-case letter and goes on with lower-case letters, digits, - and _ (63 at most)',
  );

/** A family: its own name, or `blueprint/family` for one of another blueprint. */
export const FamilyReference = z
  .string()
  .regex(
    /^([a-z][a-z0-9_-]{0,62}\/)?[a-z][a-z0-9_]{0,39}$/,
    'name a family, or blueprint/family for one of another blueprint',
  );

/** SHA-256 of a release archive's bytes, lower-case hexadecimal. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest is sha256: and 64 hexadecimal digits');

/** Where a secret's value comes from: an environment variable or a file of the person who applies. */
export const SecretReference = z
  .string()
  .regex(/^secret:\/\/(env\/[A-Za-z_][A-Za-z0-9_]*|file\/.+)$/, 'a secret is secret://env/NAME or secret://file/PATH');

/** A moment, RFC 3339 in UTC. */
export const Timestamp = z.iso.datetime();

export type Digest = z.infer<typeof Digest>;
