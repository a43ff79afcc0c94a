/**
 * A backup put in the place of a store, while no control plane holds it. The file is checked first; what was there is kept
 * beside it. The key file is not part of a backup: without it the secrets in it do not open.
 */
import { closeSync, copyFileSync, constants, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { syncToDisk } from '../../base/disk.ts';
import { Fault, wordsOf } from '../../base/fault.ts';
import { readKey } from '../key-file.ts';
import { keyCheck } from '../seal.ts';
import { acknowledgedPath } from './acknowledged.ts';
import { lockDirectory } from './lock.ts';
import { Meta } from './meta.ts';
import { migrate } from './schema.ts';
import { checked } from './sound.ts';
import { Statements } from './statements.ts';

/** What is to be restored, and where. */
interface Restoring {
  readonly file: string;
  readonly directory: string;
  /** put what is there aside; without it a store that is there is refused */
  readonly replaces: boolean;
}

/** What was restored. */
export interface Restored {
  readonly owner: string;
  /** whether the key file in the directory opens its secrets; false when there is none yet */
  readonly hasKey: boolean;
  /** where the store that was there is now; null when there was none */
  readonly aside: string | null;
}

/**
 * Restores a backup. Faults: invalid (no sound backup of this program), exists (a store is there), unavailable (a control
 * plane holds it), denied (the key file there is another store's).
 */
export function restoreSqliteStore({ file, directory, replaces }: Restoring): Restored {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  using _lock = lockDirectory(directory);
  const path = join(directory, 'wombat.db');
  if (existsSync(path) && !replaces)
    throw new Fault('exists', `there is a store in ${directory} already`, {
      object: directory,
      next: 'restore into a directory of its own, or put that one aside: --replace',
    });
  const draft = `${path}.restored`;
  try {
    copy(file, draft);
    refuseUnsound(draft);
    const found = inspect(draft, join(directory, 'secret.key'));
    const aside = existsSync(path) ? putAside(path) : null;
    // of a store that is gone
    rmSync(acknowledgedPath(path), { force: true });
    renameSync(draft, path);
    syncToDisk(directory);
    return { ...found, aside };
  } finally {
    for (const left of [draft, `${draft}-wal`, `${draft}-shm`, `${draft}-journal`]) rmSync(left, { force: true });
  }
}

function copy(file: string, draft: string): void {
  rmSync(draft, { force: true });
  closeSync(openSync(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600));
  try {
    copyFileSync(file, draft);
  } catch (error) {
    throw new Fault('invalid', `${file} cannot be read`, { object: file, words: wordsOf(error) });
  }
  syncToDisk(draft);
}

/** Opens the copy as a store would be. */
function inspect(draft: string, keyPath: string): Omit<Restored, 'aside'> {
  const database = new DatabaseSync(draft);
  try {
    migrate(database);
    const meta = new Meta(new Statements(database));
    const key = readKey(keyPath);
    if (key !== undefined && meta.boundTo() !== keyCheck(key))
      throw new Fault('denied', `${keyPath} is not the key to the secrets of this backup`, {
        object: keyPath,
        next: 'put the secret.key there that was beside the store when the backup was made',
      });
    return { owner: meta.knownOwner(), hasKey: key !== undefined };
  } finally {
    database.close();
  }
}

/** Whatever is wrong with the copy is wrong with the file. */
function refuseUnsound(draft: string): void {
  try {
    checked(draft);
  } catch (error) {
    const words = error instanceof Fault ? (error.detail.words ?? error.message) : wordsOf(error);
    throw new Fault('invalid', 'the file is no sound backup of a store', { words });
  }
}

/** The log beside a database is a part of it, and so is the count of its commits. */
function putAside(path: string): string {
  const aside = `${path}.before-restore`;
  for (const end of ['-commits', '', '-wal', '-shm']) {
    rmSync(`${aside}${end}`, { force: true });
    if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`);
  }
  return aside;
}
