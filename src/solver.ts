/** The solver of integer programs: HiGHS, compiled to WebAssembly. The only file that knows it. */
import highsModule from 'highs';
import type { SolveProgram } from './plan/plan.ts';

// its types describe the CommonJS build, where the loader is a member; the module that Node imports is the loader itself
const loadHighs = highsModule as unknown as (typeof highsModule)['default'];

/** Beyond that the solver has no answer. */
const nothingFound = 1e29;

/** Loads it; what comes back is synchronous, and deterministic unless the deadline ends it. */
export async function openSolver(): Promise<SolveProgram> {
  const highs = await loadHighs();
  return (text, { branches, seconds }) => {
    const { Status, ObjectiveValue, Columns } = highs.solve(text, {
      mip_max_nodes: branches,
      time_limit: Math.max(0.05, seconds),
      output_flag: false,
      // the best, not nearly the best
      mip_rel_gap: 0,
      random_seed: 1,
    });
    const value = (name: string) => {
      const column = Columns[name];
      return column !== undefined && 'Primal' in column ? column.Primal : 0;
    };
    return { status: statusOf(Status, ObjectiveValue, Columns), objective: ObjectiveValue, value };
  };
}

function statusOf(
  status: string,
  objective: number,
  columns: Readonly<Record<string, object>>,
): ReturnType<SolveProgram>['status'] {
  if (status === 'Optimal') return 'optimal';
  if (status === 'Infeasible') return 'infeasible';
  // out of time: with a first answer, or without any
  const hasAnswer = Object.values(columns).some((column) => 'Primal' in column && Number(column.Primal) !== 0);
  if (status === 'Time limit reached') return hasAnswer ? 'late' : 'unknown';
  // a search that ran out of branches calls itself unknown, and tells the best value without its columns
  return status === 'Unknown' && Math.abs(objective) < nothingFound ? 'ended' : 'unknown';
}
