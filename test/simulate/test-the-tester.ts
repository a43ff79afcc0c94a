/** `npm run simulate -- --mutants`: plants each fault in a process of its own, and reports how many are noticed. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { mutants } from './mutants.ts';

const program = join(import.meta.dirname, 'plant.ts');
/** One that does not even let its process look at the time. */
const longestMs = 1_800_000;

interface Verdict {
  readonly what: 'caught' | 'not caught' | 'stale';
  readonly words: string;
}

/** Plants the faults, so many at once, and tells each verdict; answers how many were caught, of how many. */
export async function testTheTester(
  atOnce: number,
  say: (line: string) => void,
): Promise<{ readonly caught: number; readonly all: number; readonly stale: number }> {
  const verdicts: Verdict[] = [];
  const left = mutants.entries();
  const worker = async () => {
    for (const [index, { file, from }] of left) {
      const verdict = await plantOne(index);
      verdicts.push(verdict);
      say(`${verdict.what.padEnd(10)} ${index} ${file}: ${from.split('\n')[0]?.slice(0, 70) ?? ''}  ${verdict.words}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const count = (what: Verdict['what']) => verdicts.filter((one) => one.what === what).length;
  return { caught: count('caught'), all: verdicts.length, stale: count('stale') };
}

function plantOne(index: number): Promise<Verdict> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, String(index)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestMs,
      killSignal: 'SIGKILL',
    });
    let words = '';
    child.stdout.on('data', (bytes: Buffer) => (words += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (words += bytes.toString()));
    child.on('close', (code) => {
      const what = code === 0 ? 'not caught' : code === 4 ? 'stale' : 'caught';
      const told = code === null ? 'it does not end' : words.trim().split('\n')[0];
      resolve({ what, words: told?.slice(0, 160) ?? '' });
    });
  });
}
