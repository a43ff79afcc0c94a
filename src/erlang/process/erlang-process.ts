/**
 * A process of our node, as other nodes see it: it has an identifier, takes messages and signals, and can link, monitor,
 * spawn and exit. It ends when its owner says so, or by the exit signal `kill`.
 */
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import * as control from '../dist/control.ts';
import { ErlangError } from '../rpc/erlang-error.ts';
import { atom } from '../term/atom.ts';
import type { Atom } from '../term/atom.ts';
import { equalTerms } from '../term/equal.ts';
import { Pid, Reference } from '../term/types.ts';
import type { Term, Tuple } from '../term/types.ts';
import type { Address, Letter, RegisteredName } from './letter.ts';

/** Letters that may wait to be read; a process that is flooded ends, and nothing else does. */
const lettersMax = 100_000;

/** What a process needs of its node. */
export interface ProcessHost {
  readonly clock: Clock;
  /** Sends to a connected node. Fault unavailable when there is no connection. */
  send(node: string, control: Tuple, payload?: Term): void;
  /** Delivers a message to a process of this very node; nobody there is no error. */
  deliver(to: Address, message: Term): void;
  reference(): Reference;
  addAlias(alias: Reference, process: ErlangProcess): void;
  removeAlias(alias: Reference): void;
  ended(process: ErlangProcess): void;
}

/** How long to wait. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What to start on another node. */
export interface Spawn {
  readonly module: string;
  readonly function: string;
  readonly args: readonly Term[];
  readonly link?: boolean;
  readonly monitor?: boolean;
}

/** A process started on another node; `monitor` names the monitor, where one was asked for. */
export interface Spawned {
  readonly pid: Pid;
  readonly monitor: Reference;
}

interface Watch {
  readonly id: Reference;
  readonly watched: Pid | Atom;
  readonly node: string;
}

/** A process. Made by `OwnNode.spawn`. */
export class ErlangProcess {
  readonly pid: Pid;
  readonly #host: ProcessHost;
  readonly #letters: Letter[] = [];
  readonly #links = new Map<string, Pid>();
  readonly #watches = new Map<string, Watch>();
  /** monitors of others on us */
  readonly #watchers = new Map<string, { readonly id: Reference; readonly by: Pid }>();
  readonly #nodes = new Set<string>();
  readonly #spawns = new Map<string, PromiseWithResolvers<Pid>>();
  readonly #aliases = new Set<Reference>();
  #wake: (() => void) | undefined;
  #end: Term | undefined;
  #unlinks = 0;

