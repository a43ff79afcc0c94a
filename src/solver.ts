/** The solver of integer programs: HiGHS, compiled to WebAssembly. The only file that knows it. */
import highsModule from 'highs';
import type { SolveProgram } from './plan/plan.ts';

// its types describe the CommonJS build, where the loader is a member; the module that Node imports is the loader itself
const loadHighs = highsModule as unknown as (typeof highsModule)['default'];

/** Loads it; what comes back is synchronous and deterministic. */
export async function openSolver(): Promise<SolveProgram> {
  const highs = await loadHighs();
  return (text, seconds) => {
    const { Status, ObjectiveValue, Columns } = highs.solve(text, {
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
    return { status: statusOf(Status, Columns), objective: ObjectiveValue, value };
  };
}

function statusOf(status: string, columns: Readonly<Record<string, object>>): ReturnType<SolveProgram>['status'] {
  if (status === 'Optimal') return 'optimal';
  if (status === 'Infeasible') return 'infeasible';
  // out of time: with a first answer, or without any
  const hasAnswer = Object.values(columns).some((column) => 'Primal' in column && Number(column.Primal) !== 0);
  return status === 'Time limit reached' && hasAnswer ? 'feasible' : 'unknown';
}
