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
  /** Has the key be the one that the store is bound to, where another control plane replaced it. Faults as for opening. */
  follow(bound: string): void;
}

/**
 * The key in a file, made when the store is new: a store that has sealed secrets never gets another one. `bound` is what the
 * store keeps of its key (`keyCheck`), undefined before its first. Faults: not-found, denied, invalid.
 */
export function openKeyRing(path: string, bound: string | undefined): KeyRing {
  return ringOf(keyIn(path, bound), {
    prepare: () => prepareKey(path),
    replaceFile: () => replaceKey(path),
    read: (other) => keyIn(path, other),
  });
}

function keyIn(path: string, bound: string | undefined): Uint8Array {
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
  return key;
}

/** A key that is in no file: for a store that ends with its process. */
export function keyRingInMemory(): KeyRing {
  const make = () => randomBytes(keyBytes);
  const first = make();
  return ringOf(first, { prepare: make, replaceFile: () => undefined, read: () => first });
}

/** The other key is the key when the store is bound to it; else we died before it was. */
function finishReplacing(path: string, bound: string | undefined): void {
  const next = readKey(nextKeyPath(path));
  if (next === undefined) return;
  if (bound === keyCheck(next)) replaceKey(path);
  else rmSync(nextKeyPath(path));
}

/** Where keys are. */
interface Keys {
  prepare(): Uint8Array;
  replaceFile(): void;
  read(bound: string): Uint8Array;
}

function ringOf(first: Uint8Array, { prepare, replaceFile, read }: Keys): KeyRing {
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
    follow(bound) {
      if (bound !== keyCheck(key)) key = read(bound);
    },
  };
}
