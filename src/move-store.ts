/** Moves a store between SQLite and PostgreSQL, as a program of its own: `node move-store.ts --directory PATH --url URL --to postgres|sqlite`. */
import { parseArgs } from 'node:util';
import { Fault, wordsOf } from './base/fault.ts';
import { systemRandom } from './base/random.ts';
import { moveStore } from './store/store.ts';

/** It tells one JSON object a line: `{ table, rows }` while it goes on, `{ moved }` at the end. */
function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { directory, url, to } = parseArgs({ options: { directory: text, url: text, to: text } }).values;
  if (directory === undefined || url === undefined || (to !== 'postgres' && to !== 'sqlite'))
    throw new Fault('invalid', 'a directory, an address and a direction are needed', { next: 'wombat store migrate' });
  const progress = (table: string, rows: number) => tell({ table, rows });
  tell({ moved: await moveStore({ directory, url, to, random: systemRandom, progress }) });
}

try {
  await main();
} catch (error) {
  const kind = error instanceof Fault ? error.code : 'unknown';
  const next = error instanceof Fault ? error.detail.next : undefined;
  process.stderr.write(`${JSON.stringify({ kind, words: wordsOf(error), next })}\n`);
  process.exitCode = 1;
}
