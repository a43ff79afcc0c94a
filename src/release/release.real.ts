import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAnts } from '../../examples/ants/build.ts';
import { chunksOf } from '../../test/kit/tar.ts';
import { inspect, openArtifactStore } from './release.ts';

const run = promisify(execFile);

describe('a release as systools makes it', () => {
  let folder: string;
  let archive: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'release-'));
    archive = await readFile(await buildAnts({ folder, version: '1.0.0' }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is told apart', async () => {
    const otp = await run('erl', ['-noinput', '-eval', 'io:put_chars(erlang:system_info(otp_release)), halt().']);
    const uname = await run('uname', ['-m']);
    const found = await inspect(chunksOf(archive));
    expect(found).toMatchObject({
      kind: 'systools',
      name: 'ants',
      version: '1.0.0',
      ertsIncluded: true,
      otp: otp.stdout,
      native: { arch: uname.stdout.trim() },
      boot: 'releases/1.0.0/start',
      vmArgs: 'releases/1.0.0/vm.args',
      sysConfig: 'releases/1.0.0/sys.config',
    });
    expect(found.applications.map(({ name }) => name)).toEqual(['kernel', 'stdlib', 'ants']);
  });

  test('its needs are those that the loader names', async () => {
    await run('tar', ['-xzf', join(folder, 'ants-1.0.0.tar.gz'), '-C', folder]);
    const { erts, native } = await inspect(chunksOf(archive));
    const bin = join(folder, `erts-${erts}`, 'bin');
    const { stdout } = await run(
      'ldd',
      (await readdir(bin)).map((program) => join(bin, program)),
    );
    for (const library of native?.libraries ?? []) expect(stdout).toContain(library);
    expect(native?.libraries.some((library) => library.startsWith('libc.'))).toBe(true);
  });

  test.each(['gnu', 'pax', 'ustar', 'v7'])('however tar writes it: %s', async (format) => {
    const tree = join(folder, `tree-${format}`);
    await mkdir(tree);
    await run('tar', ['-xzf', join(folder, 'ants-1.0.0.tar.gz'), '-C', tree]);
    if (format === 'gnu' || format === 'pax') await writeFile(join(tree, 'lib', 'ü'.repeat(120)), 'a long name');
    await symlink('../lib', join(tree, 'releases', 'inside'));
    const packed = join(folder, `${format}.tar.gz`);
    await run('tar', [`--format=${format}`, '-czf', packed, '-C', tree, '.']);
    const found = await inspect(createReadStream(packed));
    const { files, unpackedBytes, ...same } = await inspect(chunksOf(archive));
    expect(found).toMatchObject(same);
    expect([files, files + 1]).toContain(found.files);
    expect(found.unpackedBytes).toBeGreaterThanOrEqual(unpackedBytes);
    await symlink('/etc', join(tree, 'outside'));
    await run('tar', [`--format=${format}`, '-czf', packed, '-C', tree, '.']);
    await expect(inspect(createReadStream(packed))).rejects.toThrow('"./outside" is a link to "/etc"');
  });

  test('is kept by content', async () => {
    const store = openArtifactStore(join(folder, 'store'));
    const artifact = await store.take(chunksOf(archive));
    expect(artifact.bytes).toBe(archive.length);
    expect(await store.has(artifact.digest)).toBe(true);
  });
});
