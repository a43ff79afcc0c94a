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
  regSendTt: 16,
  monitor: 19,
  demonitor: 20,
  monitorExit: 21,
  sendSender: 22,
  sendSenderTt: 23,
  payloadMonitorExit: 28,
  spawnRequest: 29,
  spawnRequestTt: 30,
  spawnReply: 31,
  unlinkId: 35,
  unlinkIdAck: 36,
} as const;

const unused = atom('');
const monitorOption: Term = [atom('monitor')];

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
}

/** Spawns a process and monitors it, in one signal. */
export function spawnRequest(request: SpawnRequest): Tuple {
  const entry = tuple(atom(request.module), atom(request.function), request.arity);
  return tuple(operations.spawnRequest, request.id, request.from, request.groupLeader, entry, monitorOption);
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

/** `exit(To, Reason)` */
export function exit2(from: Pid, to: Pid, reason: Term): Tuple {
  return tuple(operations.exit2, from, to, reason);
}

/** Breaks a link from our side: what it was linked to does not live. */
export function linkExit(from: Term, to: Term, reason: Term): Tuple {
  return tuple(operations.exit, from, to, reason);
}

/** Tells a monitor that what it watches does not live. */
export function monitorExit(from: Term, to: Term, id: Term, reason: Term): Tuple {
  return tuple(operations.monitorExit, from, to, id, reason);
}

export function unlinkIdAck(id: Term, from: Term, to: Term): Tuple {
  return tuple(operations.unlinkIdAck, id, from, to);
}
