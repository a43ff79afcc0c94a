/**
 * Bearer tokens: the server knows their digests only. The presented one is compared with every one that is kept, each in
 * constant time. The first token is the one of the token file; it is admin, and goes when the file does.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { firstTokenName } from '../model/access.ts';
import type { KeptToken, Token } from '../model/access.ts';
import type { Clock } from '../base/clock.ts';
import type { ApiContext } from './api-context.ts';
import type { Caller } from './caller.ts';

/** The value of a new token: 256 random bits, under a name that scanners for leaked secrets can know. */
export function newTokenValue(): string {
  return `wombat_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256 of a token: what the server keeps of it. */
export function tokenDigest(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** A token as it is shown: without what its values can be recognised by. */
export function withoutDigests({ digest: _digest, former: _former, ...token }: KeptToken): Token {
  return token;
}

/** The token of the token file. */
export interface FirstToken {
  /** SHA-256 of its value */
  digest(): Uint8Array;
  /** Puts another value into the file; answers that. The one before is not good any more. */
  replace(): string;
}

/** What a presented token turned out to be. */
export type Recognised =
  { readonly caller: Caller } | { readonly caller: null; readonly why: string; readonly next: string };

/** Finds whose token was presented. */
export async function recognise(
  presented: string | undefined,
  { store, clock, firstToken }: Pick<ApiContext, 'store' | 'clock' | 'firstToken'>,
): Promise<Recognised> {
  if (presented === undefined) return unknown('no bearer token was presented');
  const digest = tokenDigest(presented);
  if (timingSafeEqual(firstToken.digest(), digest))
    return { caller: { name: firstTokenName, role: 'admin', blueprints: null } };
  const tokens = (await store.list('token')).map(({ value }) => value);
  const token = tokens.find((one) => isOf(one.digest, digest));
  const former = tokens.find((one) => isOf(one.former?.digest, digest));
  return token === undefined ? recogniseFormer(former, clock) : recogniseKept(token, clock);
}

function recogniseKept({ name, role, blueprints, expiresAt }: KeptToken, clock: Clock): Recognised {
  if (expiresAt === null || Date.parse(expiresAt) > clock.now()) return { caller: { name, role, blueprints } };
  const next = `have a new one made: wombat token revoke ${name}, then wombat token create ${name}`;
  return { caller: null, why: `token ${name} expired at ${expiresAt}`, next };
}

/** The value that a token had before: good until its grace time is over, if the token itself is. */
function recogniseFormer(token: KeptToken | undefined, clock: Clock): Recognised {
  if (token?.former === undefined) return unknown('the control plane has no such token: it is wrong, or was revoked');
  const { name, former } = token;
  if (Date.parse(former.until) > clock.now()) return recogniseKept(token, clock);
  const why = `token ${name} was replaced by another value; this one was good until ${former.until}`;
  return { caller: null, why, next: 'use the new value, or have another one made: wombat token rotate' };
}

function isOf(kept: string | undefined, presented: Uint8Array): boolean {
  return kept !== undefined && timingSafeEqual(Buffer.from(kept, 'hex'), presented);
}

function unknown(why: string): Recognised {
  const next =
    "the first token stands in the file `token` of the control plane's directory; others: wombat token create";
  return { caller: null, why, next };
}

/** The token of an `Authorization` header (RFC 6750, section 2.1); undefined when there is none. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header ?? '')?.[1];
}
