/**
 * Builds the release of this example with erlc and systools, as anybody could by hand: `node build.ts [FOLDER]
 * [--version 1.0.0]` writes FOLDER/ants-VERSION.tar.gz and prints its path. The archive brings its own emulator. The
 * same sources and the same OTP give the same bytes: entries are sorted and carry a fixed time.
 */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { createGunzip, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';

const run = promisify(execFile);
const here = import.meta.dirname;

/** What one build makes. */
export interface AntsBuild {
  /** where the archive is put; made when it is not there */
  readonly folder: string;
  /** three numbers: `1.0.0` */
  readonly version: string;
  /** where its sources are; beside this file when absent */
  readonly source?: string;
}

interface ArchiveFile {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

/** Builds the release and returns the absolute path of its archive. Fails when Erlang is missing, with the command that installs it. */
export async function buildAnts(build: AntsBuild): Promise<string> {
  if (!/^\d+\.\d+\.\d+$/.test(build.version)) throw new Error(`a version is three numbers, not ${build.version}`);
  const folder = resolve(build.folder);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'work-'));
  try {
    await compile(work, build);
    await erlang('escript', [join(here, 'make-release.escript'), work, build.version]);
    const target = join(folder, `ants-${build.version}.tar.gz`);
    await writeFile(join(work, 'archive'), await repacked(work, build.version));
    await rename(join(work, 'archive'), target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function compile(work: string, { version, source = join(here, 'src') }: AntsBuild): Promise<void> {
  const ebin = join(work, 'lib', `ants-${version}`, 'ebin');
  await mkdir(ebin, { recursive: true });
  const modules = (await readdir(source)).filter((file) => file.endsWith('.erl'));
  const paths = modules.map((file) => join(source, file));
  await erlang('erlc', ['-Werror', '+deterministic', '+no_debug_info', '-o', ebin, ...paths]);
  const application = await readFile(join(source, 'ants.app.src'), 'utf8');
  await writeFile(join(ebin, 'ants.app'), application.replace('%VERSION%', version));
  await writeFile(join(work, 'sys.config'), await readFile(join(source, 'sys.config')));
}

/** Runs one of Erlang's programs; what it writes is shown when it fails. */
async function erlang(program: 'erlc' | 'escript', args: readonly string[]): Promise<void> {
  try {
    await run(program, args, { timeout: 120_000 });
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    if (failure.code === 'ENOENT')
      throw new Error(
        `${program} is not installed; on Debian: apt-get install -y --no-install-recommends erlang-base`,
        { cause: error },
      );
    throw new Error(`${program}: ${failure.stdout ?? ''}${failure.stderr ?? failure.message}`, { cause: error });
  }
}

/** The systools archive with the emulator's flags beside its sys.config, sorted and with a fixed time. */
async function repacked(work: string, version: string): Promise<Buffer> {
  const files = await unpacked(join(work, 'ants.tar.gz'));
  const flags = await readFile(join(here, 'src', 'vm.args'));
  files.push({ name: `releases/${version}/vm.args`, mode: 0o644, bytes: flags });
  files.sort((one, other) => (one.name < other.name ? -1 : 1));
  return packed(files);
}

async function unpacked(path: string): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  const entries = extract();
  const reading = pipeline(createReadStream(path), createGunzip(), entries);
  for await (const entry of entries) {
    const bytes = await buffer(entry);
    if (entry.header.type === 'file')
      files.push({ name: entry.header.name, mode: entry.header.mode & 0o100 ? 0o755 : 0o644, bytes });
  }
  await reading;
  return files;
}

async function packed(files: readonly ArchiveFile[]): Promise<Buffer> {
  const archive = pack();
  const mtime = new Date('2000-01-01T00:00:00Z');
  for (const { name, mode, bytes } of files) archive.entry({ name, mode, mtime, uid: 0, gid: 0 }, bytes);
  archive.finalize();
  return gzipSync(await buffer(archive));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { version: { type: 'string', default: '1.0.0' } },
  });
  const folder = positionals[0] ?? join(here, '_build');
  console.log(await buildAnts({ folder, version: values.version }));
}
