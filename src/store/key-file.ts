/**
 * The key file: 32 random bytes beside the database, readable by its owner only, and left out of backups (I8). It is
 * made whole or not at all: written under another name, brought to disk, then linked to its own, which fails when
 * something is there already.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncToDisk } from '../base/disk.ts';
import { Fault } from '../base/fault.ts';
import { keyBytes } from './seal.ts';

/** Reads the key; undefined when there is no file. Fault denied when others may read it, invalid when it is no key. */
export function readKey(path: string): Uint8Array | undefined {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    if ((fstatSync(file).mode & 0o077) !== 0) throw tooOpen(path);
    const key = readFileSync(file);
    if (key.length !== keyBytes) throw new Fault('invalid', `${path} holds ${key.length} bytes; a key has ${keyBytes}`);
    return key;
  } finally {
    closeSync(file);
  }
}

/** Makes a new key. Fails with EEXIST when the file is there. The caller holds the directory's lock. */
export function makeKey(path: string): Uint8Array {
  const draft = `${path}.new`;
  const key = writeKey(draft);
  linkSync(draft, path);
  rmSync(draft);
  syncToDisk(dirname(path));
  return key;
}

/** Where the key lies that is to take the place of another. */
export function nextKeyPath(path: string): string {
  return `${path}.next`;
}

/** Makes the key that is to take the place of the one there; on disk when it returns. */
export function prepareKey(path: string): Uint8Array {
  const key = writeKey(nextKeyPath(path));
  syncToDisk(dirname(path));
  return key;
}

/** Puts the prepared key in place of the one there. Another control plane of the same directory may have done so. */
export function replaceKey(path: string): void {
  if (existsSync(nextKeyPath(path))) renameSync(nextKeyPath(path), path);
  syncToDisk(dirname(path));
}

function writeKey(path: string): Uint8Array {
  const key = randomBytes(keyBytes);
  rmSync(path, { force: true });
  const file = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    writeSync(file, key);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function tooOpen(path: string): Fault {
  return new Fault('denied', `${path} holds the key of all secrets, and others than its owner may read it`, {
    object: path,
    next: `chmod 600 ${path}`,
  });
}
