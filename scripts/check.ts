/**
 * The one command that says yes or no, in under a minute and without a network: format, lint, types, rooms, tidy, unused
 * code, generated files fresh, unit and story tests.
 */
import { availableParallelism } from 'node:os';
import { checkRooms } from './check-rooms.ts';
import { staleFiles } from './generate.ts';
import { run } from './run.ts';
import { tidy } from './tidy.ts';

interface Answer {
  readonly ok: boolean;
  readonly words: string;
}

const program = (command: string, args: readonly string[]) => async (): Promise<Answer> => {
  const { code, output } = await run(command, args);
  return { ok: code === 0, words: output };
};

const lines = (faults: readonly string[]): Answer => ({ ok: faults.length === 0, words: faults.join('\n') });

const tests = ['run', '--project', 'unit', '--project', 'stories', '--reporter', 'dot'];
const cache = (of: string) => ['--cache', '--cache-location', `node_modules/.cache/${of}`];
const lint = [...cache('eslint/'), '--max-warnings', '0', '.'];
// by content: a checkout touches every file
const format = [...cache('format.json'), '--cache-strategy', 'content', '--check', '--log-level', 'warn', '.'];

/** Each check by name, those that take longest first: whoever comes last should be short. */
const checks: readonly (readonly [string, () => Promise<Answer> | Answer])[] = [
  ['lint', program('eslint', lint)],
  ['tests', program('vitest', tests)],
  ['types', program('tsc', ['--noEmit'])],
  ['format', program('prettier', format)],
  ['unused code', program('knip', ['--no-progress'])],
  ['generated files', async () => lines(await staleFiles())],
  ['rooms', () => lines(checkRooms())],
  ['tidy', () => lines(tidy().faults)],
];

async function perform(name: string, check: () => Promise<Answer> | Answer): Promise<boolean> {
  const started = performance.now();
  const { ok, words } = await check();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.padStart(5)} s\n`);
  if (!ok) process.stdout.write(`${words.trimEnd()}\n\n`);
  return ok;
}

/** Runs all checks, as many at a time as there are cores; true when every one said yes. */
export async function check(): Promise<boolean> {
  const left = checks.values();
  let ok = true;
  const worker = async () => {
    for (const [name, one] of left) ok = (await perform(name, one)) && ok;
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return ok;
}

if (import.meta.main) process.exit((await check()) ? 0 : 1);
