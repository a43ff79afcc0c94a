/**
 * Changing requests that carry a key, as they are kept: their contents as HMACs of a key that nobody else has (a body may
 * hold a secret), their answers sealed like secrets (I8), those of some size packed.
 */
import { createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { seal, unseal } from './seal.ts';
import type { KeptAnswer, KeptRequest, RequestKey } from './store.ts';

/** How long an answer is kept, milliseconds. */
export const keptMs = 24 * 3_600_000;

/** The name under which a store keeps the key of contents. */
export const contentKeyName = 'requests';

/** Plans of large clusters are megabytes, and shrink to a tenth. */
const smallCharacters = 2_000;

/** The store's keys for requests: one seals answers, the other stays when that one is replaced, so that contents compare. */
export interface RequestKeys {
  readonly seal: Uint8Array;
  readonly content: Uint8Array;
}

/** A request as it is kept: `at` in milliseconds, `digest`, and the sealed `answer` or null. */
type RequestRow = Readonly<Record<string, unknown>>;

/** The keys, given what is kept of the second: it follows from the store's first key until that is replaced. */
export function requestKeys(storeKey: Uint8Array, kept: string | undefined): RequestKeys {
  const content =
    kept === undefined
      ? createHmac('sha256', storeKey).update('wombat requests').digest()
      : Buffer.from(unseal(storeKey, contentKeyName, Buffer.from(kept, 'base64')), 'hex');
  return { seal: storeKey, content };
}

/** The key of contents, to be kept under another key of the store. */
export function keptContentKey(fresh: Uint8Array, { content }: RequestKeys): string {
  return Buffer.from(seal(fresh, contentKeyName, Buffer.from(content).toString('hex'))).toString('base64');
}

/** What tells whether two requests have one content, and nothing else about it. */
export function contentDigest({ content: key }: RequestKeys, content: string): string {
  return createHmac('sha256', key).update(content).digest('hex');
}

/** An answer, sealed under the name of its request. */
export function sealedAnswer(keys: RequestKeys, request: RequestKey, answer: KeptAnswer): Uint8Array {
  return seal(keys.seal, nameOf(request), packed(JSON.stringify(answer)));
}

/** A sealed answer under another key of the store. */
export function resealedAnswer(
  keys: RequestKeys,
  request: RequestKey,
  answer: Uint8Array,
  fresh: Uint8Array,
): Uint8Array {
  return seal(fresh, nameOf(request), unseal(keys.seal, nameOf(request), answer));
}

/** What is known of a request that was begun before. */
export function keptRequest(keys: RequestKeys, request: RequestKey, content: string, row: RequestRow): KeptRequest {
  const { at, digest, answer } = row;
  const text = answer === null ? null : unseal(keys.seal, nameOf(request), answer as Uint8Array);
  return {
    at: new Date(Number(at)).toISOString(),
    isSame: digest === contentDigest(keys, content),
    answer: text === null ? null : (JSON.parse(unpacked(text)) as KeptAnswer),
  };
}

function nameOf({ token, key }: RequestKey): string {
  return `request ${token} ${key}`;
}

function packed(text: string): string {
  return text.length < smallCharacters ? `=${text}` : `~${deflateRawSync(text).toString('base64')}`;
}

function unpacked(text: string): string {
  return text.startsWith('=') ? text.slice(1) : inflateRawSync(Buffer.from(text.slice(1), 'base64')).toString();
}
