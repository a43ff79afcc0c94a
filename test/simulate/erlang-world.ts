/**
 * Simulated Erlang nodes: processes on machines, with the connections between them. They boot, answer, hang, stop and die;
 * a node of a full mesh that connects to one connects to all that this one sees, as `global` does; a connection that was
 * lost comes back only when somebody asks for it.
 */
import type { Random } from '../../src/base/random.ts';
import type { Mesh } from '../../src/model/bootstrap.ts';
import type { ProcessIdentity } from '../../src/model/node.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** What a node is started with. */
export interface Birth {
  readonly id: string;
  readonly name: string;
  readonly identity: ProcessIdentity;
  /** key of the machine that it runs on */
  readonly machine: string;
  readonly port: number;
  readonly cookie: string;
  readonly digest: string;
  readonly mesh: Mesh;
}

/** One process of an Erlang node. */
export interface ErlangProcess extends Omit<Birth, 'cookie'> {
  phase: 'booting' | 'up' | 'hung' | 'dead';
  /** with all of whom it was told nothing else: `erlang:set_cookie/2` changes it */
  cookie: string;
  /** what it was told to use with others, by their names */
  readonly cookies: Map<string, string>;
  readonly visible: Set<ErlangProcess>;
  /** who is attached hidden, by name, and what is told when the connection breaks */
  readonly attached: Map<string, (why: string) => void>;
  /** whom it has joined by the blueprint's own action */
  readonly joined: Set<string>;
  /** whom it was told to forget */
  readonly forgotten: Set<string>;
  /** why it ended */
  epitaph: string | null;
}

/** Which cookie a process uses with whoever goes by that name. */
export function cookieWith({ cookie, cookies }: ErlangProcess, name: string): string {
  return cookies.get(name) ?? cookie;
}

/** Whether a handshake between two succeeds: each holds the same cookie for the other. */
function agree(one: ErlangProcess, other: ErlangProcess): boolean {
  return cookieWith(one, other.name) === cookieWith(other, one.name);
}

/** How nodes behave; shares of one. */
export interface Temper {
  /** dies while it boots */
  readonly stillborn: number;
  /** boots for ever */
  readonly sleepy: number;
  /** does not end when it is asked to */
  readonly stubborn: number;
}

/** Nothing wrong. */
export const even: Temper = { stillborn: 0, sleepy: 0, stubborn: 0 };

/** All Erlang nodes there are. */
export class ErlangWorld {
  readonly #timeline: Timeline;
  readonly #chance: Random;
  readonly #trace: Trace;
  readonly #alive = new Set<ErlangProcess>();
  readonly #births: ((process: ErlangProcess) => void)[] = [];
  temper = even;
  /** releases that die while they boot, by digest */
  readonly doomed = new Set<string>();
  /** releases of which nothing but the node itself runs */
  readonly lame = new Set<string>();
  /** Whether two machines reach each other. */
  reaches: (one: string, other: string) => boolean = () => true;
  /** how many processes were ever started */
  born = 0;

  constructor(timeline: Timeline, chance: Random, trace: Trace) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#trace = trace;
  }

  get alive(): readonly ErlangProcess[] {
    return [...this.#alive];
  }

  /** Calls `listener` when a process has begun. */
  onBirth(listener: (process: ErlangProcess) => void): void {
    this.#births.push(listener);
  }

  /** The process that listens on a port of a machine. */
  listening(machine: string, port: number): ErlangProcess | undefined {
    for (const one of this.#alive) if (one.machine === machine && one.port === port) return one;
    return undefined;
  }

  /** Starts a node; it answers when it has booted. */
  start(birth: Birth): ErlangProcess {
    const process: ErlangProcess = {
      ...birth,
      phase: 'booting',
      cookies: new Map(),
      visible: new Set(),
      attached: new Map(),
      joined: new Set(),
      forgotten: new Set(),
      epitaph: null,
    };
    this.born += 1;
    this.#alive.add(process);
    for (const told of this.#births) told(process);
    const bootMs = 300 + this.#chance.below(4_000);
    const isDoomed = this.doomed.has(birth.digest);
    if (isDoomed || this.#happens(this.temper.stillborn))
      this.#timeline.after(bootMs / 2, () => this.kill(process, 'init died'));
    else if (!this.#happens(this.temper.sleepy))
      this.#timeline.after(bootMs, () => {
        if (process.phase === 'booting') process.phase = 'up';
      });
    return process;
  }

  /** `init:stop()`: it ends after a while, unless it is stubborn. */
  stop(process: ErlangProcess): void {
    if (this.#happens(this.temper.stubborn)) return;
    this.#timeline.after(100 + this.#chance.below(1_500), () => this.kill(process, 'init:stop()'));
  }

  kill(process: ErlangProcess, why: string): void {
    if (process.phase === 'dead') return;
    this.#trace.add(`${process.name} (${process.identity.pid}) ends: ${why}`);
    process.phase = 'dead';
    process.epitaph = why;
    this.#alive.delete(process);
    for (const other of process.visible) other.visible.delete(process);
    process.visible.clear();
    for (const [name, broken] of process.attached) {
      process.attached.delete(name);
      this.#timeline.after(1 + this.#chance.below(20), () => broken(why));
    }
  }

  /** It stops answering, and keeps what it has open. */
  hang(process: ErlangProcess): void {
    if (process.phase === 'up') process.phase = 'hung';
  }

  /** It answers again. */
  recover(process: ErlangProcess): void {
    if (process.phase === 'hung') process.phase = 'up';
  }

  /** The connection between two nodes breaks. */
  cut(one: ErlangProcess, other: ErlangProcess): void {
    one.visible.delete(other);
    other.visible.delete(one);
  }

  /** `erlang:disconnect_node/1` on a node. */
  cutFrom(from: ErlangProcess, to: string): void {
    for (const other of from.visible) if (other.name === to) this.cut(from, other);
  }

  /** Ends the connections between machines that do not reach each other. */
  cutUnreachable(): void {
    for (const one of this.#alive)
      for (const other of one.visible) if (!this.#canMeet(one, other)) this.cut(one, other);
  }

  /** `net_kernel:connect_node/1` on a node: whether it is connected to the node of that name afterwards. */
  connect(from: ErlangProcess, to: string): boolean {
    if ([...from.visible].some(({ name }) => name === to)) return true;
    const other = this.alive.find(({ name, phase }) => name === to && phase === 'up');
    if (other === undefined || from.phase !== 'up') return false;
    if (!this.#canMeet(from, other)) return false;
    this.#link(from, other);
    return from.visible.has(other);
  }

  #link(one: ErlangProcess, other: ErlangProcess): void {
    if (one === other || one.visible.has(other) || !this.#canMeet(one, other)) return;
    if (one.phase === 'dead' || other.phase === 'dead' || !agree(one, other)) return;
    one.visible.add(other);
    other.visible.add(one);
    if (one.mesh !== 'full' || other.mesh !== 'full') return;
    this.#timeline.after(10 + this.#chance.below(200), () => {
      for (const third of [...other.visible]) this.#link(one, third);
      for (const third of [...one.visible]) this.#link(other, third);
    });
  }

  #canMeet(one: ErlangProcess, other: ErlangProcess): boolean {
    return one.machine === other.machine || this.reaches(one.machine, other.machine);
  }

  #happens(share: number): boolean {
    return share > 0 && this.#chance.below(1_000) < share * 1_000;
  }
}
