/**
 * The older way, for nodes that take no spawn requests (C nodes, other runtimes): a `gen` call to the server registered as
 * `rex`. It cannot tell a thrown value from a returned one, and calls one after another on some servers.
 * https://www.erlang.org/doc/apps/kernel/rpc.html
 */
import { atom } from '../term/atom.ts';
import { tuple } from '../term/build.ts';
import { asTagged } from '../term/pick.ts';
import type { Pid, Reference, Term } from '../term/types.ts';
import { ErlangError } from './erlang-error.ts';
import type { Call } from './erpc.ts';

/** The name under which the server is registered. */
export const rexName = 'rex';

/** The request to the server. */
export function rexRequest(from: Pid, id: Reference, call: Call): Term {
  const apply = tuple(atom('call'), atom(call.module), atom(call.function), call.args, from);
  return genRequest(from, id, apply);
}

/** A request as `gen_server:call/3` sends it; the answer is `{Tag, Reply}`. */
export function genRequest(from: Pid, tag: Reference, request: Term): Term {
  return tuple(atom('$gen_call'), tuple(from, tag), request);
}

/** What the server's answer says: the value, or the error in `{badrpc, …}`. */
export function readRexAnswer(answer: Term): Term | ErlangError {
  const bad = asTagged(answer, 'badrpc', 2)?.[1];
  if (bad === undefined) return answer;
  const reason = asTagged(bad, 'EXIT', 2)?.[1];
  return reason === undefined ? new ErlangError('erpc', bad) : new ErlangError('exit', reason);
}
