/**
 * How we answer a node that talks to us. To the node we are one process that lives as long as the connection and is the
 * group leader of what it runs for us; everything else it asks for does not exist here. Nothing may wait for us in vain:
 *
 * - a monitor of, or a link to, anything but our process is told `noproc`;
 * - a spawn request is refused with `notsup`;
 * - a request to print is answered `ok` and the text dropped, other I/O requests are `enotsup`
 *   (https://www.erlang.org/doc/apps/stdlib/io_protocol.html);
 * - everything else is ignored, as a message to a dead process is.
 */
import { atom } from '../term/atom.ts';
import { tuple } from '../term/build.ts';
import { DecodeError } from '../term/errors.ts';
import { equalTerms } from '../term/equal.ts';
import { asAtom, asTagged, asTuple } from '../term/pick.ts';
import { Pid } from '../term/types.ts';
import type { Term, Tuple } from '../term/types.ts';
import type { Payload } from './payload.ts';
import { linkExit, monitorExit, operations, send, spawnRefused, unlinkIdAck } from './control.ts';

const noproc = atom('noproc');

/** A message to be sent back. */
export interface Reply {
  readonly control: Tuple;
  readonly payload?: Term;
}

/** What politeness asks us to answer to a signal; undefined when nothing. `ours` is our process. */
export function replyTo(control: readonly Term[], payload: Payload, ours: Pid): Reply | undefined {
  const [operation, first, second, third] = control;
  switch (operation) {
    case operations.link:
      return replyToLink(first, second, ours);
    case operations.monitor:
      return replyToMonitor(control, ours);
    case operations.unlinkId:
      return defined(first, second, third, (id, from, to) => ({ control: unlinkIdAck(id, to, from) }));
    case operations.spawnRequest:
    case operations.spawnRequestTt:
      return defined(first, second, 0, (id, from) => ({ control: spawnRefused(id, from, atom('notsup')) }));
    case operations.send:
    case operations.sendSender:
    case operations.sendTt:
    case operations.sendSenderTt:
    case operations.aliasSend:
    case operations.aliasSendTt:
      return replyToIoRequest(payload);
    default:
      return undefined;
  }
}

type Build = (a: Term, b: Term, c: Term) => Reply;

function defined(a: Term | undefined, b: Term | undefined, c: Term | undefined, build: Build): Reply | undefined {
  return a === undefined || b === undefined || c === undefined ? undefined : build(a, b, c);
}

function replyToLink(from: Term | undefined, to: Term | undefined, ours: Pid): Reply | undefined {
  if (from === undefined || to === undefined || equalTerms(to, ours)) return undefined;
  return { control: linkExit(to, from, noproc) };
}

function replyToMonitor([, from, watched, id]: readonly Term[], ours: Pid): Reply | undefined {
  if (from === undefined || watched === undefined || id === undefined || equalTerms(watched, ours)) return undefined;
  return { control: monitorExit(watched, from, id, noproc) };
}

function replyToIoRequest(payload: Payload): Reply | undefined {
  const [, from, replyAs, request] = asTagged(readable(payload), 'io_request', 4) ?? [];
  if (!(from instanceof Pid) || replyAs === undefined) return undefined;
  const prints = asAtom(asTuple(request)?.[0]) === 'put_chars';
  const answer = prints ? atom('ok') : tuple(atom('error'), atom('enotsup'));
  return { control: send(from), payload: tuple(atom('io_reply'), replyAs, answer) };
}

/** A payload, or nothing when it is none. */
export function readable(payload: Payload): Term | undefined {
  try {
    return payload.term();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
