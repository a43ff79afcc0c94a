/** Who may do what: tokens with a role, and the log of what was done with them. */
import { z } from 'zod';
import { Name, Timestamp } from './name.ts';

/** What a token allows, each including the one before: look, change, change what all share and who may come in. */
export const roles = ['read', 'operate', 'admin'] as const;
const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/** The name under which the token of the token file acts; no other one is called so. */
export const firstTokenName = 'first';

/** POST /tokens. */
export const TokenRequest = z.strictObject({
  name: Name,
  role: Role,
  blueprints: z.array(Name).min(1).max(1000).nullable().optional().describe('only these; all when null or absent'),
  expiresAfterSeconds: z.int().min(1).max(3_153_600_000).nullable().optional().describe('never when null or absent'),
});
export type TokenRequest = z.infer<typeof TokenRequest>;

/** A token without its value, which is nowhere but with its holder. */
export const Token = z.object({
  name: Name,
  role: Role,
  /** null: all */
  blueprints: z.array(Name).nullable(),
  createdAt: Timestamp,
  /** null: never */
  expiresAt: Timestamp.nullable(),
});
export type Token = z.infer<typeof Token>;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A token as it is kept. */
export const KeptToken = Token.extend({
  /** SHA-256 of the value, hexadecimal; the value has 256 random bits, so that there is nothing to guess */
  digest: Sha256,
  /** that of the value before, which is still good for a while */
  former: z.object({ digest: Sha256, until: Timestamp }).optional(),
});
export type KeptToken = z.infer<typeof KeptToken>;

/** POST /tokens/{name}/rotate. */
export const TokenRotation = z.strictObject({
  graceSeconds: z
    .int()
    .min(0)
    .max(604_800)
    .optional()
    .describe('how long the value before is still good, so that whoever holds it can change over; 600 when absent'),
});
export type TokenRotation = z.infer<typeof TokenRotation>;

/** What POST /tokens answers, and a rotation: the only time that the value is told. */
export const TokenCreated = z.object({ token: Token, value: z.string() });
export type TokenCreated = z.infer<typeof TokenCreated>;

/** One request that changed something, or tried to. */
export const AuditEntry = z.object({
  /** counts up without gaps from 1 */
  sequence: z.int(),
  at: Timestamp,
  /** name of the token that was presented */
  token: z.string(),
  method: z.string(),
  /** without the query */
  path: z.string(),
  operation: z.string(),
  blueprint: z.string().nullable(),
  /** the HTTP status that was answered; 101 for a shell that was opened */
  status: z.int(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
/** An entry before the store has numbered it. */
export type AuditDraft = Omit<AuditEntry, 'sequence' | 'at'>;

/** What checking the log found. */
export const AuditVerdict = z.object({
  /** how many entries were read and are as they were written */
  sound: z.int(),
  /** hash of the newest entry; to be written down elsewhere by whoever wants to prove later that nothing before it changed */
  head: z.string(),
  /** the first entry that was changed, removed or moved; null when there is none */
  broken: z.object({ sequence: z.int(), words: z.string() }).nullable(),
});
export type AuditVerdict = z.infer<typeof AuditVerdict>;
