/**
 * One simulated run of a seed: a blueprint is applied, users change it, everything goes wrong that can, and the control
 * plane is killed at any crossing and started again; then all is well, it must converge, and be destroyed to the last.
 */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { startControlPlane } from './control-plane.ts';
import type { Running } from './control-plane.ts';
import type { Violation } from './invariants.ts';
import { Neighbour, neighbour as neighbourName } from './neighbour.ts';
import { convergence, emptiness } from './rest.ts';
import { Trouble } from './trouble.ts';
import { User } from './user.ts';
import { SimulatedWorld } from './world.ts';
import type { WorldSize } from './world.ts';

/** What is run. */
export interface RunOptions extends WorldSize {
  readonly seed: number;
  readonly hours: number;
}

/** What came of it. */
export interface RunResult {
  readonly seed: number;
  /** the same for the same seed (I10) */
  readonly hash: string;
  readonly violations: readonly Violation[];
  /** hours that nodes ran, all together */
  readonly nodeHours: number;
  readonly events: number;
  /** how often the control plane was started */
  readonly lives: number;
  /** the last of what happened */
  readonly trace: readonly string[];
}

const minuteMs = 60_000;
/** Of a run, so much is calm: to converge in, to stay so, and to be destroyed. */
const calmMs = 25 * minuteMs;
const convergeMs = 15 * minuteMs;
const stayMs = 2 * minuteMs;
const emptyMs = 8 * minuteMs;
const meanMs = { trouble: 60_000, user: 6 * minuteMs, link: 15 * minuteMs, death: 7 * minuteMs };
const longestDeathMs = 60_000;
/** Of the seeds, one of so many has a second blueprint. */
const linkedEvery = 4;

/** Runs a seed to its end, or to the first violation. */
export async function run(options: RunOptions): Promise<RunResult> {
  const simulation = new Simulation(options);
  try {
    await simulation.world.timeline.run(simulation.story());
  } catch (error) {
    simulation.world.invariants.report('surprise', String(error instanceof Error ? error.stack : error));
  }
  return simulation.result();
}

class Simulation {
  readonly world: SimulatedWorld;
  readonly #options: RunOptions;
  readonly #chance: Random;
  readonly #user: User;
  readonly #trouble: Trouble;
  readonly #neighbour: Neighbour | null;
  #running: Running | null = null;
  #lives = 0;
  #nodeMs = 0;
  #isCalm = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.world = new SimulatedWorld(options.seed, { ...options, isLinked: options.seed % linkedEvery === 0 });
    this.#chance = seededRandom(options.seed + 1);
    this.#user = new User(this.world, this.#chance);
    this.#neighbour = this.world.ownSite === null ? null : new Neighbour(this.world);
    this.#trouble = new Trouble(this.world, seededRandom(options.seed + 2));
    if (this.#chance.below(4) === 0) this.world.storeSlowMs = 8;
  }

  /** The whole of it. */
  async story(): Promise<void> {
    const { timeline, invariants } = this.world;
    await this.world.uploadReleases();
    this.#begin();
    this.#beside(this.#asked((running) => this.#user.apply(running)));
    this.#count();
    const troubledMs = Math.max(5 * minuteMs, this.#options.hours * 60 * minuteMs - calmMs);
    this.#repeat(meanMs.trouble, () => this.#trouble.strike());
    this.#repeat(meanMs.user, () => this.#now((running) => this.#user.act(running)));
    this.#linkNowAndThen();
    await this.#until(troubledMs);
    if (invariants.violations.length > 0) return;
    this.#isCalm = true;
    this.#running?.life.dieAt(null);
    this.#trouble.end();
    await timeline.pause(minuteMs);
    this.#beside(this.#asked((running) => this.#user.apply(running)));
    await timeline.pause(minuteMs);
    const neighbour = this.#neighbour;
    if (neighbour !== null) await this.#asked((running) => neighbour.apply(running, true));
    await convergence(this.world, convergeMs);
    // what is taken out leaves nothing behind
    if (neighbour !== null) await this.#asked((running) => neighbour.apply(running, false));
    await this.#until(stayMs);
    await convergence(this.world, minuteMs);
    if (invariants.violations.length > 0) return;
    if (neighbour !== null) await this.#neighbourGoes(neighbour);
    this.#beside(this.#asked((running) => this.#user.destroy(running)));
    await timeline.pause(minuteMs);
    await emptiness(this.world, emptyMs);
    invariants.secretsStay('the store', this.world.disk.text());
  }

  /** The link to the first blueprint is made, taken out and made again. */
  #linkNowAndThen(): void {
    const neighbour = this.#neighbour;
    if (neighbour === null) return;
    this.#now((running) => neighbour.apply(running, true));
    this.#repeat(meanMs.link, () => this.#now((running) => neighbour.apply(running, this.#chance.below(3) > 0)));
  }

