/**
 * Simulated machines as places where nodes run: what the scripts of `src/host` do on a real one, in the same steps and
 * with the same answers. They boot, reboot and are out of reach; where systemd runs them, a boot starts the nodes that ran.
 */
import type { Random } from '../../src/base/random.ts';
import type { MachineFacts } from '../../src/base/machine-facts.ts';
import { Fault } from '../../src/base/fault.ts';
import type { HostState, NodeOrder, Started } from '../../src/host/host.ts';
import type { ErlangProcess, ErlangWorld } from './erlang-world.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** A node's folder on a machine. */
interface Folder {
  order: NodeOrder;
  process: ErlangProcess | null;
  /** whether a boot starts it */
  enabled: boolean;
}

/** One machine, from its making to its end. */
export class SimulatedMachine {
  readonly key: string;
  readonly address: string;
  readonly hasSystemd: boolean;
  readonly folders = new Map<string, Folder>();
  readonly releases = new Set<string>();
  readonly #erlang: ErlangWorld;
  readonly #chance: Random;
  /** whether its SSH server answers */
  isUp = true;
  /** whether we reach it */
  isReachable = true;
  /** whether it is to have a firewall of its own */
  isGuarded = false;
  /** whether the firewall that was set there stands; a boot begins without one */
  hasFirewall = false;
  /** whether its disk takes anything more */
  isFull = false;
  bootId: string;
  /** bodies of the keys that its accounts let in; null: whoever comes is let in */
  keys: Set<string> | null = null;
  /** host key that it shows, and the one that it has made for itself */
  shown: string | null;
  next: string | null = null;
  #boots = 1;
  #pid = 100;

  constructor(
    parts: { readonly key: string; readonly address: string; readonly hostKey: string | null },
    erlang: ErlangWorld,
    chance: Random,
  ) {
    this.key = parts.key;
    this.address = parts.address;
    this.shown = parts.hostKey;
    this.#erlang = erlang;
    this.#chance = chance;
    this.hasSystemd = chance.below(2) === 0;
    this.bootId = `${this.key}.1`;
  }

  get processes(): readonly ErlangProcess[] {
    return this.#erlang.alive.filter(({ machine }) => machine === this.key);
  }

  /** It goes down: everything that runs there ends. */
  down(why: string): void {
    this.isUp = false;
    this.hasFirewall = false;
    for (const process of this.processes) this.#erlang.kill(process, why);
  }

  /** It comes up again, as another boot of the same machine. */
  up(): void {
    this.#boots += 1;
    this.bootId = `${this.key}.${this.#boots}`;
    this.isUp = true;
    if (!this.hasSystemd) return;
    for (const folder of this.folders.values()) if (folder.enabled) this.#launch(folder);
  }

  /** Somebody ends a node and starts it again, behind our back. */
  startAnew(id: string): void {
    const folder = this.folders.get(id);
    if (folder === undefined || folder.process === null) return;
    this.#erlang.kill(folder.process, 'somebody started it again');
    this.#launch(folder);
  }

  facts(): MachineFacts {
    return {
      ...{ hostname: this.key, os: 'linux', arch: 'x86_64', libc: { kind: 'glibc', version: '2.36' }, libraries: [] },
      ...{ cores: 1, memoryBytes: 8 * 2 ** 30, diskFreeBytes: 2 ** 36, addresses: [], listening: [] },
      ...{ bootId: this.bootId, clockSeconds: 0, systemd: this.hasSystemd },
    };
  }

  state(): HostState {
    const nodes = [...this.folders].map(([id, { process }]) => ({ id, process: runningOf(process)?.identity ?? null }));
    return {
      activity: null,
      clockSeconds: null,
      bootId: this.bootId,
      nodes,
      releases: [...this.releases],
      epmd: { running: nodes.length > 0, ours: true, exposed: false },
      unsupervised: null,
    };
  }

  install(digest: string): void {
    if (this.isFull)
      throw new Fault('no-capacity', `install the release on ${this.key} failed: no space left on device`);
    this.releases.add(digest);
  }

