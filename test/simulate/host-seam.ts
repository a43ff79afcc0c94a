/**
 * The way from the control plane to a machine: what a host and its root answer over SSH, or do not. An exchange takes its
 * time; where the machine is gone, down or out of reach it ends as an SSH connection does; what was sent is done all the same.
 */
import type { Duplex } from 'node:stream';
import { Fault } from '../../src/base/fault.ts';
import { fingerprintOf } from '../../src/base/ssh/host-key.ts';
import type { Random } from '../../src/base/random.ts';
import type { Host, HostLogin, HostRoot, NodeOrder } from '../../src/host/host.ts';
import type { Access, SshAccess } from '../../src/model/machine.ts';
import type { Life } from './life.ts';
import { bodyOf, bodyOfPrivate } from './login-keys.ts';
import type { HeldSecrets } from './login-keys.ts';
import type { MachinePark, SimulatedMachine } from './machines.ts';

/** What is told of acts on machines, in the moment in which they are asked for. */
export interface HostWitness {
  starting(order: NodeOrder): void;
  endingNode(machine: SimulatedMachine | undefined, id: string): void;
  /** none of the keys in the store opens a machine that is to be entered by them */
  shutOut(machine: SimulatedMachine, keySecret: string): void;
}

/** How machines answer at the moment: shares of one. */
export interface Wire {
  /** the connection breaks before the answer comes */
  broken: number;
  /** longest way, milliseconds */
  slowMs: number;
  /** whether machines run no command, and lead connections on to nodes all the same */
  isMute: boolean;
}

/** A byte stream to a port, as far as the simulation needs it: it says where it leads. */
export interface Way {
  readonly machine: string;
  readonly port: number;
}

const connectMs = 8_000;

/** Machines as one life of the control plane reaches them. */
export class HostSeam {
  readonly #park: MachinePark;
  readonly #life: Life;
  readonly #chance: Random;
  readonly #wire: Wire;
  readonly #witness: HostWitness;
  readonly #held: HeldSecrets;

  constructor(
    parts: {
      readonly park: MachinePark;
      readonly wire: Wire;
      readonly witness: HostWitness;
      readonly held: HeldSecrets;
    },
    life: Life,
    chance: Random,
  ) {
    this.#park = parts.park;
    this.#wire = parts.wire;
    this.#witness = parts.witness;
    this.#held = parts.held;
    this.#life = life;
    this.#chance = chance;
  }

