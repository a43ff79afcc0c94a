/**
 * A node of ours: a name under which processes live, connections to other nodes in both directions, and functions that they
 * may call. Hidden unless asked to be visible. Where a guest on one node is enough, `connectNode` is simpler.
 *
 * N1: there is at most one connection to a node. Who dials while a connection stands gets that one; when both sides dial at
 * the same time, the node of the greater name wins, as the protocol has it, and both use its connection.
 * N2: what ends with a connection is told to every process that was tied to the node.
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { Connection } from '../connection.ts';
import type { ErlangNode } from '../connection.ts';
import { acceptHandshake } from '../dist/accept.ts';
import type { Admission } from '../dist/accept.ts';
import type { HandshakeOutcome, Identity } from '../dist/dialogue.ts';
import { flags, has, nodeFlags } from '../dist/flags.ts';
import { performHandshake } from '../dist/handshake.ts';
import { handshakeFault } from '../handshake-fault.ts';
import type { Payload } from '../dist/payload.ts';
import { Atom, atom } from '../term/atom.ts';
import { Pid, Reference } from '../term/types.ts';
import type { Term, Tuple } from '../term/types.ts';
import { ErlangProcess, keyOf } from './erlang-process.ts';
import type { ProcessHost, WaitOptions } from './erlang-process.ts';
import { route } from './route.ts';
import { serve } from './serve.ts';
import type { OfferedFunctions } from './serve.ts';

/** What a node of ours is made of. */
export interface OwnNodeOptions {
  /** our full name, e.g. `tools@10.0.0.9`; each new one is an atom on every node that hears it, for ever */
  readonly name: string;
  readonly cookie: string;
  readonly clock: Clock;
  /** Gives a byte stream to a node's distribution port. */
  dial(peer: string, signal: AbortSignal): Promise<Duplex>;
  /** what other nodes may call; nothing when absent */
  readonly functions?: OfferedFunctions;
  /** whether it is listed in their `nodes()`, and they connect it with all they know; a hidden node is not */
  readonly isVisible?: boolean;
  /** who may connect to us; all who know the cookie when absent */
  readonly allows?: (peer: string) => boolean;
  /** what we announce in place of the usual, for tests of other versions */
  readonly flags?: bigint;
  /** handshake version with which we dial */
  readonly version?: 5 | 6;
  /** `net_ticktime`, milliseconds; 60,000 when absent */
  readonly tickTimeMs?: number;
  /** tells our incarnations apart: 4 to 2^32-1; random when absent */
  readonly creation?: number;
}

/** Dialling, until there is a connection. */
interface Dialling {
  readonly connection: Promise<Connection>;
  /** the other side dialled us at the same time, and was let in */
  readonly accepted: PromiseWithResolvers<Connection>;
}

/** Below 2^15, as all nodes understand them. */
const processIdMax = 2 ** 15 - 1;
const firstWord = 2 ** 18;
/** The last word of our references: those of calls have another. */
const scope = 1;

/** A node of ours. */
export class OwnNode {
  readonly name: string;
  readonly creation: number;
  readonly #options: OwnNodeOptions;
  readonly #flags: bigint;
  readonly #connections = new Map<string, Connection>();
  readonly #dialling = new Map<string, Dialling>();
  readonly #processes = new Map<string, ErlangProcess>();
  readonly #names = new Map<string, ErlangProcess>();
  readonly #aliases = new Map<string, ErlangProcess>();
  readonly #host: ProcessHost;
  #lastProcess = 1;
  #lastReference = 0;

