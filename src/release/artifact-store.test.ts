import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systoolsRelease } from '../../test/kit/release-archive.ts';
import { chunksOf, file, tarGz } from '../../test/kit/tar.ts';
import { openArtifactStore } from './artifact-store.ts';

const archive = tarGz(systoolsRelease);
const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const left = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

describe('artifact store', () => {
  test('gives back what it took, by content', async () => {
    const store = openArtifactStore(folder);
    const taken = await store.take(chunksOf(archive, 100));
    expect(taken).toMatchObject({ digest, bytes: archive.length, inspection: { name: 'shop' } });
    expect(await store.has(digest)).toBe(true);
    expect((await buffer(store.read(digest))).equals(archive)).toBe(true);
  });

  test('the same bytes twice, even at once, are one artifact', async () => {
    const store = openArtifactStore(folder);
    const both = await Promise.all([store.take(chunksOf(archive)), store.take(chunksOf(archive, 7))]);
    expect(both.map((artifact) => artifact.digest)).toEqual([digest, digest]);
    expect(await left()).toHaveLength(1);
  });

  test('what is refused leaves nothing', async () => {
    const store = openArtifactStore(folder);
    const hostile = tarGz([...systoolsRelease, file('../x')]);
    await expect(store.take(chunksOf(hostile, 50))).rejects.toMatchObject({ code: 'invalid' });
    expect(await left()).toEqual([]);
  });

  test('an upload that breaks off leaves nothing', async () => {
    async function* breaking() {
      yield* chunksOf(archive.subarray(0, 300), 50);
      await Promise.reject(new Error('connection reset'));
    }
    await expect(openArtifactStore(folder).take(breaking())).rejects.toThrow('connection reset');
    expect(await left()).toEqual([]);
  });

  test('a refused upload that stalls does not hold the refusal up', async () => {
    async function* stalling() {
      yield await Promise.resolve(Buffer.from('this is no archive'));
      await new Promise(() => undefined);
    }
    await expect(openArtifactStore(folder).take(stalling())).rejects.toMatchObject({ code: 'invalid' });
    expect(await left()).toEqual([]);
  });

  test('what a crash left is swept at the next opening, and artifacts stay', async () => {
    await openArtifactStore(folder).take(chunksOf(archive));
    await writeFile(join(folder, 'incoming', 'half'), 'x');
    expect(await openArtifactStore(folder).has(digest)).toBe(true);
    expect((await left()).map((entry) => entry.name)).toEqual([`${digest.slice(7)}.tar.gz`]);
  });

  test('is for its owner only', async () => {
    await openArtifactStore(folder).take(chunksOf(archive));
    const modes = await Promise.all(
      ['sha256', `sha256/${digest.slice(7)}.tar.gz`].map((path) => stat(join(folder, path))),
    );
    expect(modes.map(({ mode }) => mode & 0o077)).toEqual([0, 0]);
  });

  test('removing is repeatable, and what is not there is not found', async () => {
    const store = openArtifactStore(folder);
    await store.take(chunksOf(archive));
    await store.remove(digest);
    await store.remove(digest);
    expect(await store.has(digest)).toBe(false);
    await expect(buffer(store.read(digest))).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each(['sha256:../../etc/passwd', '', 'sha256:ABC'])('the digest %j is nobody', async (odd) => {
    const store = openArtifactStore(folder);
    await store.remove(odd);
    expect(await store.has(odd)).toBe(false);
    await expect(buffer(store.read(odd))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a disk that cannot be written says so', async () => {
    const store = openArtifactStore(folder);
    await rm(join(folder, 'incoming'), { recursive: true });
    await expect(store.take(chunksOf(archive))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
