/**
 * What is done to a store while no control plane uses it, as a program of its own:
 *
 *   node store-program.ts move --directory PATH --url URL --to postgres|sqlite
 *   node store-program.ts downgrade --directory PATH [--url URL]
 */
import { parseArgs } from 'node:util';
import { Fault, wordsOf } from './base/fault.ts';
import { systemRandom } from './base/random.ts';
import { downgradeStore, moveStore } from './store/store.ts';

/** It tells one JSON object a line: `{ table, rows }` while it goes on, `{ moved }` or `{ version }` at the end. */
function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { directory: text, url: text, to: text },
  });
  const { directory, url, to } = values;
  if (directory !== undefined && positionals[0] === 'downgrade') {
    tell({ version: await downgradeStore({ directory, url, random: systemRandom }) });
    return;
  }
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