  /** Launches a node once: one that runs is found running, a port that is taken is refused. */
  start(order: NodeOrder): Started {
    if (!this.releases.has(order.specification.digest))
      throw new Fault('not-found', `start node ${order.name}: its release is not on ${this.key}`);
    const known = this.folders.get(order.id);
    const running = runningOf(known?.process ?? null);
    if (running !== null) return { outcome: 'was running', process: running.identity, stripped: [] };
    const holder = this.#erlang.listening(this.key, order.placement.port);
    if (holder !== undefined) {
      const why = `port ${order.placement.port} is taken by pid ${holder.identity.pid}`;
      return { outcome: 'refused', why, log: [] };
    }
    const folder: Folder = { order, process: null, enabled: true };
    this.folders.set(order.id, folder);
    return { outcome: 'started', process: this.#launch(folder).identity, stripped: [] };
  }

  /** The next process of the node takes it. */
  putCookie(id: string, cookie: string): void {
    const folder = this.folders.get(id);
    if (folder !== undefined) folder.order = { ...folder.order, cookie };
  }

  /** TERM and KILL; a boot does not start it again. */
  end(id: string): boolean {
    const folder = this.folders.get(id);
    if (folder === undefined) return true;
    folder.enabled = false;
    if (folder.process !== null) this.#erlang.kill(folder.process, 'TERM');
    return true;
  }

  remove(id: string): void {
    const process = runningOf(this.folders.get(id)?.process ?? null);
    if (process !== null) throw new Fault('conflict', `node ${id} still runs on ${this.key} (${process.identity.pid})`);
    this.folders.delete(id);
  }

  leave(): void {
    if (this.folders.size === 0) this.releases.clear();
  }

  #launch(folder: Folder): ErlangProcess {
    const { id, name, placement, specification, cookie } = folder.order;
    this.#pid += 1 + this.#chance.below(7);
    const identity = { pid: this.#pid, startTime: String(this.#pid * 10), bootId: this.bootId };
    const { digest, mesh } = specification;
    folder.process = this.#erlang.start({
      ...{ id, name, identity, machine: this.key, port: placement.port, cookie, digest, mesh },
    });
    return folder.process;
  }
}

function runningOf(process: ErlangProcess | null): ErlangProcess | null {
  return process === null || process.phase === 'dead' ? null : process;
}

/** All machines there are, whoever made them. */
export class MachinePark {
  readonly timeline: Timeline;
  readonly erlang: ErlangWorld;
  readonly #chance: Random;
  readonly #trace: Trace;
  readonly #machines = new Map<string, SimulatedMachine>();

  constructor(timeline: Timeline, erlang: ErlangWorld, chance: Random, trace: Trace) {
    this.timeline = timeline;
    this.erlang = erlang;
    this.#chance = chance;
    this.#trace = trace;
  }

  get all(): readonly SimulatedMachine[] {
    return [...this.#machines.values()];
  }

  get(key: string): SimulatedMachine | undefined {
    return this.#machines.get(key);
  }

  at(address: string): SimulatedMachine | undefined {
    return this.all.find((machine) => machine.address === address);
  }

  /** A machine appears. */
  add(key: string, address: string, hostKey: string | null): SimulatedMachine {
    const machine = new SimulatedMachine({ key, address, hostKey }, this.erlang, this.#chance);
    this.#machines.set(key, machine);
    return machine;
  }

  /** A machine ends for good, with all that runs on it. */
  end(key: string, why: string): void {
    const machine = this.#machines.get(key);
    if (machine === undefined) return;
    this.#trace.add(`machine ${key} ends: ${why}`);
    this.#machines.delete(key);
    machine.down(why);
  }

  /** A machine is started again; it is away for so long. */
  reboot(machine: SimulatedMachine, ms: number): void {
    this.#trace.add(`machine ${machine.key} is booted anew`);
    machine.down('its host went down');
    this.timeline.after(ms, () => {
      if (this.#machines.get(machine.key) === machine) machine.up();
    });
  }
}
