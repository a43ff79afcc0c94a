/**
 * The calls under way on one connection. A call goes through
 *
 *     requested --SPAWN_REPLY--> running --monitor says DOWN--> settled
 *
 * R1: a call settles once: by its answer, its deadline, its signal, or the end of the connection.
 * R2: what nobody waits for any more is ended on the node: a process known is killed, one still to be named is killed when
 * its name comes (I6). OTP's `erpc` would let it run; we are guests. A process has no more than that one call to lose: its
 * effects up to there stay, as with any timeout.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { atom } from '../term/atom.ts';
import { decodeTerm } from '../term/decode.ts';
import { DecodeError } from '../term/errors.ts';
import { Pid, Reference } from '../term/types.ts';
import type { Term, Tuple } from '../term/types.ts';
import { exit2, operations, regSend, spawnRequest } from '../dist/control.ts';
import { ErlangError } from './erlang-error.ts';
import { executeCall, executeCallArgs, readExitReason } from './erpc.ts';
import type { Call } from './erpc.ts';
import { readRexAnswer, readRexMessage, rexName, rexRequest } from './rex.ts';

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

interface Pending {
  readonly id: Reference;
  readonly resolve: (value: Term) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
  /** the process on the node, once it has said so */
  process: Pid | undefined;
}

const kill = atom('kill');
/** Before DFLAG_V4_NC the first word of a reference had 18 bits; all nodes understand such ones. */
const firstWord = 2 ** 18;

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
  call(call: Call, { timeoutMs, signal }: CallOptions): Promise<Term> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const number = ++this.#last;
      const id = this.#reference(number);
      this.#request(call, id);
      const onAbort = (): void => this.#abandon(number, signal?.reason);
      const timer = this.#options.clock.after(timeoutMs, () => this.#abandon(number, this.#late(call, timeoutMs)));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(number, { id, resolve, reject, timer, signal, onAbort, process: undefined });
    });
  }

  /** Takes a signal from the node; false when it belongs to no call. DecodeError only for a broken control message. */
  take(control: readonly Term[], payload: Uint8Array): boolean {
    switch (control[0]) {
      case operations.spawnReply:
        return this.#spawned(control[1], control[4]);
      case operations.monitorExit:
        return this.#down(control[3], () => control[4] ?? atom('undefined'));
      case operations.payloadMonitorExit:
        return this.#down(control[3], () => decodeTerm(payload));
      case operations.send:
      case operations.sendSender:
        return !this.#options.spawns && this.#rexAnswered(payload);
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

  #request(call: Call, id: Reference): void {
    const { ours, spawns, send } = this.#options;
    if (!spawns) {
      send(regSend(ours, rexName), rexRequest(ours, id, call));
      return;
    }
    const request = { id, from: ours, groupLeader: ours, ...executeCall };
    send(spawnRequest(request), executeCallArgs(id, call));
  }

  #reference(number: number): Reference {
    const { node, creation } = this.#options.ours;
    return new Reference(node, creation, [number % firstWord, Math.floor(number / firstWord) % 2 ** 32, 0]);
  }

  #numberOf(id: Term | undefined): number {
    if (!(id instanceof Reference)) return -1;
    return (id.words[0] ?? 0) + (id.words[1] ?? 0) * firstWord;
  }

  #spawned(id: Term | undefined, result: Term | undefined): boolean {
    const number = this.#numberOf(id);
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

  #down(id: Term | undefined, reason: () => Term): boolean {
    const pending = this.#remove(this.#numberOf(id));
    if (pending !== undefined) settle(pending, () => readExitReason(reason(), pending.id));
    return true;
  }

  /** `{Ref, Answer}`; anything else is a message to nobody. */
  #rexAnswered(payload: Uint8Array): boolean {
    const [id, answer] = readRexMessage(payload);
    const pending = this.#remove(this.#numberOf(id));
    if (pending === undefined || answer === undefined) return false;
    settle(pending, () => readRexAnswer(answer));
    return true;
  }

  #remove(number: number): Pending | undefined {
    const pending = this.#pending.get(number);
    if (pending === undefined) return undefined;
    this.#pending.delete(number);
    pending.timer.cancel();
    pending.signal?.removeEventListener('abort', pending.onAbort);
    return pending; // R1: only who removes it settles it
  }

  #abandon(number: number, reason: unknown): void {
    const pending = this.#remove(number);
    if (pending === undefined) return;
    pending.reject(reason);
    if (pending.process !== undefined) this.#kill(pending.process);
    else if (this.#options.spawns) this.#orphans.add(number);
  }

  /** R2 */
  #kill(process: Pid): void {
    this.#options.offer(exit2(this.#options.ours, process, kill));
  }

  #checkDrained(): void {
    if (this.#orphans.size > 0 || this.#onDrained === undefined) return;
    const drained = this.#onDrained;
    this.#onDrained = undefined;
    drained();
  }

  #late(call: Call, timeoutMs: number): Fault {
    const what = `${call.module}:${call.function}/${call.args.length} on ${this.#options.peer}`;
    return new Fault('timeout', `${what}: no answer within ${timeoutMs / 1000} s`, { object: this.#options.peer });
  }

  #gone(why: string): Fault {
    const { peer } = this.#options;
    return new Fault('unavailable', `the connection to ${peer} has ended: ${why}`, { object: peer, words: why });
  }
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

function unreadable(error: DecodeError): Fault {
  return new Fault('unknown', 'the answer of the node cannot be read', { words: error.message, cause: error });
}