  /** Whoever is linked to goes last. */
  async #neighbourGoes(neighbour: Neighbour): Promise<void> {
    const { timeline, ledger, invariants } = this.world;
    await this.#asked((running) => neighbour.destroy(running));
    const until = timeline.now + emptyMs;
    while (ledger.heads.has(neighbourName) && timeline.now < until) await timeline.pause(1_000);
    if (ledger.heads.has(neighbourName)) invariants.report('not destroyed', `${neighbourName} is still there`);
  }

  result(): RunResult {
    const { invariants, trace, timeline } = this.world;
    return {
      seed: this.#options.seed,
      hash: trace.hash(),
      violations: invariants.violations,
      nodeHours: this.#nodeMs / 3_600_000,
      events: timeline.events,
      lives: this.#lives,
      trace: trace.last(2_000),
    };
  }

  /** Starts the control plane; while not all is well, it is doomed to die at some crossing and to be started again. */
  #begin(): void {
    const chance = this.#chance;
    const crossing = 1 + chance.below(chance.below(3) === 0 ? 40 : 2_500);
    const doom = this.#isCalm
      ? null
      : { crossing, side: chance.below(2) === 0 ? ('before' as const) : ('after' as const) };
    this.#lives += 1;
    const running = startControlPlane(this.world, chance.below(2 ** 32), doom);
    this.#running = running;
    const kill = () => {
      if (!this.#isCalm) running.life.kill();
    };
    this.world.timeline.after(this.#draw(meanMs.death), kill);
    running.life.onDeath(() => {
      this.#running = null;
      this.world.timeline.after(100 + chance.below(longestDeathMs), () => this.#begin());
    });
  }

  /** Asks until it is acknowledged. */
  async #asked(ask: (running: Running) => Promise<boolean>): Promise<void> {
    for (;;) {
      const running = this.#running;
      if (running !== null && (await ask(running))) return;
      await this.world.timeline.pause(10_000);
    }
  }

  /** Has something done if the control plane runs; a death in between ends it without a word. */
  #now(act: (running: Running) => Promise<unknown>): void {
    if (this.#running !== null) this.#beside(act(this.#running));
  }

  /** What is thrown there is a defect. */
  #beside(doing: Promise<unknown>): void {
    doing.catch((error: unknown) => this.world.invariants.report('surprise', String((error as Error).stack)));
  }

  #repeat(mean: number, act: () => void): void {
    this.world.timeline.after(this.#draw(mean), () => {
      if (this.#isCalm) return;
      act();
      this.#repeat(mean, act);
    });
  }

  /** Waits, as long as nothing is violated. */
  async #until(ms: number): Promise<void> {
    const end = this.world.timeline.now + ms;
    while (this.world.timeline.now < end && this.world.invariants.violations.length === 0) {
      await this.world.timeline.pause(1_000);
      this.#user.promisesHold();
      this.#neighbour?.promisesHold();
    }
  }

  #count(): void {
    this.#nodeMs += this.world.erlang.alive.length * 10_000;
    this.world.timeline.after(10_000, () => this.#count());
  }

  /** A span around a mean, milliseconds. */
  #draw(mean: number): number {
    return mean / 4 + this.#chance.below(Math.round(mean * 1.5));
  }
}
