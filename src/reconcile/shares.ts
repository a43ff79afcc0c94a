/**
 * How the loops' keys are shared among control planes: every key belongs to one share (a blueprint with all that is done for it, a
 * provider with its machines), and only who has the share looks at the key, with the store under the share's number (the
 * fence). Where one control plane is alone there are no shares, and every key is its own. What a pass does outside the store no
 * number can refuse: `while-sure.ts` says why that does no harm, of one that goes on late too.
 */
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import { Fault, wordsOf } from '../base/fault.ts';
import type { Store } from '../store/store.ts';
import { clusterActs, whileSure } from './while-sure.ts';
import type { World } from './world.ts';

/** A share of ours, while a pass works on it. */
interface Held {
  /** refuses what is written when the share is not ours any more */
  readonly store: Store;
  /** aborts when it is not ours any more */
  readonly signal: AbortSignal;
  leave(): void;
}

/** Which shares are ours, and the way to those who have the others. */
export interface Shares {
  has(share: string): boolean;
  /** Whether we know lately enough that nobody took us for dead. */
  isSure(): boolean;
  /** Begins a pass; undefined where the share is not surely ours. */
  enter(share: string): Held | undefined;
  /** Has whoever has the key look at it. */
  tell(loop: string, key: string): void;
  /** Why a key of ours could not be gone on with, for the others. */
  say(loop: string, key: string, words: string | null): void;
  said(loop: string, key: string): string | null;
  start(hooks: {
    names(): Promise<readonly string[]>;
    taken(share: string): void;
    told(loop: string, key: string): void;
    missed(): void;
  }): void;
}

/** The loops by their names. */
export type LoopName =
  'blueprint' | 'component' | 'machine' | 'node' | 'strays' | 'firewall' | 'rollout' | 'operation' | 'login' | 'brake';

/** While nobody knows whose a share is, its keys are looked at again after so long, milliseconds. */
const unsureMs = 500;

const ofBlueprint = (name: string) => `blueprint ${name}`;
const ofProvider = (name: string) => `provider ${name}`;
const itself = (share: (name: string) => string) => (_: Store, key: string) => Promise.resolve(share(key));

/** The share of each loop's keys; undefined where the key is of nothing that is on record. */
const shareOf: { readonly [L in LoopName]: (store: Store, key: string) => Promise<string | undefined> } = {
  blueprint: itself(ofBlueprint),
  component: itself(ofBlueprint),
  rollout: itself(ofBlueprint),
  operation: itself(ofBlueprint),
  strays: itself(ofProvider),
  firewall: itself(ofProvider),
  async machine(store, token) {
    const machine = await store.get('machine', token);
    return machine === undefined ? undefined : ofProvider(machine.value.provider);
  },
  async node(store, id) {
    const node = await store.get('node', id);
    return node === undefined ? undefined : ofBlueprint(node.value.blueprint);
  },
  async brake(store, key) {
    const alarm = (await store.get('alarm', key))?.value;
    return alarm === undefined ? undefined : (alarm.about === 'blueprint' ? ofBlueprint : ofProvider)(alarm.name);
  },
  async login(store, secret) {
    const rotation = (await store.get('rotation', secret))?.value;
    if (rotation === undefined) return undefined;
    return 'provider' in rotation ? ofProvider(rotation.provider) : ofBlueprint(rotation.blueprint);
  },
};

/** The shares that there are. */
export async function shareNames(store: Store): Promise<readonly string[]> {
  const [blueprints, providers] = [await store.list('blueprint'), await store.list('provider')];
  return [...blueprints.map(({ key }) => ofBlueprint(key)), ...providers.map(({ key }) => ofProvider(key))];
}

/** A pass over one key. */
type Pass = (world: World, key: string, signal: AbortSignal) => Promise<Outcome>;

/** What is kept between passes for sharing: keys that somebody here woke, and words that were told. */
export class Sharing {
  readonly #world: World;
  readonly #woken = new Set<string>();
  readonly #told = new Map<string, string | null>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Somebody here woke the key: if it is not ours, whoever has it is told. */
  woke(loop: LoopName, key: string): void {
    if (this.#world.shares !== undefined) this.#woken.add(`${loop} ${key}`);
  }

  /** Others may not have heard what was told so far. */
  forget(): void {
    this.#told.clear();
  }

  /** Those of a loop's keys that are ours. */
  async ours(loop: LoopName, keys: readonly string[]): Promise<readonly string[]> {
    const { shares, store } = this.#world;
    if (shares === undefined) return keys;
    const found: string[] = [];
    for (const key of keys) {
      const share = await shareOf[loop](store, key);
      if (share !== undefined && shares.has(share)) found.push(key);
    }
    return found;
  }

  /** A pass that is made only over keys of ours. */
  pass(loop: LoopName, pass: Pass): (key: string, signal: AbortSignal) => Promise<Outcome> {
    return (key, signal) => {
      const { shares } = this.#world;
      return shares === undefined ? pass(this.#world, key, signal) : this.#shared({ loop, key, shares, pass }, signal);
    };
  }

  async #shared(
    { loop, key, shares, pass }: { loop: LoopName; key: string; shares: Shares; pass: Pass },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const share = await shareOf[loop](this.#world.store, key);
    const wasWoken = this.#woken.delete(`${loop} ${key}`);
    if (share === undefined) return done;
    const held = shares.enter(share);
    if (held === undefined) {
      if (shares.has(share)) return again(unsureMs, 'nobody knows just now which control plane looks after it');
      if (wasWoken) shares.tell(loop, key);
      return done;
    }
    try {
      const mayAct = () => refuseLost(shares, share, held.signal);
      const cluster = whileSure(this.#world.cluster, mayAct, clusterActs);
      const world = { ...this.#world, store: held.store, cluster };
      const outcome = await pass(world, key, AbortSignal.any([signal, held.signal]));
      this.#say(shares, loop, key, outcome.outcome === 'done' ? null : outcome.why);
      return outcome;
    } catch (error) {
      if (held.signal.aborted && !signal.aborted) return done;
      this.#say(shares, loop, key, wordsOf(error));
      throw error;
    } finally {
      held.leave();
    }
  }

  #say(shares: Shares, ...[loop, key, words]: [LoopName, string, string | null]): void {
    const name = `${loop} ${key}`;
    if ((this.#told.get(name) ?? null) === words) return;
    this.#told.set(name, words);
    shares.say(loop, key, words);
  }
}

/** Fault unavailable where the share is another's, or nobody knows. */
function refuseLost(shares: Shares, share: string, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (!shares.isSure())
    throw new Fault('unavailable', `nobody knows just now which control plane looks after ${share}`);
}
