/**
 * Connections from the control plane to Erlang nodes, at the level of `connectNode`: who is let in, what a node answers to
 * the calls that the cluster room makes, and how it looks when it hangs, is cut off or ends.
 */
import { Fault } from '../../src/base/fault.ts';
import { asAtom, asList, atom, charlist, formatTerm, tuple } from '../../src/erlang/erlang.ts';
import type { Answer, ConnectOptions, ErlangNode, Term } from '../../src/erlang/erlang.ts';
import type { Random } from '../../src/base/random.ts';
import type { Inspection } from '../../src/model/release.ts';
import { cookieWith } from './erlang-world.ts';
import type { ErlangProcess, ErlangWorld } from './erlang-world.ts';
import type { Way } from './host-seam.ts';
import type { Life } from './life.ts';
import type { MachinePark } from './machines.ts';

/** What is told of what we do at nodes. */
export interface GuestWitness {
  attached(process: ErlangProcess, self: string): void;
  called(process: ErlangProcess, call: string): void;
  answered(process: ErlangProcess): void;
  stopping(process: ErlangProcess): void;
  viewed(process: ErlangProcess): void;
  /** a node is told cookies of nodes of another blueprint */
  introduced(process: ErlangProcess): void;
}

/** What a simulated release is. */
export type Releases = ReadonlyMap<string, Inspection>;

interface Parts {
  readonly erlang: ErlangWorld;
  readonly park: MachinePark;
  readonly releases: Releases;
  readonly witness: GuestWitness;
}

type CallOptions = Parameters<ErlangNode['call']>[3];

/** Erlang nodes as one life of the control plane reaches them. */
export class ErlangSeam {
  readonly #parts: Parts;
  readonly #life: Life;
  readonly #chance: Random;

  constructor(parts: Parts, life: Life, chance: Random) {
    this.#parts = parts;
    this.#life = life;
    this.#chance = chance;
  }

  /** In place of `connectNode`. */
  connect(options: ConnectOptions): Promise<ErlangNode> {
    return this.#life.look(() => this.#connect(options));
  }

  async #connect({ stream, peer, self, cookie, timeoutMs, signal }: ConnectOptions): Promise<ErlangNode> {
    const { timeline } = this.#life;
    const { machine, port } = stream as unknown as Way;
    await timeline.pause(1 + this.#chance.below(10));
    signal?.throwIfAborted();
    const process = this.#parts.erlang.listening(machine, port);
    if (process === undefined) throw new Fault('unavailable', `${peer} ended the handshake`);
    if (process.phase === 'hung' || !this.#reaches(process)) {
      await timeline.pause(timeoutMs);
      throw new Fault('timeout', `the handshake with ${peer}: no answer`);
    }
    if (process.name !== peer) throw new Fault('not-found', `not ${peer} but ${process.name} answers there`);
    if (cookieWith(process, self) !== cookie) throw new Fault('denied', `${peer} refuses our cookie`);
    if (process.attached.has(self)) throw new Fault('conflict', `${peer} has a connection to another ${self}`);
    this.#parts.witness.attached(process, self);
    return new Guest(process, self, { ...this.#parts, life: this.#life, chance: this.#chance });
  }

  #reaches({ machine }: ErlangProcess): boolean {
    return this.#parts.park.get(machine)?.isReachable === true;
  }
}

interface GuestParts extends Parts {
  readonly life: Life;
  readonly chance: Random;
}

const tellings = new WeakMap<Inspection, readonly [Term, Term]>();

/** What a node says of its release and its applications: the same every time. */
function told(inspection: Inspection | undefined): readonly [Term, Term] {
  const known = inspection && tellings.get(inspection);
  if (known !== undefined) return known;
  const applications = [
    { name: 'kernel', version: '8' },
    { name: 'stdlib', version: '8' },
    ...(inspection?.applications ?? []),
  ];
  const telling = [
    tuple(charlist(inspection?.name ?? ''), charlist(inspection?.version ?? '')),
    applications.map(({ name, version }) => tuple(atom(name), charlist(''), charlist(version))),
  ] as const;
  if (inspection !== undefined) tellings.set(inspection, telling);
  return telling;
}

/** A node takes that long to notice that somebody is gone who did not say so, milliseconds. */
const tickMs = 60_000;

function namesIn(list: Term | undefined): readonly string[] {
  return (asList(list ?? []) ?? []).map((one) => asAtom(one) ?? '');
}

/** What stands for a view where two are compared: all that it was made of. */
const digests = new WeakMap<object, string>();

/** What changes nothing at a node. */
const questions: ReadonlySet<string> = new Set(['lists:zipwith3', 'init:get_status', 'erlang:get_cookie']);

/** One connection that stands. */
class Guest implements ErlangNode {
  readonly name: string;
  readonly creation = 4;
  readonly #process: ErlangProcess;
  readonly #self: string;
  readonly #parts: GuestParts;
  readonly #outlived: () => void;
  #closed: string | null = null;
  #listeners: ((why: string) => void)[] = [];

