/** The bearer token: the server knows its digest only, and compares in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Says whether a presented token is the right one. */
export type VerifyToken = (presented: string) => boolean;

/** SHA-256 of a token: what the server keeps of it. */
export function tokenDigest(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** The verifier of the token that has this digest. */
export function tokenVerifier(digest: Uint8Array): VerifyToken {
  return (presented) => timingSafeEqual(tokenDigest(presented), digest);
}

/** The token of an `Authorization` header (RFC 6750, section 2.1); undefined when there is none. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header ?? '')?.[1];
}
