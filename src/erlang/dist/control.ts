/**
 * Control messages: the tuple that starts every message between connected nodes. We build those we send; of those received
 * we name the operation and leave the payload undecoded until somebody wants it.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#protocol-between-connected-nodes
 */
import { atom } from '../term/atom.ts';
import type { Atom } from '../term/atom.ts';
import { tuple } from '../term/build.ts';
import type { Pid, Reference, Term, Tuple } from '../term/types.ts';

/** Operation numbers. The `_TT` forms carry a trace token more and are sent only while somebody traces. */
export const operations = {
  link: 1,
  send: 2,
  exit: 3,
  regSend: 6,
  exit2: 8,
  sendTt: 12,
  exitTt: 13,
  regSendTt: 16,
  exit2Tt: 18,
  monitor: 19,
  demonitor: 20,
  monitorExit: 21,
  sendSender: 22,
  sendSenderTt: 23,
  payloadExit: 24,
  payloadExitTt: 25,
  payloadExit2: 26,
  payloadExit2Tt: 27,
  payloadMonitorExit: 28,
  spawnRequest: 29,
  spawnRequestTt: 30,
  spawnReply: 31,
  spawnReplyTt: 32,
  aliasSend: 33,
  aliasSendTt: 34,
  unlinkId: 35,
  unlinkIdAck: 36,
} as const;

const unused = atom('');
const monitorOption: readonly Term[] = [atom('monitor')];

/** What to spawn. The argument list travels as the payload. */
export interface SpawnRequest {
  /** names the request, and is the monitor of the new process */
  readonly id: Reference;
  readonly from: Pid;
  /** where the new process prints */
  readonly groupLeader: Pid;
  readonly module: string;
  readonly function: string;
  readonly arity: number;
  /** as `erlang:spawn_request/5` takes them; a monitor when absent */
  readonly options?: readonly Term[];
}

/** Spawns a process and monitors it, in one signal. */
export function spawnRequest(request: SpawnRequest): Tuple {
  const entry = tuple(atom(request.module), atom(request.function), request.arity);
  return tuple(
    operations.spawnRequest,
    request.id,
    request.from,
    request.groupLeader,
    entry,
    request.options ?? monitorOption,
  );
}

/** Refuses a spawn request. */
export function spawnRefused(id: Term, to: Term, why: Atom): Tuple {
  return tuple(operations.spawnReply, id, to, 0, why);
}

/** Sends the payload to a registered process. */
export function regSend(from: Pid, name: string): Tuple {
  return tuple(operations.regSend, from, unused, atom(name));
}

/** Sends the payload to a process. */
export function send(to: Pid): Tuple {
  return tuple(operations.send, unused, to);
}

/** Sends the payload to an alias of a process. */
export function aliasSend(from: Pid, alias: Reference): Tuple {
  return tuple(operations.aliasSend, from, alias);
}

/** Links two processes. */
export function link(from: Pid, to: Pid): Tuple {
  return tuple(operations.link, from, to);
}

/** Ends a link; the other side acknowledges the number. */
export function unlinkId(id: number, from: Pid, to: Pid): Tuple {
  return tuple(operations.unlinkId, id, from, to);
}

/** Watches a process, known by its identifier or its registered name. */
export function monitor(from: Pid, watched: Pid | Atom, id: Reference): Tuple {
  return tuple(operations.monitor, from, watched, id);
}

/** Ends a monitor. */
export function demonitor(from: Pid, watched: Pid | Atom, id: Reference): Tuple {
  return tuple(operations.demonitor, from, watched, id);
}

/** Answers a spawn request; `flags` say what was done: 1 linked, 2 monitored. */
export function spawnReply(id: Term, to: Term, flags: number, process: Pid): Tuple {
  return tuple(operations.spawnReply, id, to, flags, process);
}

/** `exit(To, Reason)` */
export function exit2(from: Pid, to: Pid, reason: Term): Tuple {
  return tuple(operations.exit2, from, to, reason);
}

/** Breaks a link from our side: what it was linked to does not live. */
export function linkExit(from: Term, to: Term, reason: Term): Tuple {
  return tuple(operations.exit, from, to, reason);
}

/** Tells a monitor that what it watches has ended; the reason is the payload. */
export function payloadMonitorExit(from: Term, to: Term, id: Term): Tuple {
  return tuple(operations.payloadMonitorExit, from, to, id);
}

/** Tells a monitor that what it watches does not live. */
export function monitorExit(from: Term, to: Term, id: Term, reason: Term): Tuple {
  return tuple(operations.monitorExit, from, to, id, reason);
}

/** Says that a link is gone here too. */
export function unlinkIdAck(id: Term, from: Term, to: Term): Tuple {
  return tuple(operations.unlinkIdAck, id, from, to);
}
