/**
 * What goes over the wire for `erpc:call/5`, as OTP's own `erpc` does it: a spawn request with a monitor starts
 * `erpc:execute_call(Ref, Module, Function, Args)` on the node, and the answer is the reason with which that process exits.
 * https://www.erlang.org/doc/apps/kernel/erpc.html
 */
import { atom } from '../term/atom.ts';
import { equalTerms } from '../term/equal.ts';
import { asAtom, asTagged, asTuple } from '../term/pick.ts';
import type { Reference, Term } from '../term/types.ts';
import { ErlangError } from './erlang-error.ts';

/** A function and what it is applied to. */
export interface Call {
  readonly module: string;
  readonly function: string;
  readonly args: readonly Term[];
}

/** The function that OTP applies on the node, and its arity. */
export const executeCall = { module: 'erpc', function: 'execute_call', arity: 4 } as const;

/** Its arguments. `result` marks the answer. */
export function executeCallArgs(result: Reference, call: Call): Term {
  return [result, atom(call.module), atom(call.function), call.args];
}

/** What the exit reason of the process says: the value returned, or the error. */
export function readExitReason(reason: Term, result: Reference): Term | ErlangError {
  const [mark, outcome, value, stack] = asTuple(reason) ?? [];
  if (mark === undefined || value === undefined || !equalTerms(mark, result)) return new ErlangError('exit', reason);
  switch (asAtom(outcome)) {
    case 'return':
      return value;
    case 'throw':
      return new ErlangError('throw', value);
    case 'exit':
      return new ErlangError('exit', value);
    case 'error':
      return readError(value, stack);
    default:
      return new ErlangError('exit', reason);
  }
}

function readError(value: Term, stack: Term | undefined): ErlangError {
  const own = asTagged(value, 'erpc', 2)?.[1];
  return own !== undefined && stack === undefined
    ? new ErlangError('erpc', own)
    : new ErlangError('error', value, stack);
}
