/**
 * What hardships are inflicted on: a calm world with a blueprint that has converged, and what is asked and checked of it.
 */
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '../../src/base/random.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { FamilyDefinition } from '../../src/model/family.ts';
import { startControlPlane } from './control-plane.ts';
import type { Running } from './control-plane.ts';
import { even } from './erlang-world.ts';
import type { ErlangProcess } from './erlang-world.ts';
import type { SimulatedMachine } from './machines.ts';
import type { Site } from './provider.ts';
import { epochMs } from './timeline.ts';
import { calm } from './weather.ts';
import type { Weather } from './weather.ts';
import { convergence, emptiness } from './rest.ts';
import { blueprint, documentOf, User } from './user.ts';
import { digests, SimulatedWorld } from './world.ts';

const minuteMs = 60_000;
const size = { nodes: 8, providers: 4 };
/** So many nodes of a family may be changed at once, as the blueprint says. */
const atOnce = 2;

/** What is inflicted, how long it lasts, and within how long after that all must be well again. */
export interface Hardship {
  readonly what: string;
  readonly lastsMs: number;
  readonly mendedMs: number;
  /** whether every node stays the one that it was */
  readonly keeps: boolean;
  inflict(story: HardshipStory): Promise<unknown> | void;
}

/** A hardship, with how long it lasts and within how long it is mended. */
export const hardship = (
  what: string,
  [lastsMs, mendedMs]: readonly [number, number],
  inflict: Hardship['inflict'],
  keeps = false,
): Hardship => ({ what, lastsMs, mendedMs, inflict, keeps });

/** One through which every node stays the one that it was. */
export const nuisance = (what: string, times: readonly [number, number], inflict: Hardship['inflict']): Hardship =>
  hardship(what, times, inflict, true);

/** A calm world, its user, and what is done to it. */
export class HardshipStory {
  readonly world: SimulatedWorld;
  readonly user: User;
  #running: Running | null = null;

  constructor(seed: number) {
    this.world = new SimulatedWorld(seed, size);
    this.user = new User(this.world, seededRandom(seed));
  }

  /** Goes through them, until one breaks something. */
  async tell(hardships: readonly Hardship[]): Promise<void> {
    const { world } = this;
    await world.uploadReleases();
    this.#begin(1);
    await this.ask((running) => this.user.apply(running));
    await convergence(world, 2 * minuteMs);
    for (const one of hardships) {
      world.trace.add(`hardship: ${one.what}`);
      const ids = [...world.ledger.nodes.keys()];
      await one.inflict(this);
      await world.timeline.pause(one.lastsMs);
      if (one.lastsMs > 1_000) this.#mend();
      this.user.promisesHold();
      const since = world.timeline.now;
      await convergence(world, one.mendedMs);
      world.trace.add(`mended within ${world.timeline.now - since} ms of ${one.mendedMs}: ${one.what}`);
      const stays = ids.every((id) => world.ledger.nodes.has(id));
      if (one.keeps && !stays) world.invariants.report('I5', `${one.what}, and nodes were replaced that could stay`);
      const [violation] = world.invariants.violations;
      if (violation !== undefined) world.invariants.report('hardship', one.what);
      if (violation !== undefined) return;
    }
    await this.ask((running) => this.user.destroy(running));
    await emptiness(world, 2 * minuteMs);
  }

  running(): Running | null {
    return this.#running;
  }

  /** The shop is so small that it needs machines to grow. */
  async small(): Promise<void> {
    await this.ask((running) => this.user.scale(running, 'shop', 1));
    await convergence(this.world, 3 * minuteMs);
  }

  /** The shop is so large that not all of it may be changed at once. */
  async large(): Promise<void> {
    await this.ask((running) => this.user.scale(running, 'shop', 6));
    await convergence(this.world, 3 * minuteMs);
  }

  /** The shop is of that size, and may be there only; null: as it was described first. */
  async confine(to: Pick<FamilyDefinition, 'nodes' | 'demands' | 'place'> | null): Promise<void> {
    const document = this.current ?? documentOf(this.world, digests[0]);
    const { demands: _, place: _place, ...shop } = document.families['shop']!;
    const families = { ...document.families, shop: { ...shop, ...(to ?? { nodes: 4 }) } };
    await this.ask((running) => this.user.apply(running, { ...document, families }));
    await convergence(this.world, 3 * minuteMs);
  }

  /** The document in force. */
  get current(): BlueprintDocument | undefined {
    return this.world.ledger.documentOf(blueprint);
  }

  /** Applies what is in force with another release. */
  async release(running: Running, digest: string): Promise<boolean> {
    const { current } = this;
    return current !== undefined && this.user.apply(running, { ...current, releases: { ants: { digest } } });
  }

  /** Whether what is in force has that release. */
  isOf(digest: string): boolean {
    return isDeepStrictEqual(this.current?.releases['ants'], { digest });
  }

  /** The names of nodes that are to be stopped. */
  get stopped(): readonly string[] {
    const nodes = [...this.world.ledger.nodes.values()];
    return nodes.filter(({ desired }) => desired === 'stopped').map(({ name }) => name);
  }

  /** How many nodes of a family are asked for. */
  wanted(family: string): number {
    return this.current?.families[family]?.nodes ?? 0;
  }

  /** So many of a family must be asked for. */
  isWanted(family: string, nodes: number): void {
    const found = this.wanted(family);
    if (found !== nodes)
      this.world.invariants.report('lost intent', `${found} nodes of ${family} are wanted, and should be ${nodes}`);
  }

