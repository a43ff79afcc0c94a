/**
 * What a step came to, in words (I9). Erlang functions say that they failed in one of a few customary ways; everything
 * else that they answer is success:
 *
 *   an exception · `false` · `error` · `{error, …}` · `pang` (net_adm:ping/1) · `ignored` (net_kernel:connect_node/1)
 *   `no` (global:register_name/2) · `{badrpc, …}` (rpc:call/4) · `{aborted, …}` (mnesia) · `{'EXIT', …}` (catch)
 */
import { ErlangError, asAtom, asInteger, asList, asTuple, formatTerm } from '../erlang/erlang.ts';
import type { Term } from '../erlang/erlang.ts';
import type { ActionStep } from '../model/bootstrap.ts';
import type { StepOutcome } from './cluster.ts';
import type { BoundCall } from './bound-call.ts';

/** Words are kept with every run, and shown: characters. */
const wordsMax = 1000;

const failures: readonly string[] = ['false', 'error', 'pang', 'ignored', 'no'];
const failureTags: readonly string[] = ['error', 'badrpc', 'aborted', 'EXIT'];

/** The outcome of a call that returned. */
export function answered(answer: Term): StepOutcome {
  return { ok: !isFailure(answer), words: formatTerm(answer, wordsMax) };
}

/** The outcome of a call that raised; what no Erlang code raised is thrown on. */
export function raised(error: unknown, call: BoundCall, nodeName: string): StepOutcome {
  if (!(error instanceof ErlangError)) throw error;
  const name = `${call.module}:${call.function}/${call.args.length}`;
  const missing = missingFunction(error);
  if (missing === name) return { ok: false, words: `${name} is not exported on ${nodeName}` };
  const inner = missing === undefined ? '' : `: ${missing} is not exported there`;
  return { ok: false, words: bounded(`${name} on ${nodeName} raised ${error.class}:${error.text}${inner}`) };
}

/** The function that an `undef` is about: the top of its stack, `{Module, Function, Arguments or Arity, Location}`. */
function missingFunction(error: ErlangError): string | undefined {
  if (asAtom(error.reason) !== 'undef') return undefined;
  const [module, name, args] = asTuple(asList(error.stackTrace)?.[0], 4) ?? [];
  const arity = asList(args)?.length ?? asInteger(args);
  return arity === undefined ? undefined : `${asAtom(module) ?? '?'}:${asAtom(name) ?? '?'}/${arity}`;
}

/** The outcome of a command: its status decides. */
export function ended(finished: { readonly code: number; readonly output: string }): StepOutcome {
  const output = bounded(finished.output.trim());
  if (finished.code === 0) return { ok: true, words: output };
  return { ok: false, words: output === '' ? `status ${finished.code}` : `status ${finished.code}: ${output}` };
}

/** Whether a `done` step says that nothing is left to do: its call answered `true`, or its command succeeded. */
export function saysDone(step: ActionStep, outcome: StepOutcome): boolean {
  return outcome.ok && ('command' in step || outcome.words === 'true');
}

function isFailure(answer: Term): boolean {
  const word = asAtom(answer);
  const tag = asAtom(asTuple(answer)?.[0]);
  return (word !== undefined && failures.includes(word)) || (tag !== undefined && failureTags.includes(tag));
}

function bounded(text: string): string {
  return text.length <= wordsMax ? text : `${text.slice(0, wordsMax - 1)}…`;
}
