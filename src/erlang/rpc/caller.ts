/**
 * The calls under way on one connection. A call goes through
 *
 *     requested --SPAWN_REPLY--> running --monitor says DOWN--> settled        (erpc)
 *     requested ---------------- answer or DOWN ---------------> settled        (gen, rex)
 *
 * R1: a call settles once: by its answer, its deadline, its signal, or the end of the connection.
 * R2: what nobody waits for any more is ended on the node: a process known is killed, one still to be named is killed when
 * its name comes (I6). OTP's `erpc` would let it run; we are guests. A process has no more than that one call to lose: its
 * effects up to there stay, as with any timeout. A server that was asked is only no longer watched.
 */
import { onAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { atom } from '../term/atom.ts';
import type { Atom } from '../term/atom.ts';
import { DecodeError } from '../term/errors.ts';
import { asTuple } from '../term/pick.ts';
import { Pid, Reference } from '../term/types.ts';
import type { Term, Tuple } from '../term/types.ts';
import * as control from '../dist/control.ts';
import { readable } from '../dist/manners.ts';
import type { Payload } from '../dist/payload.ts';
import { deadline } from './deadlines.ts';
import type { Wait } from './deadlines.ts';
import { ErlangError } from './erlang-error.ts';
import { answerIn, executeCall, executeCallArgs, readExitReason, unreadable } from './erpc.ts';
import type { Answer, Call } from './erpc.ts';
import { genRequest, readRexAnswer, rexName, rexRequest } from './rex.ts';

/** What a caller needs. */
export interface CallerOptions {
  /** the node's name, for errors */
  readonly peer: string;
  /** our process */
  readonly ours: Pid;
  readonly clock: Clock;
  /** whether the node takes spawn requests; else `rex` is asked */
  readonly spawns: boolean;
  /** Sends, or throws the Fault that says why not. */
  send(control: Tuple, payload?: Term): void;
  /** Sends if that can be done, else drops it. */
  offer(control: Tuple): void;
}

/** How long a call may take, and what takes it back. */
export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a call is made, and what its answer is read with. */
type Way =
  | { readonly kind: 'erpc'; readonly call: Call }
  | { readonly kind: 'rex'; readonly call: Call }
  | { readonly kind: 'gen'; readonly server: Pid | Atom; readonly request: Term };

/** Whom the answer of a call is given to. */
interface Waiting {
  readonly resolve: (value: Term) => void;
  readonly reject: (error: unknown) => void;
  /** takes an answer that is not read yet, instead; absent for who wants it read */
  readonly unread?: ((answer: Answer) => void) | undefined;
}

interface Pending extends Waiting {
  readonly way: Way;
  readonly id: Reference;
  readonly timeoutMs: number;
  readonly wait: Wait;
  /** the signal need not be waited for any more */
  readonly forget: (() => void) | undefined;
  /** the process on the node, once it has said so */
  process: Pid | undefined;
}

const { operations } = control;
const kill = atom('kill');
/** Before DFLAG_V4_NC the first word of a reference had 18 bits; all nodes understand such ones. */
const firstWord = 2 ** 18;
/** The last word of our references: those of a process of ours have another. */
const scope = 0;

/** Calls functions on a node and matches the answers. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #pending = new Map<number, Pending>();
  /** requests nobody waits for, whose process is still to be named */
  readonly #orphans = new Set<number>();
  #last = 0;
  #onDrained: (() => void) | undefined;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** Applies a function on the node. ErlangError when it raises; Fault unavailable, timeout; the signal's reason. */
  call(call: Call, options: CallOptions): Promise<Term> {
    const way = this.#wayOf(call);
    return new Promise((resolve, reject) => this.#begin(way, options, { resolve, reject }));
  }

  /** The same, with the answer as it came. */
  ask(call: Call, options: CallOptions): Promise<Answer> {
    const way = this.#wayOf(call);
    return new Promise((resolve, reject) => {
      const known = (term: Term): void => resolve({ digest: null, term: () => term });
      this.#begin(way, options, { resolve: known, reject, unread: resolve });
    });
  }

  /** Asks a server as `gen_server:call/3` does. ErlangError `exit` when it does not live or dies; else as `call`. */
  genCall(server: Pid | Atom, request: Term, options: CallOptions): Promise<Term> {
    const way: Way = { kind: 'gen', server, request };
    return new Promise((resolve, reject) => this.#begin(way, options, { resolve, reject }));
  }

  #wayOf(call: Call): Way {
    return { kind: this.#options.spawns ? 'erpc' : 'rex', call };
  }

  /** Throws where it cannot be sent, or the signal has come. */
  #begin(way: Way, { timeoutMs, signal }: CallOptions, waiting: Waiting): void {
    signal?.throwIfAborted();
    const number = ++this.#last;
    const id = this.#reference(number);
    this.#request(way, id);
    const forget = signal === undefined ? undefined : onAbort(signal, () => this.#abandon(number, signal.reason));
    const wait = deadline(this.#options.clock, timeoutMs, () => this.#late(number));
    const { resolve, reject, unread } = waiting;
    this.#pending.set(number, { resolve, reject, unread, way, id, timeoutMs, wait, forget, process: undefined });
  }

  /** Takes a signal from the node; false when it belongs to no call. DecodeError only for a broken control message. */
  take(signal: readonly Term[], payload: Payload): boolean {
    switch (signal[0]) {
      case operations.payloadMonitorExit:
        return this.#down(signal[3], () => payload.term(), payload);
      case operations.spawnReply:
      case operations.spawnReplyTt:
        return this.#spawned(signal[1], signal[4]);
      case operations.monitorExit:
        return this.#down(signal[3], () => signal[4] ?? atom('undefined'));
      case operations.send:
      case operations.sendSender:
      case operations.sendTt:
      case operations.sendSenderTt:
        return this.#answered(payload);
      default:
        return false;
    }
  }

  /** Gives up all calls with the same words, and calls `drained` once the node holds nothing of ours that we know of. */
  abandonAll(why: string, drained: () => void): void {
    for (const number of [...this.#pending.keys()]) this.#abandon(number, this.#gone(why));
    this.#onDrained = drained;
    this.#checkDrained();
  }

  /** The connection is gone: fails all calls with the reason. */
  fail(why: string): void {
    for (const number of [...this.#pending.keys()]) this.#remove(number)?.reject(this.#gone(why));
    this.#orphans.clear();
  }

  #request(way: Way, id: Reference): void {
    const { ours, send } = this.#options;
    switch (way.kind) {
      case 'erpc':
        send(
          control.spawnRequest({ id, from: ours, groupLeader: ours, ...executeCall }),
          executeCallArgs(id, way.call),
        );
        return;
      case 'rex':
        send(control.regSend(ours, rexName), rexRequest(ours, id, way.call));
        return;
      case 'gen':
        send(control.monitor(ours, way.server, id));
        send(sendTo(ours, way.server), genRequest(ours, id, way.request));
    }
  }

  #reference(number: number): Reference {
    const { node, creation } = this.#options.ours;
    return new Reference(node, creation, [number % firstWord, Math.floor(number / firstWord) % 2 ** 32, scope]);
  }

  /** The call that a reference of ours names, -1 when it is none of ours. */
  #numberOf(id: Term | undefined): number {
    if (!(id instanceof Reference) || id.words.length !== 3 || id.words[2] !== scope) return -1;
    return (id.words[0] ?? 0) + (id.words[1] ?? 0) * firstWord;
  }

  #spawned(id: Term | undefined, result: Term | undefined): boolean {
    const number = this.#numberOf(id);
    if (number < 0) return false;
    if (this.#orphans.delete(number)) this.#killOrphan(result);
    const pending = this.#pending.get(number);
    if (result instanceof Pid && pending !== undefined) pending.process = result;
    else if (result !== undefined) this.#remove(number)?.reject(new ErlangError('erpc', result));
    return true;
  }

  #killOrphan(result: Term | undefined): void {
    if (result instanceof Pid) this.#kill(result);
    this.#checkDrained();
  }

  #down(id: Term | undefined, reason: () => Term, payload?: Payload): boolean {
    const number = this.#numberOf(id);
    if (number < 0) return false;
    const pending = this.#remove(number);
    const unread = payload !== undefined && pending?.unread !== undefined ? answerIn(payload, pending.id) : undefined;
    if (unread !== undefined) pending?.unread?.(unread);
    else if (pending?.way.kind === 'gen') settle(pending, () => new ErlangError('exit', reason()));
    else if (pending !== undefined) settle(pending, () => readExitReason(reason(), pending.id));
    return true;
  }

  /** `{Ref, Answer}`; anything else is no answer. */
  #answered(payload: Payload): boolean {
    const [id, answer] = asTuple(readable(payload), 2) ?? [];
    const number = this.#numberOf(id);
    const kind = this.#pending.get(number)?.way.kind;
    if (answer === undefined || kind === undefined || kind === 'erpc') return false;
    const pending = this.#remove(number);
    if (pending === undefined) return false;
    this.#unwatch(pending);
    settle(pending, () => (kind === 'rex' ? readRexAnswer(answer) : answer));
    return true;
  }

  #remove(number: number): Pending | undefined {
    const pending = this.#pending.get(number);
    if (pending === undefined) return undefined;
    this.#pending.delete(number);
    pending.wait.end();
    pending.forget?.();
    return pending; // R1: only who removes it settles it
  }

  #abandon(number: number, reason: unknown): void {
    const pending = this.#remove(number);
    if (pending === undefined) return;
    pending.reject(reason);
    if (pending.process !== undefined) this.#kill(pending.process);
    else if (pending.way.kind === 'erpc') this.#orphans.add(number);
    else this.#unwatch(pending);
  }

  /** R2 */
  #kill(process: Pid): void {
    this.#options.offer(control.exit2(this.#options.ours, process, kill));
  }

  #unwatch({ way, id }: Pending): void {
    if (way.kind === 'gen') this.#options.offer(control.demonitor(this.#options.ours, way.server, id));
  }

  #checkDrained(): void {
    if (this.#orphans.size > 0 || this.#onDrained === undefined) return;
    const drained = this.#onDrained;
    this.#onDrained = undefined;
    drained();
  }

  #late(number: number): void {
    const pending = this.#pending.get(number);
    if (pending === undefined) return;
    const { peer } = this.#options;
    const what = `${nameOf(pending.way)} on ${peer}`;
    const seconds = pending.timeoutMs / 1000;
    this.#abandon(number, new Fault('timeout', `${what}: no answer within ${seconds} s`, { object: peer }));
  }

  #gone(why: string): Fault {
    const { peer } = this.#options;
    return new Fault('unavailable', `the connection to ${peer} has ended: ${why}`, { object: peer, words: why });
  }
}

function sendTo(from: Pid, server: Pid | Atom): Tuple {
  return server instanceof Pid ? control.send(server) : control.regSend(from, server.name);
}

function nameOf(way: Way): string {
  if (way.kind !== 'gen') return `${way.call.module}:${way.call.function}/${way.call.args.length}`;
  return way.server instanceof Pid ? 'a call to a process' : `a call to ${way.server.name}`;
}

/** An answer that does not decode fails its own call, not the connection. */
function settle(pending: Pending, read: () => Term | ErlangError): void {
  try {
    const answer = read();
    if (answer instanceof ErlangError) pending.reject(answer);
    else pending.resolve(answer);
  } catch (error) {
    pending.reject(error instanceof DecodeError ? unreadable(error) : error);
  }
}
