/**
 * Brings what a connected node says to the processes of ours. What is for a process that does not live is left to the manners
 * of the connection, which answer that nobody is there.
 */
import { operations } from '../dist/control.ts';
import { readable } from '../dist/manners.ts';
import type { Payload } from '../dist/payload.ts';
import { Atom } from '../term/atom.ts';
import { Pid, Reference } from '../term/types.ts';
import type { Term } from '../term/types.ts';
import type { ErlangProcess } from './erlang-process.ts';

/** The processes of a node. */
export interface Directory {
  /** by identifier, registered name or alias */
  find(whom: Term | undefined): ErlangProcess | undefined;
}

/** Delivers a signal; false when it is for nobody here. DecodeError never: a payload that cannot be read is dropped. */
export function route(directory: Directory, signal: readonly Term[], payload: Payload): boolean {
  switch (signal[0]) {
    case operations.send:
    case operations.sendTt:
    case operations.sendSender:
    case operations.sendSenderTt:
    case operations.aliasSend:
    case operations.aliasSendTt:
      return deliver(directory.find(signal[2]), payload);
    case operations.regSend:
    case operations.regSendTt:
      return deliver(directory.find(signal[3]), payload);
    case operations.spawnReply:
    case operations.spawnReplyTt:
      return answerSpawn(directory.find(signal[2]), signal);
    default:
      return routeTies(directory, signal, payload);
  }
}

function deliver(to: ErlangProcess | undefined, payload: Payload): boolean {
  if (to === undefined) return false;
  const message = readable(payload);
  if (message !== undefined) to.take({ kind: 'message', message });
  return true;
}

function answerSpawn(to: ErlangProcess | undefined, [, id, , , result]: readonly Term[]): boolean {
  if (to === undefined || !(id instanceof Reference) || result === undefined) return false;
  to.spawned(id, result);
  return true;
}

/** Links, monitors and exits. */
function routeTies(directory: Directory, signal: readonly Term[], payload: Payload): boolean {
  const [operation, from, whom, id] = signal;
  switch (operation) {
    case operations.link:
    case operations.exit:
    case operations.exitTt:
    case operations.payloadExit:
    case operations.payloadExitTt:
    case operations.exit2:
    case operations.exit2Tt:
    case operations.payloadExit2:
    case operations.payloadExit2Tt:
      return tie(directory.find(whom), signal, payload);
    case operations.unlinkId:
      if (whom instanceof Pid) directory.find(id)?.unlinked(whom);
      return false; // the manners acknowledge it
    case operations.monitor:
      return watch(directory.find(whom), from, id);
    case operations.demonitor:
      if (id instanceof Reference) directory.find(whom)?.unwatchedBy(id);
      return true;
    case operations.monitorExit:
    case operations.payloadMonitorExit:
      return down(directory.find(whom), signal, payload);
    default:
      return false;
  }
}

function tie(to: ErlangProcess | undefined, signal: readonly Term[], payload: Payload): boolean {
  const [operation, from] = signal;
  if (to === undefined || !(from instanceof Pid)) return false;
  switch (operation) {
    case operations.link:
      to.linked(from);
      return true;
    case operations.exit:
    case operations.exitTt:
    case operations.payloadExit:
    case operations.payloadExitTt:
      to.linkEnded(from, reasonOf(signal, payload));
      return true;
    default:
      to.exitSent(from, reasonOf(signal, payload));
      return true;
  }
}

function watch(to: ErlangProcess | undefined, from: Term | undefined, id: Term | undefined): boolean {
  if (to === undefined || !(from instanceof Pid) || !(id instanceof Reference)) return false;
  to.watchedBy(from, id);
  return true;
}

function down(to: ErlangProcess | undefined, signal: readonly Term[], payload: Payload): boolean {
  if (to === undefined || !(signal[3] instanceof Reference)) return false;
  to.down(signal[3], reasonOf(signal, payload));
  return true;
}

/** The reason stands behind the control message or, in older forms and while tracing, is its last element. */
function reasonOf(signal: readonly Term[], payload: Payload): Term {
  if (payload.isEmpty) return signal[signal.length - 1] ?? Atom.of('undefined');
  return readable(payload) ?? Atom.of('undefined');
}
