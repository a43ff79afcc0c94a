/**
 * What goes over the wire for `erpc:call/5`, as OTP's own `erpc` does it: a spawn request with a monitor starts
 * `erpc:execute_call(Ref, Module, Function, Args)` on the node, and the answer is the reason with which that process exits.
 * https://www.erlang.org/doc/apps/kernel/erpc.html
 */
import { hash } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Payload } from '../dist/payload.ts';
import { atom } from '../term/atom.ts';
import { decodeListed } from '../term/decode.ts';
import { equalTerms } from '../term/equal.ts';
import { DecodeError } from '../term/errors.ts';
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

/** What a function returned, read when somebody wants to know it. */
export interface Answer {
  /** names the bytes in which it came: the same is the same value; null where they do not tell */
  readonly digest: string | null;
  /** Reads it. Fault unknown when it cannot be read. */
  term(): Term;
}

const returned = atom('return');

/** The value that an exit reason says was returned, not yet read; undefined for every other reason. */
export function answerIn(reason: Payload, result: Reference): Answer | undefined {
  const bytes = reason.lastBehind([result, returned]);
  if (bytes === undefined) return undefined;
  return { digest: hash('sha256', bytes, 'base64url'), term: () => read(bytes) };
}

function read(bytes: Uint8Array): Term {
  try {
    const [term, end] = decodeListed(bytes, 0, []);
    if (end === bytes.length) return term;
    throw new DecodeError('bytes stand behind the value', end);
  } catch (error) {
    throw error instanceof DecodeError ? unreadable(error) : error;
  }
}

/** The fault of an answer that is no term. */
export function unreadable(error: DecodeError): Fault {
  return new Fault('unknown', 'the answer of the node cannot be read', { words: error.message, cause: error });
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
