/** `wombat restore`: a program of its own does it, because the command line knows the control plane by its API only. */
import { Command } from 'commander';
import { spawn } from 'node:child_process';
import { extname, join, resolve } from 'node:path';
import { CliFailure } from '../failure.ts';
import { withExamples } from '../options.ts';
import type { World } from '../world.ts';

interface RestoreOptions {
  readonly directory?: string;
  readonly replace?: true;
}

/** Refused while a control plane holds the store. */
export function restoreCommand(world: World): Command {
  const command = new Command('restore')
    .description('put a backup in the place of a store that no control plane holds')
    .argument('<file>', 'made by wombat backup')
    .option('--directory <path>', 'of the control plane (default: WOMBAT_DIRECTORY or ~/.local/share/wombat)')
    .option('--replace', 'put the store that is there aside');
  withExamples(command, [
    ['wombat restore wombat-monday.db --directory ./state', 'then put secret.key and releases beside it'],
    ['wombat restore wombat-monday.db --replace', 'the store that is there stays as wombat.db.before-restore'],
  ]);
  return command.action((file: string, options: RestoreOptions) => restore(world, file, options));
}

async function restore({ environment, terminal }: World, file: string, options: RestoreOptions): Promise<void> {
  const at = (path: string) => resolve(environment.workingDirectory, path);
  const directory = options.directory === undefined ? environment.directory : at(options.directory);
  const program = join(import.meta.dirname, '..', '..', `restore${extname(import.meta.filename)}`);
  const flags = options.replace === true ? ['--replace'] : [];
  const { code, out, problem } = await run([program, at(file), '--directory', directory, ...flags]);
  if (code === 0) {
    terminal.print(...out.trimEnd().split('\n'));
    return;
  }
  const { kind, words, next } = problem;
  throw new CliFailure(kind, words, { object: directory, ...(next === undefined ? {} : { next }) });
}

interface Told {
  readonly kind: 'invalid' | 'exists' | 'unavailable' | 'denied' | 'unknown';
  readonly words: string;
  readonly next?: string;
}

async function run(args: readonly string[]): Promise<{ code: number; out: string; problem: Told }> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.error += chunk.toString()));
  const code = await new Promise<number>((done, failed) => {
    child.once('error', failed);
    child.once('close', (status) => done(status ?? 1));
  });
  return { code, out: said.out, problem: problemIn(said.error) };
}

/** Its last line is the problem as JSON; anything else is its death. */
function problemIn(text: string): Told {
  try {
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Told;
  } catch {
    return { kind: 'unknown', words: `it could not be restored: ${text.trim().slice(0, 400)}` };
  }
}
