/**
 * The hosts behind the machines: opened once, looked at together. Many nodes of one host ask how it is at nearly the
 * same time; they share one exchange.
 */
import type { Clock } from '../base/clock.ts';
import { skewMs } from '../base/clock-skew.ts';
import { Fault } from '../base/fault.ts';
import type { Activity } from '../base/machine-facts.ts';
import type { Host, HostState } from '../host/host.ts';
import type { Access, Machine } from '../model/machine.ts';
import type { Measured } from './activity.ts';

/** A machine as far as its host is concerned. */
export type Reached = Pick<Machine, 'token' | 'access'>;

interface Opened {
  readonly host: Promise<Host>;
  readonly access: string;
  state: { readonly at: number; readonly answer: Promise<HostState> } | undefined;
  activity: { readonly at: number; readonly activity: Activity } | undefined;
  skewMs: number;
  /** which boot it was in when it was last looked at */
  bootId: string | null;
  /** digests being or having been installed */
  readonly releases: Map<string, Promise<void>>;
  /** those of them that are there */
  readonly done: Set<string>;
  /** nodes that are being started there, and those that wait for their turn, first come first */
  readonly starting: Set<string>;
  readonly waiting: Set<string>;
}

/** How many nodes of one host may be between start and first answer at once, per core. */
const startsPerCore = 2;

/** All hosts of the control plane, by machine token. */
export class Hosts {
  readonly #open: (access: Access) => Promise<Host>;
  readonly #clock: Clock;
  readonly #wakeNode: (id: string) => void;
  readonly #mayAct: () => void;
  readonly #hosts = new Map<string, Opened>();

  /** @param mayAct throws while it is not known that we may */
  constructor(
    open: (access: Access) => Promise<Host>,
    clock: Clock,
    wakeNode: (id: string) => void,
    mayAct: () => void = () => undefined,
  ) {
    this.#open = open;
    this.#wakeNode = wakeNode;
    this.#clock = clock;
    this.#mayAct = mayAct;
  }

  /** The host on that machine. Fault unavailable while the machine has no access. */
  of(machine: Reached): Promise<Host> {
    return this.#opened(machine).host;
  }

  /** What the host holds, not older than `maxAgeMs`. */
  async state(machine: Machine, maxAgeMs: number): Promise<HostState> {
    const opened = this.#opened(machine);
    if (opened.state === undefined || this.#clock.monotonic() - opened.state.at > maxAgeMs) {
      opened.state = { at: this.#clock.monotonic(), answer: opened.host.then((host) => host.state()) };
      const { at, answer } = opened.state;
      const beganMs = this.#clock.now();
      answer.then(
        ({ activity, clockSeconds, bootId }) => {
          opened.bootId = bootId;
          opened.activity = activity === null ? undefined : { at, activity };
          const exchange = { beganMs, endedMs: this.#clock.now() };
          opened.skewMs = clockSeconds === null ? 0 : skewMs(clockSeconds, exchange);
        },
        () => (opened.state = undefined),
      );
    }
    return opened.state.answer;
  }

  /** What the machine was doing when its host was last looked at; null when nobody knows. */
  activity(token: string): Measured | null {
    const seen = this.#hosts.get(token)?.activity;
    return seen === undefined ? null : { activity: seen.activity, ageMs: this.#clock.monotonic() - seen.at };
  }

  /** Which boot of the machine its host was in when it was last looked at; null when nobody knows. */
  bootId(token: string): string | null {
    return this.#hosts.get(token)?.bootId ?? null;
  }

  /** How far the machine's clock was ahead of ours when its host was last looked at, milliseconds. */
  skewMs(token: string): number {
    return this.#hosts.get(token)?.skewMs ?? 0;
  }

  /** Runs `install` once for a release on a machine; everybody else waits for the same one. A failure is forgotten. */
  async installed(machine: Machine, digest: string, install: (host: Host) => Promise<void>): Promise<void> {
    const opened = this.#opened(machine);
    const running = opened.releases.get(digest) ?? opened.host.then(install);
    opened.releases.set(digest, running);
    try {
      await running;
      opened.done.add(digest);
    } catch (error) {
      opened.releases.delete(digest);
      throw error;
    }
  }

  /** Whether a release is known to be there. */
  hasInstalled(machine: Machine, digest: string): boolean {
    return this.#opened(machine).done.has(digest);
  }

  /** What was installed may be gone: look again before relying on it. */
  forgetReleases(machine: Machine): void {
    this.#hosts.get(machine.token)?.releases.clear();
    this.#hosts.get(machine.token)?.done.clear();
  }

  /** Takes one of the machine's places for starting nodes; when all are taken, the node is woken once one is free. */
  takeStartSlot(machine: Machine, node: string): boolean {
    const { starting, waiting } = this.#opened(machine);
    if (starting.has(node)) return true;
    const full = starting.size >= Math.max(2, machine.capacity.cores * startsPerCore);
    (full ? waiting : starting).add(node);
    if (!full) waiting.delete(node);
    return !full;
  }

  /** Gives the place back, if the node held one, to the next in the row. */
  freeStartSlot(token: string, node: string): void {
    const opened = this.#hosts.get(token);
    opened?.waiting.delete(node);
    if (opened?.starting.delete(node) !== true) return;
    const [next] = opened.waiting;
    if (next === undefined) return;
    opened.waiting.delete(next);
    this.#wakeNode(next);
  }

  /** Ends the connection to a machine that is no more. */
  async forget(token: string): Promise<void> {
    const opened = this.#hosts.get(token);
    this.#hosts.delete(token);
    await opened?.host.then((host) => host.close()).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts.keys()].map((token) => this.forget(token)));
  }

  #opened(machine: Reached): Opened {
    this.#mayAct();
    if (machine.access === null) throw new Fault('unavailable', `machine ${machine.token} has no address yet`);
    const access = JSON.stringify(machine.access);
    const known = this.#hosts.get(machine.token);
    if (known?.access === access) return known;
    if (known !== undefined) void this.forget(machine.token);
    const host = this.#open(machine.access);
    const opened: Opened = {
      host,
      access,
      state: undefined,
      activity: undefined,
      skewMs: 0,
      bootId: null,
      releases: new Map(),
      done: new Set(),
      starting: new Set(),
      waiting: new Set(),
    };
    this.#hosts.set(machine.token, opened);
    host.catch(() => this.#hosts.delete(machine.token));
    return opened;
  }
}
