/**
 * A whole life of a blueprint in a calm world, apply, scale, heal, destroy, with a control plane that dies at one chosen
 * crossing, or at one in its first life and one in its second. Wherever that is: nothing is left over, twice, forgotten or
 * stuck.
 */
import { seededRandom } from '../../src/base/random.ts';
import { startControlPlane } from './control-plane.ts';
import type { Running } from './control-plane.ts';
import type { Violation } from './invariants.ts';
import type { Doom } from './life.ts';
import { convergence, emptiness } from './rest.ts';
import { blueprint, User } from './user.ts';
import { SimulatedWorld } from './world.ts';

/** What came of it. */
export interface CrashResult {
  readonly violations: readonly Violation[];
  /** how many crossings the first life had */
  readonly crossings: number;
  /** the last of what happened */
  readonly trace: readonly string[];
}

const minuteMs = 60_000;
const size = { nodes: 6, providers: 3 };
const restartMs = 700;
const promptMs = { applied: 45_000, scaled: 30_000, healed: 20_000, destroyed: 20_000 };
/** How far away a far store is at most, each way; nearly every wake-up then falls into a pass that is under way. */
const farMs = 1_000;
/** The same where the store is far away. */
const promptFarMs = { applied: 170_000, scaled: 165_000, healed: 120_000, destroyed: 140_000 };

/** Runs it; each life ends at its doom, the last lives on. */
export function crashRun(dooms: readonly Doom[], seed = 5): Promise<CrashResult> {
  return told(new CrashStory(dooms, seed));
}

/** Runs it without a death, with a store that is far away: a wake-up that is forgotten then costs a period of the loops. */
export function farRun(seed: number): Promise<CrashResult> {
  const story = new CrashStory([], seed);
  story.world.storeSlowMs = farMs;
  return told(story);
}

async function told(story: CrashStory): Promise<CrashResult> {
  const { world } = story;
  try {
    await world.timeline.run(story.tell());
  } catch (error) {
    world.invariants.report('surprise', String(error instanceof Error ? error.stack : error));
  }
  return story.result();
}

class CrashStory {
  readonly world: SimulatedWorld;
  readonly #dooms: readonly Doom[];
  readonly #user: User;
  readonly #lives: Running[] = [];
  #running: Running | null = null;

  constructor(dooms: readonly Doom[], seed: number) {
    this.#dooms = dooms;
    this.world = new SimulatedWorld(seed, size);
    this.#user = new User(this.world, seededRandom(seed));
  }

  async tell(): Promise<void> {
    const { world } = this;
    await world.uploadReleases();
    this.#begin();
    await this.#prompt('applied', async () => {
      await this.#asked((running) => this.#user.apply(running));
      await convergence(world, 6 * minuteMs);
    });
    await this.#prompt('scaled', async () => {
      await this.#asked((running) => this.#user.scale(running, 'shop', 5));
      await convergence(world, 6 * minuteMs);
    });
    this.#hurt();
    await world.timeline.pause(20_000);
    await this.#prompt('healed', () => convergence(world, 8 * minuteMs));
    await this.#prompt('destroyed', async () => {
      await this.#asked((running) => this.#user.destroy(running));
      await emptiness(world, 8 * minuteMs);
    });
    world.invariants.secretsStay('the store', world.disk.text());
  }

  result(): CrashResult {
    const crossings = this.#lives[0]?.life.crossings ?? 0;
    return { violations: this.world.invariants.violations, crossings, trace: this.world.trace.last(4_000) };
  }

  /** Where nobody dies, everything is done in good time: wake-ups that are lost show in that. */
  async #prompt(what: keyof typeof promptMs, act: () => Promise<void>): Promise<void> {
    const { timeline, invariants } = this.world;
    const begun = timeline.now;
    await act();
    const ms = timeline.now - begun;
    this.world.trace.add(`${what} within ${ms.toFixed(0)} ms`);
    const longestMs = (this.world.storeSlowMs === farMs ? promptFarMs : promptMs)[what];
    const isLate = this.#dooms.length === 0 && ms > longestMs;
    if (isLate)
      invariants.report('late', `${what} within ${(ms / 1_000).toFixed(1)} s; ${longestMs / 1_000} s at most`);
  }

  /** A node crashes, and a machine fails at its provider. */
  #hurt(): void {
    const { erlang, made } = this.world;
    const [node] = erlang.alive;
    if (node !== undefined) erlang.kill(node, 'it crashed');
    made[0]?.site.fail(made[0].id);
  }

  #begin(): void {
    const { world } = this;
    const running = startControlPlane(world, 11 + this.#lives.length, this.#dooms[this.#lives.length] ?? null);
    this.#lives.push(running);
    this.#running = running;
    running.life.onDeath(() => {
      this.#running = null;
      world.timeline.after(restartMs, () => this.#begin());
    });
  }

  /** Asks until it is acknowledged; a death in between leaves it open, and it is asked again. */
  async #asked(ask: (running: Running) => Promise<boolean>): Promise<void> {
    const { timeline, invariants } = this.world;
    while (invariants.violations.length === 0) {
      const running = this.#running;
      const died = new Promise<boolean>((resolve) => running?.life.onDeath(() => resolve(false)));
      if (running !== null && (await Promise.race([ask(running), died]))) return;
      await timeline.pause(1_000);
      if (!this.#user.wantsIt && !this.world.ledger.heads.has(blueprint)) return;
    }
  }
}
