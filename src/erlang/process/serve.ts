/**
 * Being called: other nodes reach functions that we offer with their ordinary `erpc:call`, `rpc:call` and `net_adm:ping`.
 *
 * `erpc` asks us to spawn `erpc:execute_call(Ref, M, F, Args)` and reads the result from its exit reason; older nodes ask
 * the server `rex`; ping asks `net_kernel` whether it knows them. Anything else that is to be spawned is applied as it is,
 * and its value dropped.
 */
import * as control from '../dist/control.ts';
import { readable } from '../dist/manners.ts';
import type { Payload } from '../dist/payload.ts';
import { ErlangError } from '../rpc/erlang-error.ts';
import type { Call } from '../rpc/erpc.ts';
import { Atom, atom } from '../term/atom.ts';
import { binary, tuple } from '../term/build.ts';
import { asAtom, asList, asTagged, asTuple } from '../term/pick.ts';
import { ImproperList, Pid, Reference } from '../term/types.ts';
import type { Term, Tuple } from '../term/types.ts';

/** A function that other nodes may call. What it throws as ErlangError is raised there as it is. */
export type OfferedFunction = (args: readonly Term[], caller: { readonly node: string }) => Term | Promise<Term>;

/** Functions by `module:name/arity`, or `module:name` for any arity. */
export type OfferedFunctions = Readonly<Record<string, OfferedFunction>>;

/** How answers go back. */
export interface Answering {
  /** our process, in whose name servers answer */
  readonly ours: Pid;
  /** the node that asks */
  readonly peer: string;
  /** whether it was agreed that the reason of an end is a message's payload, as OTP has it since 23 */
  readonly exitPayload: boolean;
  newPid(): Pid;
  /** Sends if that can be done, else drops it. */
  offer(control: Tuple, payload?: Term): void;
}

const servers = new Set(['rex', 'net_kernel']);
const done = { linked: 1, monitored: 2 };

/** Answers a call; false when the signal is none. */
export function serve(
  offered: OfferedFunctions,
  answering: Answering,
  signal: readonly Term[],
  payload: Payload,
): boolean {
  switch (signal[0]) {
    case control.operations.spawnRequest:
    case control.operations.spawnRequestTt:
      return serveSpawn(offered, answering, signal, payload);
    case control.operations.regSend:
    case control.operations.regSendTt:
      return servers.has(asAtom(signal[3]) ?? '') && serveRequest(offered, answering, payload);
    case control.operations.monitor:
      return servers.has(asAtom(signal[2]) ?? ''); // they live as long as the connection
    default:
      return false;
  }
}

function serveSpawn(
  offered: OfferedFunctions,
  answering: Answering,
  [, id, from, , entry, options]: readonly Term[],
  payload: Payload,
): boolean {
  const [module, name] = asTuple(entry, 3) ?? [];
  const args = asList(readable(payload));
  if (!(id instanceof Reference) || !(from instanceof Pid) || args === undefined) return false;
  if (!(module instanceof Atom) || !(name instanceof Atom)) return false;
  const pid = answering.newPid();
  const ties = tiesOf(asList(options) ?? []);
  answering.offer(control.spawnReply(id, from, ties, pid));
  void exitReason(offered, answering.peer, { module: module.name, function: name.name, args }).then((reason) => {
    if ((ties & done.monitored) !== 0) tellEnd(answering, pid, { from, id, reason });
    if ((ties & done.linked) !== 0) answering.offer(control.linkExit(pid, from, reason));
  });
  return true;
}

/** To the monitor of a process: how it has ended. */
function tellEnd(answering: Answering, pid: Pid, end: { from: Pid; id: Reference; reason: Term }): void {
  const { from, id, reason } = end;
  if (answering.exitPayload) answering.offer(control.payloadMonitorExit(pid, from, id), reason);
  else answering.offer(control.monitorExit(pid, from, id, reason));
}

function tiesOf(options: readonly Term[]): number {
  const names = options.map((option) => asAtom(option) ?? asAtom(asTuple(option)?.[0]));
  return (names.includes('link') ? done.linked : 0) | (names.includes('monitor') ? done.monitored : 0);
}

/** With what reason the spawned process exits. */
async function exitReason(offered: OfferedFunctions, node: string, spawned: Call): Promise<Term> {
  const { module, args } = spawned;
  if (module !== 'erpc' || spawned.function !== 'execute_call') {
    await apply(offered, node, spawned);
    return atom('normal');
  }
  const [result, ...call] = args.length === 4 ? args : [atom('normal'), ...args];
  const outcome = await apply(offered, node, readCall(call));
  if (!(outcome instanceof ErlangError)) return tuple(result ?? [], atom('return'), outcome);
  if (outcome.class === 'error') return tuple(result ?? [], atom('error'), outcome.reason, outcome.stackTrace);
  return tuple(result ?? [], atom(outcome.class === 'throw' ? 'throw' : 'exit'), outcome.reason);
}

function readCall([module, name, args]: readonly Term[]): Call {
  return { module: asAtom(module) ?? '', function: asAtom(name) ?? '', args: asList(args) ?? [] };
}

async function apply(offered: OfferedFunctions, node: string, call: Call): Promise<Term | ErlangError> {
  const name = `${call.module}:${call.function}`;
  const fn = own(offered, `${name}/${call.args.length}`) ?? own(offered, name);
  if (fn === undefined) return undefinedFunction(call);
  try {
    return await fn(call.args, { node });
  } catch (error) {
    if (error instanceof ErlangError) return error;
    return new ErlangError(
      'error',
      tuple(atom('exception'), binary(error instanceof Error ? error.message : 'unknown')),
    );
  }
}

function own(offered: OfferedFunctions, name: string): OfferedFunction | undefined {
  return Object.hasOwn(offered, name) ? offered[name] : undefined;
}

function undefinedFunction({ module, function: name, args }: Call): ErlangError {
  return new ErlangError('error', atom('undef'), [tuple(atom(module), atom(name), args, [])]);
}

/** `{'$gen_call', {From, Tag}, Request}` */
function serveRequest(offered: OfferedFunctions, answering: Answering, payload: Payload): boolean {
  const [, client, request] = asTagged(readable(payload), '$gen_call', 3) ?? [];
  const [from, tag] = asTuple(client, 2) ?? [];
  if (!(from instanceof Pid) || tag === undefined || request === undefined) return false;
  void replyTo(offered, answering.peer, request).then((reply) => {
    const alias = tag instanceof ImproperList && tag.tail instanceof Reference ? tag.tail : undefined;
    const message = alias === undefined ? control.send(from) : control.aliasSend(answering.ours, alias);
    answering.offer(message, tuple(tag, reply));
  });
  return true;
}

async function replyTo(offered: OfferedFunctions, node: string, request: Term): Promise<Term> {
  if (asTagged(request, 'is_auth', 2) !== undefined) return atom('yes');
  const call = asTagged(request, 'call', 5);
  if (call === undefined) return tuple(atom('badrpc'), atom('badarg'));
  const outcome = await apply(offered, node, readCall(call.slice(1)));
  if (!(outcome instanceof ErlangError)) return outcome;
  if (outcome.class === 'throw') return outcome.reason;
  const reason = outcome.class === 'error' ? tuple(outcome.reason, outcome.stackTrace) : outcome.reason;
  return tuple(atom('badrpc'), tuple(atom('EXIT'), reason));
}
