/**
 * What goes wrong in a simulated world, drawn by its chance: at providers, on machines, between Erlang nodes, on the way,
 * and with the control plane itself. Everything but a death of a machine passes; `end` ends what has not passed yet.
 */
import type { Random } from '../../src/base/random.ts';
import { even } from './erlang-world.ts';
import type { ErlangProcess } from './erlang-world.ts';
import type { SimulatedMachine } from './machines.ts';
import type { Site } from './provider.ts';
import type { SimulatedWorld } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The trouble of one world. */
export class Trouble {
  readonly #world: SimulatedWorld;
  readonly #chance: Random;
  /** what brings back what was broken, by what it is */
  readonly #remedies = new Map<string, () => void>();
  readonly #kinds: readonly (() => void)[];

  constructor(world: SimulatedWorld, chance: Random) {
    this.#world = world;
    this.#chance = chance;
    this.#kinds = [
      () => this.#outage(),
      () => this.#soldOut(),
      () => this.#partialList(),
      () => this.#mishaps(),
      () => this.#slowProvider(),
      () => this.#reboot(),
      () => this.#outOfReach(),
      () => this.#machineFails(),
      () => this.#machineVanishes(),
      () => this.#fullDisk(),
      () => this.#stillbornMachines(),
      () => this.#crash(),
      () => this.#crash(),
      () => this.#hang(),
      () => this.#lostEdge(),
      () => this.#lostEdge(),
      () => this.#partition(),
      () => this.#badTemper(),
      () => this.#brokenWire(),
      () => this.#wrongClock(),
      () => this.#storeAway(),
    ];
  }

  /** Something goes wrong. */
  strike(): void {
    this.#one(this.#kinds)?.();
  }

  /** What can be mended is mended. */
  end(): void {
    for (const mend of this.#remedies.values()) mend();
    this.#remedies.clear();
    this.#world.trace.add('all is well from now on');
  }

  /** Has something be wrong for a while; what is wrong already is left as it is. */
  #passing(what: string, longestMs: number, begin: () => void, mend: () => void): void {
    if (this.#remedies.has(what)) return;
    this.#world.trace.add(`trouble: ${what}`);
    const over = () => {
      if (this.#remedies.get(what) !== over) return;
      this.#remedies.delete(what);
      this.#world.trace.add(`over: ${what}`);
      mend();
    };
    this.#remedies.set(what, over);
    begin();
    this.#world.timeline.after(1_000 + this.#chance.below(longestMs), over);
  }

  #outage(): void {
    const { name, weather } = this.#site();
    const how = this.#chance.below(2) === 0 ? 'refuses' : 'silent';
    this.#passing(
      `${name} is out of order`,
      8 * minuteMs,
      () => (weather.outage = how),
      () => (weather.outage = 'none'),
    );
  }

  #soldOut(): void {
    const { name, weather } = this.#site();
    this.#passing(
      `${name} is sold out`,
      5 * minuteMs,
      () => (weather.isSoldOut = true),
      () => (weather.isSoldOut = false),
    );
  }

  #partialList(): void {
    const { name, weather } = this.#site();
    this.#passing(
      `${name} lists a part`,
      3 * minuteMs,
      () => (weather.isPartial = true),
      () => (weather.isPartial = false),
    );
  }

  #mishaps(): void {
    const { name, weather } = this.#site();
    const share = (1 + this.#chance.below(40)) / 100;
    this.#passing(
      `${name} has mishaps`,
      10 * minuteMs,
      () => (weather.trouble = share),
      () => (weather.trouble = 0),
    );
  }

  #slowProvider(): void {
    const { name, weather, machines, kind } = this.#site();
    const begin = () => {
      weather.slowMs = 5_000;
      if (kind !== 'rack') machines.listLagMs = 1_000 + this.#chance.below(6_000);
    };
    const mend = () => {
      weather.slowMs = 200;
      machines.listLagMs = 0;
    };
    this.#passing(`${name} is slow and lists the past`, 5 * minuteMs, begin, mend);
  }

  #stillbornMachines(): void {
    const { name, weather } = this.#site();
    this.#passing(
      `machines of ${name} do not boot`,
      5 * minuteMs,
      () => (weather.stillborn = 0.5),
      () => (weather.stillborn = 0),
    );
  }

  #reboot(): void {
    const machine = this.#machine();
    if (machine?.isUp === true) this.#world.park.reboot(machine, 3_000 + this.#chance.below(40_000));
  }

  #outOfReach(): void {
    const machine = this.#machine();
    if (machine === undefined) return;
    const begin = () => {
      this.#world.reach(machine, false);
      this.#world.timeline.after(45_000, () => this.#breakConnections(machine));
    };
    const mend = () => this.#world.reach(machine, true);
    this.#passing(`${machine.key} is out of our reach`, 4 * minuteMs, begin, mend);
  }

  /** A connection over which nothing has come for long is given up by both sides. */
  #breakConnections(machine: SimulatedMachine): void {
    if (machine.isReachable) return;
    for (const process of machine.processes)
      for (const [name, broken] of process.attached) {
        process.attached.delete(name);
        broken('nothing was heard for too long');
      }
  }

  #machineFails(): void {
    const made = this.#one(this.#world.made);
    made?.site.fail(made.id);
  }

  #machineVanishes(): void {
    const made = this.#one(this.#world.made);
    made?.site.remove(made.id);
  }

  #fullDisk(): void {
    const machine = this.#machine();
    if (machine === undefined) return;
    this.#passing(
      `the disk of ${machine.key} is full`,
      3 * minuteMs,
      () => (machine.isFull = true),
      () => (machine.isFull = false),
    );
  }

  #crash(): void {
    const process = this.#process();
    if (process !== undefined) this.#world.erlang.kill(process, 'it crashed');
  }

  #hang(): void {
    const process = this.#process();
    const { erlang, invariants } = this.#world;
    if (process?.phase !== 'up') return;
    const begin = () => {
      erlang.hang(process);
      invariants.silence(process, true);
    };
    const mend = () => {
      erlang.recover(process);
      invariants.silence(process, false);
    };
    this.#passing(`${process.name} (${process.identity.pid}) hangs`, 90_000, begin, mend);
  }

  #lostEdge(): void {
    const process = this.#process();
    const other = this.#one([...(process?.visible ?? [])]);
    if (process === undefined || other === undefined) return;
    this.#world.trace.add(`trouble: ${process.name} and ${other.name} lose each other`);
    this.#world.erlang.cut(process, other);
  }

  #partition(): void {
    const keys = this.#world.park.all.map(({ key }) => [key, this.#chance.below(3) === 0 ? 1 : 0] as const);
    const whole: ReadonlyMap<string, number> = new Map();
    this.#passing(
      'the network is divided',
      2 * minuteMs,
      () => this.#world.divide(new Map(keys)),
      () => this.#world.divide(whole),
    );
  }

  #badTemper(): void {
    const { erlang } = this.#world;
    const begin = () => (erlang.temper = { stillborn: 0.2, sleepy: 0.1, stubborn: 0.2 });
    const mend = () => (erlang.temper = even);
    this.#passing('nodes start and stop badly', 4 * minuteMs, begin, mend);
  }

  #brokenWire(): void {
    const { wire } = this.#world;
    const begin = () => {
      wire.broken = 0.1;
      wire.slowMs = 800;
    };
    const mend = () => {
      wire.broken = 0;
      wire.slowMs = 40;
    };
    this.#passing('connections to machines break', 4 * minuteMs, begin, mend);
  }

  /** The wall clock of the control plane jumps by up to an hour, and back after a while. */
  #wrongClock(): void {
    const { timeline } = this.#world;
    const aheadMs = this.#chance.below(2 * hourMs) - hourMs;
    this.#passing(
      'the clock is wrong',
      10 * minuteMs,
      () => (timeline.aheadMs = aheadMs),
      () => (timeline.aheadMs = 0),
    );
  }

  /** The database does not answer: nothing is read, and nothing written. */
  #storeAway(): void {
    const begin = () => (this.#world.storeIsAway = true);
    const mend = () => (this.#world.storeIsAway = false);
    this.#passing('the store does not answer', 20_000, begin, mend);
  }

  #site(): Site {
    return this.#one(this.#world.sites)!;
  }

  #machine(): SimulatedMachine | undefined {
    return this.#one(this.#world.park.all);
  }

  #process(): ErlangProcess | undefined {
    return this.#one(this.#world.erlang.alive);
  }

  #one<T>(of: readonly T[]): T | undefined {
    return of[this.#chance.below(Math.max(1, of.length))];
  }
}
