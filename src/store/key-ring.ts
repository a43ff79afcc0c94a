/**
 * The key of a store, and how another one takes its place. The new key lies beside the old one, on disk, before the
 * transaction that seals everything with it; that transaction also says which key the store is bound to. So whoever opens
 * the store after a crash finds by that which of the two files is the key.
 *
 *   secret.key          ->  secret.key, secret.key.next  ->  (commit)  ->  secret.key
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Fault } from '../base/fault.ts';
import { makeKey, nextKeyPath, prepareKey, readKey, replaceKey } from './key-file.ts';
import { keyBytes, keyCheck } from './seal.ts';

/** The key that is in use. */
export interface KeyRing {
  readonly key: Uint8Array;
  /** Makes another one, which is on disk but not in use. */
  prepare(): Uint8Array;
  /** Has the prepared one be the key. */
  replace(key: Uint8Array): void;
}

/**
 * The key in a file, made when the store is new: a store that has sealed secrets never gets another one. `bound` is what the
 * store keeps of its key (`keyCheck`), undefined before its first. Faults: not-found, denied, invalid.
 */
export function openKeyRing(path: string, bound: string | undefined): KeyRing {
  finishReplacing(path, bound);
  let key = readKey(path);
  if (key === undefined && bound !== undefined)
    throw new Fault('not-found', `${path} is gone, and with it the way to the secrets of this store`, {
      object: path,
      next: `put the file back, it is not part of backups of the database`,
    });
  key ??= makeKey(path);
  if (bound !== undefined && bound !== keyCheck(key))
    throw new Fault('denied', 'the key file is not the one that sealed the secrets of this store', {
      object: path,
      next: 'put the secret.key that belongs to this database back in its place',
    });
  return ringOf(
    key,
    () => prepareKey(path),
    () => replaceKey(path),
  );
}

/** A key that is in no file: for a store that ends with its process. */
export function keyRingInMemory(): KeyRing {
  const make = () => randomBytes(keyBytes);
  return ringOf(make(), make, () => undefined);
}

/** The other key is the key when the store is bound to it; else we died before it was. */
function finishReplacing(path: string, bound: string | undefined): void {
  const next = readKey(nextKeyPath(path));
  if (next === undefined) return;
  if (bound === keyCheck(next)) replaceKey(path);
  else rmSync(nextKeyPath(path));
}

function ringOf(first: Uint8Array, prepare: () => Uint8Array, replaceFile: () => void): KeyRing {
  let key = first;
  return {
    get key() {
      return key;
    },
    prepare,
    replace(fresh) {
      key = fresh;
      replaceFile();
    },
  };
}
