/**
 * Other solvers of integer programs, with so much time for each program that a long row of them comes to its end: what
 * they have not proved by then is told as what they found and what they know nothing can be better than.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import highsModule from 'highs';

/** What a solver says of a program: the least value it found, and the bound below which there is none. */
export interface RivalAnswer {
  /** proved that there is no answer */
  readonly impossible: boolean;
  /** Infinity when it found none */
  readonly found: number;
  /** -Infinity when it knows nothing; what it found, where that is proved to be the best */
  readonly bound: number;
}

/** Answers a program in the LP format. */
export type Rival = (program: string) => RivalAnswer;

const impossible: RivalAnswer = { impossible: true, found: Infinity, bound: Infinity };

/** CBC in a process for each program, because one that reads several keeps what it learnt of the one before; CPU seconds. */
export function cbcWithin(seconds: number): Rival {
  return (program) => {
    const folder = mkdtempSync(join(tmpdir(), 'wombat-cbc-'));
    try {
      writeFileSync(join(folder, 'program.lp'), program);
      const options = ['ratio', '0', 'allow', '0', 'sec', String(seconds), 'solve', 'solu', 'answer'];
      const { stdout } = spawnSync('cbc', ['program.lp', ...options], { cwd: folder, encoding: 'utf8' });
      const [head = ''] = readFileSync(join(folder, 'answer'), 'utf8').split('\n');
      return cbcAnswer(head, stdout);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

function cbcAnswer(head: string, log: string): RivalAnswer {
  if (/infeasible/i.test(head)) return impossible;
  const value = Number(/objective value\s+([-\d.e+]+)/.exec(head)?.[1] ?? NaN);
  if (head.startsWith('Optimal')) return { impossible: false, found: value, bound: value };
  if (!head.startsWith('Stopped')) throw new Error(`cbc answers ${head}\n${log}`);
  const bound = Number(/Lower bound:\s+([-\d.e+]+)/.exec(log)?.[1] ?? -Infinity);
  return { impossible: false, found: head.includes('no integer solution') ? Infinity : value, bound };
}

// its types describe the CommonJS build, where the loader is a member; the module that Node imports is the loader itself
const loadHighs = highsModule as unknown as (typeof highsModule)['default'];

/** HiGHS; seconds of the clock, as it counts no others. */
export async function highsWithin(seconds: number): Promise<Rival> {
  let log: string[] = [];
  const settings = { print: (line: string) => void log.push(line) };
  const highs = await loadHighs(settings);
  return (program) => {
    log = [];
    const { Status, ObjectiveValue } = highs.solve(program, { time_limit: seconds, mip_rel_gap: 0, mip_abs_gap: 0 });
    if (Status === 'Infeasible') return impossible;
    if (Status === 'Optimal') return { impossible: false, found: ObjectiveValue, bound: ObjectiveValue };
    const told = (what: string, otherwise: number) =>
      Number(new RegExp(`${what} bound\\s+(-?[\\d.e+-]+)`).exec(log.join('\n'))?.[1] ?? otherwise);
    return { impossible: false, found: told('Primal', Infinity), bound: told('Dual', -Infinity) };
  };
}
