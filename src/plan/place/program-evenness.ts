/** Perfect evenness as rows: every place has its part of a family, or one node more. */
import type { Program } from './program-model.ts';

/** Adds the rows of all families that are to be spread; false where that cannot be said in rows, or none is. */
export function addEvenness(program: Program): boolean {
  const spread = [...program.problem.kinds.entries()].filter(
    ([, { need, count }]) => need.rules.spread !== undefined && count > 0,
  );
  const isPlain = spread.every(
    ([
      index,
      {
        need: { rules },
      },
    ]) => {
      const isNew = program.problem.bins.every(({ here }) => (here[index] ?? 0) === 0);
      return isNew && rules.spread?.shares === undefined && rules.spread?.over !== 'host';
    },
  );
  if (!isPlain || spread.length === 0) return false;
  for (const [index, { need, count }] of spread) addEven(program, index, count, need.rules.spread?.over ?? 'zone');
  return true;
}

function addEven(program: Program, index: number, count: number, level: 'host' | 'zone' | 'region' | 'provider'): void {
  const sums = [...program.at(level).values()]
    .map((columns) => program.sum(({ nodes }) => nodes[index] ?? 0, columns))
    .filter((sum) => [...sum.values()].some((nodes) => nodes > 0));
  for (const sum of sums) {
    program.text.row(sum, '>=', Math.floor(count / sums.length));
    program.text.row(sum, '<=', Math.ceil(count / sums.length));
  }
}