  constructor(host: ProcessHost, pid: Pid) {
    this.#host = host;
    this.pid = pid;
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /** The next letter. Faults: timeout; unavailable once the process has ended. */
  receive({ timeoutMs, signal }: WaitOptions): Promise<Letter> {
    const letter = this.#letters.shift();
    if (letter !== undefined) return Promise.resolve(letter);
    const deadline = { ms: timeoutMs, what: 'a letter' };
    return withDeadline(this.#host.clock, deadline, (within) => this.#arrival(within), signal);
  }

  async #arrival(signal: AbortSignal): Promise<Letter> {
    for (;;) {
      signal.throwIfAborted();
      const letter = this.#letters.shift();
      if (letter !== undefined) return letter;
      if (this.#end !== undefined) throw new Fault('unavailable', 'the process has ended');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Sends a message. Faults: unavailable when the node is not connected; EncodeError. */
  send(to: Address, message: Term): void {
    const node = 'name' in to ? to.node : to.node.name;
    if (node === this.pid.node.name) this.#host.deliver(to, message);
    else if (to instanceof Pid) this.#host.send(node, control.send(to), message);
    else if (to instanceof Reference) this.#host.send(node, control.aliasSend(this.pid, to), message);
    else this.#host.send(node, control.regSend(this.pid, to.name), message);
  }

  /** Links to a process of another node: each learns when the other ends. */
  link(to: Pid): void {
    this.#host.send(to.node.name, control.link(this.pid, to));
    this.#links.set(keyOf(to), to);
  }

  unlink(to: Pid): void {
    if (!this.#links.delete(keyOf(to))) return;
    this.#host.send(to.node.name, control.unlinkId(++this.#unlinks, this.pid, to));
  }

  /** Watches a process of another node; a letter `down` comes when it ends, or does not live. */
  monitor(what: Pid | RegisteredName): Reference {
    const id = this.#host.reference();
    const watched = what instanceof Pid ? what : atom(what.name);
    const node = what instanceof Pid ? what.node.name : what.node;
    this.#host.send(node, control.monitor(this.pid, watched, id));
    this.#watches.set(keyOf(id), { id, watched, node });
    return id;
  }

  demonitor(id: Reference): void {
    const watch = this.#watches.get(keyOf(id));
    if (watch === undefined) return;
    this.#watches.delete(keyOf(id));
    this.#host.send(watch.node, control.demonitor(this.pid, watch.watched, id));
  }

  /** Has a letter `node-down` come when the connection to a node ends. */
  monitorNode(node: string): void {
    this.#nodes.add(node);
  }

  /** `exit(To, Reason)` */
  exit(to: Pid, reason: Term): void {
    this.#host.send(to.node.name, control.exit2(this.pid, to, reason));
  }

  /** A name for this process that can be withdrawn: what comes for it later is dropped. */
  alias(): Reference {
    const alias = this.#host.reference();
    this.#aliases.add(alias);
    this.#host.addAlias(alias, this);
    return alias;
  }

  unalias(alias: Reference): void {
    this.#aliases.delete(alias);
    this.#host.removeAlias(alias);
  }

  /** Starts a process on another node. ErlangError `erpc` with its reason when it cannot; Faults timeout, unavailable. */
  async spawn(node: string, spawn: Spawn, { timeoutMs, signal }: WaitOptions): Promise<Spawned> {
    const id = this.#host.reference();
    const { module, args } = spawn;
    const options = [
      ...(spawn.link === true ? [atom('link')] : []),
      ...(spawn.monitor === true ? [atom('monitor')] : []),
    ];
    const entry = { id, from: this.pid, groupLeader: this.pid, module, function: spawn.function, arity: args.length };
    const named = Promise.withResolvers<Pid>();
    named.promise.catch(() => undefined);
    this.#spawns.set(keyOf(id), named);
    try {
      this.#host.send(node, control.spawnRequest({ ...entry, options }), args);
      const what = `starting ${module}:${spawn.function}/${args.length} on ${node}`;
      const pid = await withDeadline(this.#host.clock, { ms: timeoutMs, what }, () => named.promise, signal);
      if (spawn.link === true) this.#links.set(keyOf(pid), pid);
      if (spawn.monitor === true) this.#watches.set(keyOf(id), { id, watched: pid, node });
      return { pid, monitor: id };
    } finally {
      this.#spawns.delete(keyOf(id));
    }
  }

  /** Ends the process: those linked to it and those who watch it learn why. */
  end(reason: Term = atom('normal')): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    for (const to of this.#links.values()) this.#tell(to.node.name, control.linkExit(this.pid, to, reason));
    for (const { id, by } of this.#watchers.values())
      this.#tell(by.node.name, control.monitorExit(this.pid, by, id, reason));
    for (const { node, watched, id } of this.#watches.values())
      this.#tell(node, control.demonitor(this.pid, watched, id));
    for (const alias of this.#aliases) this.#host.removeAlias(alias);
    this.#host.ended(this);
    this.#wake?.();
  }

  /** Puts a letter into the mailbox. */
  take(letter: Letter): void {
    if (this.#end !== undefined) return;
    if (this.#letters.length >= lettersMax) this.end(atom('message_queue_full'));
    else this.#letters.push(letter);
    this.#wake?.();
  }

  /** Another process linked to this one. */
  linked(by: Pid): void {
    this.#links.set(keyOf(by), by);
  }

  /** The other side broke a link. */
  unlinked(by: Pid): void {
    this.#links.delete(keyOf(by));
  }

  /** A linked process ended. */
  linkEnded(from: Pid, reason: Term): void {
    if (this.#links.delete(keyOf(from))) this.take({ kind: 'exit', from, reason });
  }

  /** Somebody sent an exit signal: `kill` cannot be trapped. */
  exitSent(from: Pid, reason: Term): void {
    if (equalTerms(reason, atom('kill'))) this.end(atom('killed'));
    else this.take({ kind: 'exit', from, reason });
  }

  watchedBy(by: Pid, id: Reference): void {
    this.#watchers.set(keyOf(id), { id, by });
  }

  unwatchedBy(id: Reference): void {
    this.#watchers.delete(keyOf(id));
  }

  /** What a monitor watched ended. */
  down(id: Reference, reason: Term): void {
    const watch = this.#watches.get(keyOf(id));
    if (watch === undefined) return;
    this.#watches.delete(keyOf(id));
    this.take({ kind: 'down', monitor: id, watched: watch.watched, reason });
  }

  /** A spawn request was answered. */
  spawned(id: Reference, result: Term): void {
    const waiting = this.#spawns.get(keyOf(id));
    if (result instanceof Pid) waiting?.resolve(result);
    else waiting?.reject(new ErlangError('erpc', result));
  }

  /** The connection to a node ended. */
  nodeDown(node: string, why: string): void {
    const gone = atom('noconnection');
    for (const from of this.#links.values()) if (from.node.name === node) this.linkEnded(from, gone);
    for (const watch of this.#watches.values()) if (watch.node === node) this.down(watch.id, gone);
    for (const [key, { by }] of this.#watchers) if (by.node.name === node) this.#watchers.delete(key);
    if (this.#nodes.delete(node)) this.take({ kind: 'node-down', node, why });
  }

  /** Sends what is only polite: a node that is gone needs it no more. */
  #tell(node: string, message: Tuple): void {
    try {
      this.#host.send(node, message);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
}

/** A text that is the same for equal identifiers. */
export function keyOf(id: Pid | Reference): string {
  const numbers = id instanceof Pid ? [id.id, id.serial] : id.words;
  return `${id.node.name} ${id.creation} ${numbers.join('.')}`;
}
