/**
 * Packs Debian's rabbitmq-server and the Erlang it runs on: `node build.ts [FOLDER] [--revision N]` writes
 * FOLDER/rabbitmq-VERSION.tar.gz and prints its path. The archive is whole: its hosts need neither. Packed anew with a revision
 * it is the version VERSION-N.
 *
 *   erlang/     Debian's Erlang, as far as RabbitMQ needs it, with an `erl` that finds it anywhere
 *   rabbitmq/   RabbitMQ's library folder: sbin, escript, plugins. Debian's own wrapper, which changes users, stays behind
 *   bin/        the commands that the blueprint declares
 */
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIn, tool } from '../tools.ts';

const erlang = '/usr/lib/erlang';
const libraries = '/usr/lib/rabbitmq/lib';
/** What rabbit, its tools and their dependencies name as applications. */
const applications = new Set(
  'kernel stdlib sasl os_mon inets compiler public_key crypto ssl asn1 syntax_tools xmerl mnesia runtime_tools tools'.split(
    ' ',
  ),
);
/** Programs that nobody needs who only runs what is built. */
const builders = new Set(['dialyzer', 'typer', 'erlc', 'ct_run', 'yielding_c_fun', 'erl', 'start', 'start_erl']);

/** What one packing makes. */
export interface Packed {
  readonly archive: string;
  /** RabbitMQ's, with the revision behind it */
  readonly version: string;
}

/** Packs the archive in `folder`; its path is absolute. Fails when rabbitmq-server is not installed. */
export async function buildRabbitmq(folder: string, revision?: string): Promise<Packed> {
  const installed = await installedVersion();
  const version = revision === undefined ? installed : `${installed}-${revision}`;
  const archive = await buildIn(import.meta.dirname, { folder, version: installed }, async (work, target) => {
    await writeFile(
      join(work, 'bin', 'revision'),
      `${version}
`,
    );
    await packErlang(join(work, 'erlang'), work);
    await packRabbitmq(join(work, 'rabbitmq'), installed);
    const path = join(target, `rabbitmq-${version}.tar.gz`);
    const options = ['--hard-dereference', '--dereference', '-czf', path];
    await tool({ program: 'tar', package: 'tar' }, [...options, 'bin', 'erlang', 'rabbitmq'], { cwd: work });
    return path;
  });
  return { archive, version };
}

async function installedVersion(): Promise<string> {
  const folders = await readdir(libraries).catch(() => []);
  const version = folders.map((name) => /^rabbitmq_server-(.+)$/.exec(name)?.[1]).find((found) => found !== undefined);
  if (version !== undefined) return version;
  throw new Error(
    'rabbitmq-server is not installed; on Debian: apt-get install -y --no-install-recommends rabbitmq-server',
  );
}

async function packErlang(target: string, work: string): Promise<void> {
  const erts = (await readdir(erlang)).find((name) => name.startsWith('erts-')) ?? '';
  const bin = join(target, erts, 'bin');
  await cp(join(erlang, erts, 'bin'), bin, { recursive: true });
  for (const name of await readdir(bin)) if (builders.has(name)) await rm(join(bin, name));
  for (const name of await readdir(join(erlang, 'lib'))) {
    if (!applications.has(name.replace(/-[^-]*$/, ''))) continue;
    for (const part of ['ebin', 'priv'])
      await cp(join(erlang, 'lib', name, part), join(target, 'lib', name, part), { recursive: true }).catch(
        ignoreAbsent,
      );
  }
  await mkdir(join(target, 'bin'), { recursive: true });
  for (const boot of ['start_clean', 'start_sasl', 'no_dot_erlang'])
    await cp(join(erlang, 'bin', `${boot}.boot`), join(target, 'bin', `${boot}.boot`));
  const script = await readFile(join(work, 'bin', 'erl'), 'utf8');
  // RabbitMQ looks for it in both places
  for (const folder of [join(target, 'bin'), bin]) {
    await writeFile(join(folder, 'erl'), script.replace('%ERTS%', erts.replace('erts-', '')));
    await chmod(join(folder, 'erl'), 0o755);
  }
  await rm(join(work, 'bin', 'erl'));
}

function ignoreAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** Of the plugins, those that the server itself is made of: the others are switched off until somebody asks for them. */
async function packRabbitmq(target: string, version: string): Promise<void> {
  const source = join(libraries, `rabbitmq_server-${version}`);
  await cp(join(source, 'sbin'), join(target, 'sbin'), { recursive: true });
  await mkdir(join(target, 'escript'), { recursive: true });
  for (const name of ['rabbitmqctl', 'rabbitmq-queues'])
    await cp(join(source, 'escript', name), join(target, 'escript', name));
  for (const name of await readdir(join(source, 'plugins'))) {
    const isExtra = name.startsWith('rabbitmq_') && !name.startsWith('rabbitmq_prelaunch-');
    if (!isExtra) await cp(join(source, 'plugins', name), join(target, 'plugins', name), { recursive: true });
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { revision: { type: 'string' } } });
  console.log((await buildRabbitmq(positionals[0] ?? join(import.meta.dirname, '_build'), values.revision)).archive);
}
