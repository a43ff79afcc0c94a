/**
 * Failures of the command line itself, in the shape in which the API tells its own, so that one text and one table of
 * exit codes serve both (I9).
 */
import { problemKinds } from '../model/problem-kind.ts';
import { ProblemError } from '../client/client.ts';
import type { InputFault, Problem } from '../model/problem.ts';
import type { ProblemKind } from '../model/problem-kind.ts';

/** What a failure tells besides its kind and sentence. */
export interface FailureDetail {
  readonly object?: string;
  readonly words?: string | null;
  /** the next command to run */
  readonly next?: string;
  readonly faults?: readonly InputFault[];
  /** lines below the sentence: a log's last ones, a list of what is left */
  readonly lines?: readonly string[];
  readonly cause?: unknown;
}

/** An expected failure found on this side. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly problem: Problem;
  readonly lines: readonly string[];

  constructor(kind: ProblemKind, sentence: string, detail: FailureDetail = {}) {
    super(sentence, { cause: detail.cause });
    this.problem = problemOf(kind, sentence, detail);
    this.lines = detail.lines ?? [];
  }
}

function problemOf(kind: ProblemKind, detail: string, more: FailureDetail): Problem {
  const { status, title } = problemKinds[kind];
  return {
    type: `urn:wombat:problem:${kind}`,
    title,
    status,
    detail,
    kind,
    object: more.object ?? null,
    words: more.words ?? null,
    next: more.next ?? null,
    faults: [...(more.faults ?? [])],
  };
}

/** A person pressed Ctrl-C: what goes on without us, and how to come back to it. Exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The exit code of anything thrown, by the table in model/problem.ts. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return 130;
  const problem = problemIn(error);
  return problem === undefined ? 1 : problemKinds[problem.kind].exit;
}

/** The problem in anything thrown; undefined in what nobody expected. */
export function problemIn(error: unknown): Problem | undefined {
  return error instanceof CliFailure || error instanceof ProblemError ? error.problem : undefined;
}

/** What a question answers, or undefined when there is no such object. */
export async function orUndefined<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    if (problemIn(error)?.kind === 'not-found') return undefined;
    throw error;
  }
}
