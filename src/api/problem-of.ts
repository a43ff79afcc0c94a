/** Everything that can be thrown, as problem details (RFC 9457). */
import { Fault } from '../base/fault.ts';
import { problemKinds } from '../model/problem-kind.ts';
import type { Problem } from '../model/problem.ts';
import type { ProblemKind } from '../model/problem-kind.ts';
import { InvalidInput } from './invalid-input.ts';
import { Stale } from './precondition.ts';

type Rest = Partial<Omit<Problem, 'type' | 'title' | 'kind' | 'detail'>>;

/** A problem of one kind. */
export function problem(kind: ProblemKind, detail: string, rest: Rest = {}): Problem {
  const { status, title } = problemKinds[kind];
  const type = `urn:wombat:problem:${kind}`;
  return { type, title, status, detail, kind, object: null, words: null, next: null, faults: [], ...rest };
}

/** The problem behind anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Fault) return ofFault(error);
  if (error instanceof InvalidInput) return problem('invalid', error.message, { faults: [...error.faults] });
  if (error instanceof Stale)
    return problem('stale', error.message, {
      object: error.object,
      next: `look at it again and decide anew: ${error.next}`,
    });
  const status = clientStatus(error);
  if (status !== undefined) return problem('invalid', (error as Error).message, { status });
  return problem('unknown', 'the control plane ran into something unexpected', {
    words: error instanceof Error ? error.message : String(error),
    next: 'its log tells more',
  });
}

function ofFault({ code, message, detail }: Fault): Problem {
  const { object = null, words = null, next = null } = detail;
  return problem(code, message, { object, words, next });
}

/** The HTTP server's own refusals (no JSON, too large, unknown content type) keep their status. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const status = error.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
