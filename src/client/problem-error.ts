/** A problem as the API told it, or as the client found it on the way there. */
import { problemKinds } from '../model/problem.ts';
import type { Problem, ProblemKind } from '../model/problem.ts';

/** What every method of the client rejects with. `problem` says all there is to know; `message` is its detail. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}

/** A problem found on this side of the wire. */
export function localProblem(kind: ProblemKind, detail: string, more: Partial<Problem> = {}): Problem {
  const { status, title } = problemKinds[kind];
  const type = `urn:wombat:problem:${kind}`;
  return { type, title, status, detail, kind, object: null, words: null, next: null, faults: [], ...more };
}