  constructor(options: OwnNodeOptions) {
    this.name = options.name;
    this.creation = options.creation ?? randomInt(4, 2 ** 32);
    this.#options = options;
    this.#host = this.#processHost(options.clock);
    this.#flags = options.flags ?? (options.isVisible === true ? nodeFlags | flags.published : nodeFlags);
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** The full names of the connected nodes. */
  get connected(): readonly string[] {
    return [...this.#connections.keys()];
  }

  /** The connection to a node: the one that stands, or a new one. Faults as of `connectNode`. */
  connect(peer: string, wait: WaitOptions): Promise<ErlangNode> {
    const standing = this.#connections.get(peer);
    if (standing !== undefined) return Promise.resolve(standing);
    const dialling = this.#dialling.get(peer) ?? this.#dial(peer, wait);
    return dialling.connection;
  }

  /**
   * Takes a connection that a node has dialled; `isFor` tells whether its certificate, where it has shown one, is for the
   * name that it says. Faults: denied, conflict, unavailable, timeout. The stream is ours.
   */
  async accept(stream: Duplex, wait: WaitOptions, isFor?: (peer: string) => boolean): Promise<ErlangNode> {
    stream.on('error', () => undefined);
    let impostor: string | undefined;
    try {
      const admit = (peer: string): Admission => {
        if (isFor === undefined || isFor(peer)) return this.#admit(peer);
        impostor = peer;
        return 'not_allowed';
      };
      const greet = (within: AbortSignal): Promise<HandshakeOutcome> =>
        acceptHandshake(stream, { ...this.#identity(), admit }, within);
      const connection = this.#opened(stream, await this.#within(wait, 'a node that dials', greet));
      this.#dialling.get(connection.name)?.accepted.resolve(connection);
      return connection;
    } catch (error) {
      stream.destroy();
      throw impostor === undefined ? error : unmasked(impostor);
    }
  }

  /** A new process. */
  spawn(): ErlangProcess {
    const process = new ErlangProcess(this.#host, this.#newPid());
    this.#processes.set(keyOf(process.pid), process);
    return process;
  }

  /** Makes a process known by a name. Fault exists when another has it. */
  register(name: string, process: ErlangProcess): void {
    const known = this.#names.get(name);
    if (known !== undefined && known !== process)
      throw new Fault('exists', `another process is registered as ${name}`, { object: name });
    this.#names.set(name, process);
  }

  /** Ends the processes, and leaves all nodes. */
  close(): void {
    for (const process of [...this.#processes.values()]) process.end(atom('shutdown'));
    for (const connection of [...this.#connections.values()]) connection.close();
  }

  #processHost(clock: Clock): ProcessHost {
    return {
      clock,
      send: (node, control, payload) => this.#connection(node).send(control, payload),
      deliver: (to, message) => this.#find('name' in to ? atom(to.name) : to)?.take({ kind: 'message', message }),
      reference: () => this.#reference(),
      addAlias: (alias, process) => void this.#aliases.set(keyOf(alias), process),
      removeAlias: (alias) => void this.#aliases.delete(keyOf(alias)),
      ended: (process) => this.#forget(process),
    };
  }

  #identity(): Identity {
    return { self: this.name, cookie: this.#options.cookie, creation: this.creation, flags: this.#flags };
  }

  #within<T>({ timeoutMs, signal }: WaitOptions, what: string, act: (within: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(this.#options.clock, { ms: timeoutMs, what }, act, signal);
  }

  #dial(peer: string, wait: WaitOptions): Dialling {
    const accepted = Promise.withResolvers<Connection>();
    const attempt = (within: AbortSignal): Promise<Connection> =>
      Promise.race([accepted.promise, this.#handshake(peer, accepted.promise, within)]);
    const connection = this.#within(wait, `connecting to ${peer}`, attempt);
    const dialling: Dialling = { connection, accepted };
    this.#dialling.set(peer, dialling);
    const over = (): boolean => this.#dialling.get(peer) === dialling && this.#dialling.delete(peer);
    connection.then(over, over);
    return dialling;
  }

  async #handshake(peer: string, accepted: Promise<Connection>, within: AbortSignal): Promise<Connection> {
    const stream = await this.#options.dial(peer, within);
    stream.on('error', () => undefined);
    const { version = 6 } = this.#options;
    const outcome = await performHandshake(stream, { ...this.#identity(), peer, version }, within);
    if (outcome.kind === 'connected' && !this.#connections.has(peer)) return this.#opened(stream, outcome);
    stream.destroy();
    // N1: its own attempt goes on, and ends here as ours.
    if (outcome.kind === 'connected' || (outcome.kind === 'name-in-use' && outcome.status === 'nok')) return accepted;
    throw handshakeFault(outcome, peer, this.name);
  }

  /** N1 */
  #admit(peer: string): Admission {
    if (this.#options.allows?.(peer) === false) return 'not_allowed';
    if (this.#connections.has(peer)) return 'alive';
    if (!this.#dialling.has(peer)) return 'ok';
    return peer > this.name ? 'ok_simultaneous' : 'nok';
  }

  #opened(stream: Duplex, outcome: HandshakeOutcome): Connection {
    if (outcome.kind !== 'connected') throw handshakeFault(outcome, 'the node that dialled', this.name);
    const { peer } = outcome;
    const { clock, tickTimeMs } = this.#options;
    const ours = new Pid(atom(this.name), 1, 0, this.creation);
    const inbox = (control: readonly Term[], payload: Payload): boolean => this.#take(connection, control, payload);
    const connection = new Connection({ stream, clock, peer, announced: this.#flags, ours, tickTimeMs, inbox });
    const replaced = this.#connections.get(peer.name);
    this.#connections.set(peer.name, connection);
    replaced?.close();
    connection.onClose((why) => this.#lost(connection, why));
    return connection;
  }

  #take(connection: Connection, signal: readonly Term[], payload: Payload): boolean {
    if (route({ find: (whom) => this.#find(whom) }, signal, payload)) return true;
    const { functions } = this.#options;
    if (functions === undefined) return false;
    const answering = {
      ours: new Pid(atom(this.name), 1, 0, this.creation),
      peer: connection.name,
      exitPayload: has(connection.flags & this.#flags, flags.exitPayload),
      newPid: () => this.#newPid(),
      offer: (control: Tuple, answer?: Term) => connection.offer(control, answer),
    };
    return serve(functions, answering, signal, payload);
  }

  /** N2 */
  #lost(connection: Connection, why: string): void {
    if (this.#connections.get(connection.name) === connection) this.#connections.delete(connection.name);
    for (const process of this.#processes.values()) process.nodeDown(connection.name, why);
  }

  #connection(node: string): Connection {
    const connection = this.#connections.get(node);
    if (connection === undefined)
      throw new Fault('unavailable', `${node} is not connected`, { object: `node ${node}` });
    return connection;
  }

  #find(whom: Term | undefined): ErlangProcess | undefined {
    if (whom instanceof Pid) return this.#processes.get(keyOf(whom));
    if (whom instanceof Reference) return this.#aliases.get(keyOf(whom));
    return whom instanceof Atom ? this.#names.get(whom.name) : undefined;
  }

  #forget(process: ErlangProcess): void {
    this.#processes.delete(keyOf(process.pid));
    for (const [name, registered] of this.#names) if (registered === process) this.#names.delete(name);
  }

  #newPid(): Pid {
    const count = this.#lastProcess++;
    const serial = Math.floor(count / processIdMax) % 2 ** 13;
    return new Pid(atom(this.name), 1 + (count % processIdMax), serial, this.creation);
  }

  #reference(): Reference {
    const count = ++this.#lastReference;
    return new Reference(atom(this.name), this.creation, [count % firstWord, Math.floor(count / firstWord), scope]);
  }
}

function unmasked(peer: string): Fault {
  const object = `node ${peer}`;
  return new Fault('denied', `a node that dialled says it is ${peer}, which its certificate does not`, { object });
}
