/** What became of many: a line each, and an exit code by the worst. */
import { problemKinds } from '../model/problem-kind.ts';
import type { BulkAnswer } from '../model/bulk.ts';
import type { Problem } from '../model/problem.ts';
import { CliFailure } from './failure.ts';
import { showData } from './output.ts';
import type { Format } from './output.ts';
import type { World } from './world.ts';

/** What became of one of them. */
export interface Fate {
  /** as people call it */
  readonly name: string;
  /** `is running again` */
  readonly done: string;
  /** null when it went well */
  readonly problem: Problem | null;
}

/** The fates of an answer, where to have been asked is all there is to it. */
export function fatesOf({ outcomes }: BulkAnswer, done: string): Fate[] {
  return outcomes.map(({ object, name, problem }) => ({ name: name ?? object, done, problem }));
}

/** Shows a line each. CliFailure of the worst kind among them, where one went wrong. `what` they are: `node`. */
export function showFates(world: World, format: Format, what: string, fates: readonly Fate[]): void {
  const { terminal } = world;
  const { good, bad } = terminal.paint;
  if (format === 'name') terminal.print(...fates.map(({ name }) => name));
  else if (format === 'ndjson') for (const fate of fates) showData(terminal, format, fate);
  else if (format === 'json' || format === 'yaml') showData(terminal, format, fates);
  else
    for (const { name, done, problem } of fates)
      terminal.print(problem === null ? `${good('✓')} ${name} ${done}` : `${bad('✗')} ${name}: ${problem.detail}`);
  const problems = fates.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  const worst = problems.toSorted((one, other) => exitOf(other) - exitOf(one))[0];
  if (worst === undefined) return;
  const sentence = `${problems.length} of ${fates.length} ${what}s: the worst is that ${worst.detail}`;
  throw new CliFailure(worst.kind, sentence, worst.next === null ? {} : { next: worst.next });
}

function exitOf({ kind }: Problem): number {
  return problemKinds[kind].exit;
}