  constructor(process: ErlangProcess, self: string, parts: GuestParts) {
    this.name = process.name;
    this.#process = process;
    this.#self = self;
    this.#parts = parts;
    process.attached.set(self, (why) => this.#end(why));
    this.#outlived = parts.life.onDeath(() => this.#orphan());
  }

  async call(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Term> {
    const { life } = this.#parts;
    const name = `${module}:${fn}`;
    this.#parts.witness.called(this.#process, name);
    const isQuestion = questions.has(name);
    const ask = () => this.#ask(name, args, options);
    return isQuestion ? life.look(ask) : life.cross(`${this.name} ${name}`, ask);
  }

  async ask(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Answer> {
    const term = await this.call(module, fn, args, options);
    return { digest: digests.get(term as object) ?? formatTerm(term), term: () => term };
  }

  genCall(): Promise<Term> {
    return Promise.reject(new Fault('invalid', 'no server is asked here'));
  }

  caughtUp(): Promise<void> {
    return Promise.resolve();
  }

  onClose(listener: (why: string) => void): void {
    if (this.#closed !== null) listener(this.#closed);
    else this.#listeners.push(listener);
  }

  close(): void {
    if (this.#closed !== null) return;
    this.#detach();
    this.#end('closed by us');
  }

  async #ask(name: string, args: readonly Term[], { timeoutMs, signal }: CallOptions): Promise<Term> {
    const { life, chance, park } = this.#parts;
    const process = this.#process;
    if (this.#isClosed()) throw this.#gone();
    await life.timeline.pause(1 + chance.below(12));
    signal?.throwIfAborted();
    if (this.#isClosed()) throw this.#gone();
    if (process.phase === 'hung' || park.get(process.machine)?.isReachable !== true) {
      await life.timeline.pause(timeoutMs);
      signal?.throwIfAborted();
      throw new Fault('timeout', `${name} on ${this.name}: no answer`);
    }
    if (process.phase === 'dead') throw this.#gone();
    const answer = this.#answer(name, args);
    this.#parts.witness.answered(process);
    await life.timeline.pause(1 + chance.below(12));
    return answer;
  }

  #answer(name: string, args: readonly Term[]): Term {
    const { erlang, witness } = this.#parts;
    const process = this.#process;
    const [peer = '', given = ''] = args.map((one) => asAtom(one) ?? '');
    switch (name) {
      case 'init:get_status':
        return tuple(atom(process.phase === 'booting' ? 'starting' : 'started'), atom('started'));
      case 'init:stop':
        witness.stopping(process);
        erlang.stop(process);
        return atom('ok');
      case 'lists:zipwith3':
        witness.viewed(process);
        return asList(this.#view()) ?? [];
      case 'erlang:get_cookie':
        return atom(process.cookie);
      case 'erlang:set_cookie':
        if (peer === process.name) process.cookie = given;
        else process.cookies.set(peer, given);
        return atom('true');
      // of all peers at once: their cookies, and the ends of connections to them
      case 'lists:zipwith':
        witness.introduced(process);
        for (const [at, name] of namesIn(args[1]).entries()) process.cookies.set(name, namesIn(args[2])[at] ?? '');
        return [];
      case 'lists:map':
        for (const name of namesIn(args[1])) erlang.cutFrom(process, name);
        return [];
      case 'net_kernel:connect_node':
        return atom(String(erlang.connect(process, peer)));
      case 'ants_colony:joined':
        return atom(String(process.joined.has(peer) && [...process.visible].some(({ name }) => name === peer)));
      case 'ants_colony:join':
        if (!erlang.connect(process, peer)) return tuple(atom('error'), atom('nodedown'));
        process.joined.add(peer);
        return atom('ok');
      case 'ants_master:forget':
        process.forgotten.add(peer);
        return atom('ok');
      case 'ants_colony:drain':
        return atom('ok');
      default:
        return tuple(atom('error'), atom('undef'));
    }
  }

  #view(): Term {
    const { name, visible, attached, digest, identity } = this.#process;
    const [release, all] = told(this.#parts.releases.get(digest));
    const isLame = this.#parts.erlang.lame.has(digest);
    const names = [...visible].map((other) => other.name);
    const view = [
      atom(name),
      names.map((other) => atom(other)),
      [...attached.keys()].map((other) => atom(other)),
      release,
      isLame ? [] : all,
      charlist(String(identity.pid)),
    ];
    digests.set(view, [name, ...names, '', ...attached.keys(), digest, isLame, identity.pid].join(' '));
    return view;
  }

  /** The control plane is dead: the node notices at once, or when a tick is missing. */
  #orphan(): void {
    const { life, chance } = this.#parts;
    const ms = chance.below(10) === 0 ? tickMs : chance.below(100);
    life.timeline.after(ms, () => this.#detach());
  }

  #detach(): void {
    this.#process.attached.delete(this.#self);
  }

  #end(why: string): void {
    if (this.#closed !== null) return;
    this.#closed = why;
    this.#outlived();
    if (this.#parts.life.isDead) return;
    for (const listener of this.#listeners.splice(0)) listener(why);
  }

  #isClosed(): boolean {
    return this.#closed !== null;
  }

  #gone(): Fault {
    return new Fault('unavailable', `the connection to ${this.name} has ended: ${this.#closed ?? 'it is dead'}`);
  }
}