  /** The host behind an access. */
  openHost(access: Access): Host {
    const where = whereOf(access);
    const act = <T>(what: string, on: (machine: SimulatedMachine) => T) =>
      this.#life.cross(`${where} ${what}`, () => this.#answer(access, on));
    const look = <T>(on: (machine: SimulatedMachine) => T) => this.#life.look(() => this.#answer(access, on));
    const none = () => Promise.reject(new Fault('invalid', 'no command is run here'));
    return {
      where,
      facts: () => look((machine) => machine.facts()),
      state: () => look((machine) => machine.state()),
      hasRelease: (digest) => look((machine) => machine.releases.has(digest)),
      installRelease: (digest) => act(`install ${digest.slice(-4)}`, (machine) => machine.install(digest)),
      start: (order) => {
        this.#witness.starting(order);
        return act(`start ${order.id} ${order.name}`, (machine) => machine.start(order));
      },
      end: (id) => {
        this.#witness.endingNode(this.#find(access), id);
        return act(`end ${id}`, (machine) => machine.end(id));
      },
      putCookie: (id, cookie) => act(`cookie of ${id}`, (machine) => machine.putCookie(id, cookie)),
      removeNode: (id) => {
        this.#witness.endingNode(this.#find(access), id);
        return act(`remove ${id}`, (machine) => machine.remove(id));
      },
      removeRelease: (digest) => act(`remove ${digest.slice(-4)}`, (machine) => void machine.releases.delete(digest)),
      leave: () => act('leave', (machine) => machine.leave()),
      logs: (id, lines) => look((machine) => logOf(machine, id).slice(-lines)),
      followLog: () => ({ [Symbol.asyncIterator]: () => ({ next: none }) }),
      execute: none,
      dial: (_address, port) =>
        this.#life.look(() =>
          this.#reached(
            access,
            (machine): Duplex => ({ machine: machine.key, port }) satisfies Way as unknown as Duplex,
          ),
        ),
      close: () => Promise.resolve(),
    };
  }

  /** Root's acts behind an access. */
  openRoot(access: Access): HostRoot {
    const where = `${whereOf(access)} root`;
    const act = <T>(what: string, on: (machine: SimulatedMachine) => T) =>
      this.#life.cross(`${where} ${what}`, () => this.#answer(access, on));
    return {
      newHostKey: () =>
        act('makes a host key', (machine) => (machine.next ??= fingerprintOf(Buffer.from(machine.key)))),
      useHostKey: () => act('uses its host key', (machine) => void (machine.shown = machine.next ?? machine.shown)),
      setFirewall: (openings) => act('sets its firewall', (machine) => void (machine.hasFirewall = openings !== null)),
      close: () => Promise.resolve(),
    };
  }

  /** The account behind an access, entered by that key only. */
  openLogin(access: SshAccess, privateKey: string): HostLogin {
    const where = `${access.user}@${access.address}`;
    const body = bodyOfPrivate(privateKey);
    const as = <T>(on: (machine: SimulatedMachine) => T) => this.#answer(access, on, [body]);
    const act = (what: string, on: (machine: SimulatedMachine) => void) =>
      this.#life.cross(`${where} ${what}`, () => as(on));
    return {
      add: ({ fresh }) => act('lets a key in', ({ keys }) => void keys?.add(bodyOf(fresh))),
      drop: ({ former }) =>
        act('shuts a key out', (machine) => {
          machine.keys?.delete(bodyOf(former));
          this.#enter(access, machine);
        }),
      enter: () => this.#life.look(() => as(() => undefined)),
      close: () => Promise.resolve(),
    };
  }

  async #answer<T>(access: Access, on: (machine: SimulatedMachine) => T, by?: readonly string[]): Promise<T> {
    if (!this.#wire.isMute) return this.#reached(access, on, by);
    await this.#life.timeline.pause(this.#wayMs());
    throw new Fault('unavailable', `${whereOf(access)}: no command is run`, { object: `host ${whereOf(access)}` });
  }

  async #reached<T>(access: Access, on: (machine: SimulatedMachine) => T, by?: readonly string[]): Promise<T> {
    const { timeline } = this.#life;
    const where = whereOf(access);
    await timeline.pause(this.#wayMs());
    const machine = this.#find(access);
    if (machine === undefined || !isReachable(machine)) {
      await timeline.pause(this.#chance.below(connectMs));
      throw new Fault('unavailable', `${where}: no connection`, { object: `host ${where}` });
    }
    if (access.method === 'ssh' && access.hostKey !== machine.shown)
      throw new Fault('denied', `${where} shows another host key`, { object: `host ${where}` });
    this.#enter(access, machine, by);
    const isBroken = this.#happens(this.#wire.broken);
    if (isBroken && this.#chance.below(2) === 0) throw new Fault('unavailable', `${where}: the connection broke`);
    const done = on(machine);
    await timeline.pause(this.#wayMs());
    if (isBroken || !isReachable(machine)) throw new Fault('unavailable', `${where}: the connection broke`);
    return done;
  }

  /** By those keys, or by whichever the store holds: one of these has to open it at any time. */
  #enter(access: Access, machine: SimulatedMachine, by?: readonly string[]): void {
    if (access.method !== 'ssh' || machine.keys === null) return;
    const { keys } = machine;
    if ((by ?? this.#held.opening(access.keySecret)).some((body) => keys.has(body))) return;
    if (by === undefined) this.#witness.shutOut(machine, access.keySecret);
    throw new Fault('denied', `${access.address} lets none of our keys in`, { object: `host ${access.address}` });
  }

  #find(access: Access): SimulatedMachine | undefined {
    if (access.method === 'memory') return this.#park.get(access.id);
    return access.method === 'ssh' ? this.#park.at(access.address) : undefined;
  }

  #wayMs(): number {
    return 1 + this.#chance.below(this.#wire.slowMs);
  }

  #happens(share: number): boolean {
    return share > 0 && this.#chance.below(1_000) < share * 1_000;
  }
}

function whereOf(access: Access): string {
  if (access.method === 'ssh') return access.address;
  return access.method === 'memory' ? access.id : 'here';
}

function logOf(machine: SimulatedMachine, id: string): string[] {
  const process = machine.folders.get(id)?.process;
  return process?.epitaph ? [process.epitaph] : [];
}

function isReachable({ isUp, isReachable: isLinked }: SimulatedMachine): boolean {
  return isUp && isLinked;
}
