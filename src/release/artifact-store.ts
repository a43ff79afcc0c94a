/**
 * Archives by content in one folder, which belongs to one control plane at a time:
 *
 *   sha256/<hex>.tar.gz    whole archives: written, synced, then renamed here, so that a name here is a promise
 *   incoming/<random>      uploads under way; what a crash left is removed when the store is opened
 *
 * Both are for their owner only: releases may hold what others should not read.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fullDiskFault } from '../base/disk.ts';
import { Fault, wordsOf } from '../base/fault.ts';
import type { DeclaredRelease } from '../model/release.ts';
import { inspect } from './inspect.ts';
import { defaultLimits } from './limits.ts';
import type { FileHandle } from 'node:fs/promises';
import type { ArchiveLimits } from './limits.ts';
import type { Artifact, ArtifactStore } from './release.ts';

/** Opens the store, making its folders and sweeping what unfinished uploads left. */
export function openArtifactStore(directory: string, limits: ArchiveLimits = defaultLimits): ArtifactStore {
  const incoming = join(directory, 'incoming');
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true, mode: 0o700 });
  mkdirSync(join(directory, 'sha256'), { recursive: true, mode: 0o700 });
  return new FolderStore(directory, limits);
}

class FolderStore implements ArtifactStore {
  readonly #directory: string;
  readonly #limits: ArchiveLimits;

  constructor(directory: string, limits: ArchiveLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  async take(archive: AsyncIterable<Uint8Array>, declared?: DeclaredRelease): Promise<Artifact> {
    const upload = await Upload.begin(join(this.#directory, 'incoming', randomUUID()));
    try {
      const inspection = await inspect(upload.through(archive), this.#limits, declared);
      const { digest, bytes } = await upload.keep((hex) => this.#pathOf(hex));
      return { digest, bytes, inspection };
    } finally {
      await upload.end();
    }
  }

  async has(digest: string): Promise<boolean> {
    const hex = hexOf(digest);
    if (hex === null) return false;
    return access(this.#pathOf(hex)).then(
      () => true,
      () => false,
    );
  }

  async *read(digest: string): AsyncGenerator<Uint8Array> {
    const hex = hexOf(digest);
    if (hex === null || !(await this.has(digest)))
      throw new Fault('not-found', `no release archive ${digest} is stored`, {
        object: digest,
        next: 'wombat release upload FILE',
      });
    yield* createReadStream(this.#pathOf(hex)) as AsyncIterable<Uint8Array>;
  }

  async remove(digest: string): Promise<void> {
    const hex = hexOf(digest);
    if (hex !== null) await rm(this.#pathOf(hex), { force: true });
  }

  #pathOf(hex: string): string {
    return join(this.#directory, 'sha256', `${hex}.tar.gz`);
  }
}

/** One archive on its way in. Ends as a whole file under its own name, or as nothing. */
class Upload {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  /** the write under way: the file is not closed before it is done */
  #writing: Promise<void> = Promise.resolve();
  #ended = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async begin(path: string): Promise<Upload> {
    return new Upload(path, await diskWork(path, () => open(path, 'wx', 0o600)));
  }

  /** The archive, written and hashed chunk by chunk as it is read. */
  async *through(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive) {
      if (this.#ended) return;
      this.#writing = this.#write(chunk);
      await this.#writing;
      yield chunk;
    }
  }

  /** Makes what was written durable and gives it its name. */
  async keep(pathOf: (hex: string) => string): Promise<{ readonly digest: string; readonly bytes: number }> {
    const hex = this.#hash.digest('hex');
    const target = pathOf(hex);
    await diskWork(this.#path, async () => {
      await this.#file.sync();
      await rename(this.#path, target);
      await syncFolder(join(target, '..'));
    });
    return { digest: `sha256:${hex}`, bytes: this.#bytes };
  }

  /** Removes what was not kept. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#writing.catch(() => undefined);
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    await diskWork(this.#path, () => this.#file.writeFile(chunk));
  }
}

/** A rename is durable only when the folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

/** A full or failing disk is no surprise to those who keep archives. */
async function diskWork<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const what = 'the release archive cannot be written';
    const full = fullDiskFault(error, dirname(dirname(path)), what);
    throw full ?? new Fault('unavailable', what, { words: wordsOf(error), cause: error });
  }
}

function hexOf(digest: string): string | null {
  return /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] ?? null;
}