  /** The newest operation that was begun has failed for its deadline. */
  isOutOfTime(): void {
    const late = [...this.world.ledger.operations.values()].find(
      ({ state, words }) => state === 'failed' && words.startsWith('not done within 20 s'),
    );
    if (late === undefined) this.world.invariants.report('late', 'an operation did not end by its deadline');
  }

  /** What has failed is not applied again. */
  async isRefused(digest: string): Promise<void> {
    if (this.#running !== null) await this.release(this.#running, digest);
    if (this.isOf(digest)) this.world.invariants.report('quarantine', 'a version that failed is applied again');
  }

  /** While versions change, no more of the shop than its policy allows are down at any time. */
  serving(ms: number): void {
    const { timeline, erlang, ledger, invariants } = this.world;
    const until = timeline.now + ms;
    const look = () => {
      const nodes = [...ledger.nodes.values()].filter(({ family }) => family === 'shop').map(({ id }) => id);
      const well = erlang.alive.filter(({ phase, digest }) => phase === 'up' && !erlang.lame.has(digest));
      const up = well.filter(({ id }) => nodes.includes(id)).length;
      if (up < this.wanted('shop') - atOnce)
        invariants.report(
          'rolling',
          `${up} of ${nodes.length} nodes of the shop serve, and ${atOnce} may be changed at once`,
        );
      else if (timeline.now < until) timeline.after(200, look);
    };
    look();
  }

  /** The keys by which machines are entered become others, at every provider that made some. */
  async rotateKeys(): Promise<void> {
    const { sites, ledger } = this.world;
    const made = sites.filter(({ kind, name }) => kind !== 'rack' && ledger.machinesOf(name).length > 0);
    for (const { name } of made) await this.ask((running) => this.user.rotateKey(running, name));
  }

  /** Asks until it is acknowledged. */
  async ask(what: (running: Running) => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 20; tries += 1) {
      if (this.#running !== null && (await what(this.#running))) return;
      await this.world.timeline.pause(3_000);
    }
    this.world.invariants.report('stuck', 'what a user asks for is not acknowledged');
  }

  /** A node crashes, each time another one. */
  crash(): void {
    const { alive, born } = this.world.erlang;
    this.world.erlang.kill(alive[born % alive.length]!, 'it crashed');
  }

  /** Nobody may have been told that in the last `ms`. */
  async told(what: string, ms: number, unless: string): Promise<void> {
    const since = new Date(epochMs + this.world.timeline.now - ms).toISOString();
    const events = await this.world.disk.store.recentEvents({ limit: 500 });
    const found = events.find((event) => event.what === what && event.at >= since);
    if (found !== undefined) this.world.invariants.report('I9', `${found.object} ${what}: ${found.words}; ${unless}`);
  }

  hang(process = this.world.erlang.alive[0]!): void {
    this.world.erlang.hang(process);
    this.world.invariants.silence(process, true);
  }

  recover(process: ErlangProcess): void {
    this.world.erlang.recover(process);
    this.world.invariants.silence(process, false);
  }

  /** Each of them lives so much later, and no other was begun in its place. */
  staying(processes: readonly ErlangProcess[], ms: number): void {
    const { timeline, invariants, erlang } = this.world;
    const { born } = erlang;
    timeline.after(ms, () => {
      const ended = processes.find(({ phase }) => phase === 'dead');
      if (ended !== undefined) invariants.report('I5', `${ended.name} was ended, and only we did not reach it`);
      if (erlang.born > born) invariants.report('I5', `${erlang.born - born} nodes were begun, and none had died`);
    });
  }

  /** A machine on which nodes run. */
  machine(): SimulatedMachine {
    return this.world.park.all.find(({ processes }) => processes.length > 0)!;
  }

  unreach(machine: SimulatedMachine, ms: number): void {
    const { world } = this;
    world.reach(machine, false);
    world.timeline.after(ms, () => world.reach(machine, true));
  }

  /** Does something to a machine that a provider made for us. */
  made(act: (site: Site, id: string) => void): void {
    const [machine] = this.world.made;
    if (machine !== undefined) act(machine.site, machine.id);
  }

  /** Machines of ours that nobody knows of: an order that came late, and a second one of a token. */
  stray(): void {
    for (const site of this.world.sites) site.strand(this.world.disk.owner);
  }

  /** Scales while all providers are like that. */
  under<K extends keyof Weather>(what: K, how: Site['weather'][K], family: string, nodes: number): Promise<void> {
    const asked = this.ask((running) => this.user.scale(running, family, nodes));
    this.world.timeline.after(500, () => {
      for (const { weather } of this.world.sites) weather[what] = how;
    });
    return asked;
  }

  #mend(): void {
    for (const { weather, machines } of this.world.sites) {
      Object.assign(weather, { ...calm(), isSwift: weather.isSwift });
      machines.listLagMs = 0;
    }
    this.world.erlang.temper = even;
    this.world.wire.broken = 0;
    this.world.wire.isMute = false;
    this.world.storeSlowMs = 0;
    this.world.storeIsAway = false;
  }

  #begin(life: number): void {
    const running = startControlPlane(this.world, life);
    this.#running = running;
    running.life.onDeath(() => {
      this.#running = null;
      this.world.timeline.after(2_000, () => this.#begin(life + 1));
    });
  }
}
