/** A problem as the API told it, or as the client found it on the way there. */
import { problemKinds } from '../model/problem-kind.ts';
import type { InputFault, Problem } from '../model/problem.ts';
import type { ProblemKind } from '../model/problem-kind.ts';

/** What every method of the client rejects with. `problem` says all there is to know; `message` is its detail. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }

  /** What programs branch on. */
  get kind(): ProblemKind {
    return this.problem.kind;
  }

  /** The HTTP status. */
  get status(): number {
    return this.problem.status;
  }

  /** What it is about: `blueprint ants`; null where that is not said. */
  get object(): string | null {
    return this.problem.object;
  }

  /** The provider's or node's own words. */
  get words(): string | null {
    return this.problem.words;
  }

  /** What to do next. */
  get next(): string | null {
    return this.problem.next;
  }

  /** What is wrong with an input, each with its path. */
  get faults(): readonly InputFault[] {
    return this.problem.faults;
  }

  /** The exit code of the command line for it. */
  get exitCode(): number {
    return problemKinds[this.problem.kind].exit;
  }
}

/** A problem found on this side of the wire. */
export function localProblem(kind: ProblemKind, detail: string, more: Partial<Problem> = {}): Problem {
  const { status, title } = problemKinds[kind];
  const type = `urn:wombat:problem:${kind}`;
  return { type, title, status, detail, kind, object: null, words: null, next: null, faults: [], ...more };
}
