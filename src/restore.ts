/** Restores a backup into a directory, as a program of its own: `node restore.ts FILE --directory PATH [--replace]`. */
import { parseArgs } from 'node:util';
import { Fault, wordsOf } from './base/fault.ts';
import { restoreSqliteStore } from './store/store.ts';
import type { Restored } from './store/store.ts';

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { directory: { type: 'string' }, replace: { type: 'boolean', default: false } },
  });
  const [file] = positionals;
  const { directory, replace } = values;
  if (file === undefined || directory === undefined)
    throw new Fault('invalid', 'a file and a directory are needed', { next: 'wombat restore FILE' });
  const restored = restoreSqliteStore({ file, directory, replaces: replace });
  process.stdout.write(`${linesOf(restored, directory).join('\n')}\n`);
}

function linesOf({ owner, hasKey, aside }: Restored, directory: string): string[] {
  return [
    `restored into ${directory}: the store of ${owner}`,
    ...(aside === null ? [] : [`the store that was there is ${aside}`]),
    hasKey
      ? 'its key file is there and opens its secrets'
      : `its key file is not there: put secret.key into ${directory} before wombat up`,
    'what was made since the backup is on no record: once the control plane runs, it removes that as a stray,',
    'unless that is more than a tenth of what there is: look with wombat sweep',
  ];
}

try {
  main();
} catch (error) {
  const kind = error instanceof Fault ? error.code : 'unknown';
  const next = error instanceof Fault ? error.detail.next : undefined;
  process.stderr.write(`${JSON.stringify({ kind, words: wordsOf(error), next })}\n`);
  process.exitCode = 1;
}
