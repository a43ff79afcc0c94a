/**
 * The one command that says yes or no, in under a minute and without a network: format, lint, types, rooms, tidy, unused
 * code, generated files fresh, unit and story tests.
 */
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
const lint = ['--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings', '0', '.'];

/** Each check by name; those of one row run at the same time. */
const rows: readonly (readonly (readonly [string, () => Promise<Answer> | Answer])[])[] = [
  [
    ['types', program('tsc', ['--noEmit'])],
    ['format', program('prettier', ['--check', '--log-level', 'warn', '.'])],
    ['rooms', () => lines(checkRooms())],
    ['tidy', () => lines(tidy().faults)],
    ['generated files', async () => lines(await staleFiles())],
    ['unused code', program('knip', ['--no-progress'])],
  ],
  [
    ['lint', program('eslint', lint)],
    ['tests', program('vitest', tests)],
  ],
];

async function perform(name: string, check: () => Promise<Answer> | Answer): Promise<boolean> {
  const started = performance.now();
  const { ok, words } = await check();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.padStart(5)} s\n`);
  if (!ok) process.stdout.write(`${words.trimEnd()}\n\n`);
  return ok;
}

/** Runs all checks; true when every one said yes. */
export async function check(): Promise<boolean> {
  let ok = true;
  for (const row of rows) {
    const answers = await Promise.all(row.map(([name, one]) => perform(name, one)));
    ok &&= answers.every(Boolean);
  }
  return ok;
}

if (import.meta.main) process.exit((await check()) ? 0 : 1);
