/**
 * Several control planes that share work, without any database: what PostgreSQL keeps of them (seats, shares with their numbers)
 * in memory, on a clock that a test moves. One can be killed, or stopped as by SIGSTOP: its looks then answer when it goes on.
 */
import type { EngineOptions, Offering } from '../../src/share/engine.ts';
import { ShareKeeper } from '../../src/share/share.ts';
import { Fault } from '../../src/base/fault.ts';
import { noLog } from '../../src/base/log.ts';
import type { Event } from '../../src/model/event.ts';
import type { Fence, Look, ReplicaSeen, SharedStore } from '../../src/store/store.ts';
import { openMemoryStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from './fake-clock.ts';

/** As the seats of PostgreSQL have them, milliseconds. */
const [silenceMs, sureMs] = [2_000, 1_500];

interface Seat {
  lives: boolean;
  lookedAt: number;
}
interface Held {
  number: number;
  holder: number | null;
  since: number;
}

/** One control plane: its keeper, and what a test does to it. */
export interface Sharer {
  readonly keeper: ShareKeeper;
  /** its number now; null while it has no seat */
  readonly number: () => number | null;
  /** shares that it was told are its own, in order */
  readonly taken: string[];
  /** how often it was told that something may have been missed */
  readonly missed: () => number;
  kill(): void;
  stop(): void;
  goOn(): void;
}

/** All of them, and the work. */
export class SharedWorld {
  readonly clock = fakeClock();
  readonly names: Set<string>;
  /** every taking there was: whose it became, under which number */
  readonly takings: { readonly share: string; readonly number: number; readonly holder: number }[] = [];
  readonly #store: Store;
  readonly #seats = new Map<number, Seat>();
  readonly #shares = new Map<string, Held>();
  readonly #engines = new Set<EngineOptions & { readonly isAble: () => boolean }>();
  #replicaNumber = 0;
  #shareNumber = 0;

  private constructor(store: Store, names: readonly string[]) {
    this.#store = store;
    this.names = new Set(names);
  }

  static async open(names: readonly string[]): Promise<SharedWorld> {
    return new SharedWorld(await openMemoryStore(fakeClock()), names);
  }

  /** Who has a share, by the table. */
  holderOf(share: string): number | null {
    return this.#shares.get(share)?.holder ?? null;
  }

  async told(what: string): Promise<readonly Event[]> {
    return (await this.#store.recentEvents({ limit: 1_000 })).filter((event) => event.what === what);
  }

  /** One more control plane, at work. */
  async join(): Promise<Sharer> {
    const state = { number: null as number | null, lookedAt: -Infinity, isDead: false, missed: 0 };
    let running = Promise.withResolvers<undefined>();
    let isStopped = false;
    running.resolve(undefined);
    const awake = async () => {
      await running.promise;
      if (state.isDead) await new Promise(() => undefined);
    };
    const store = this.#storeFor(state, awake);
    await store.join();
    const { clock } = this;
    const engines = this.#engines;
    const openEngine = (options: EngineOptions): Offering => {
      const engine = { ...options, isAble: () => !state.isDead };
      engines.add(engine);
      return { offer: (shares) => this.#offer(shares), close: () => Promise.resolve(void engines.delete(engine)) };
    };
    const keeper = new ShareKeeper(
      { store, url: '', name: '', clock, log: noLog, changed: () => undefined },
      openEngine,
    );
    const taken: string[] = [];
    keeper.start({
      names: () => Promise.resolve([...this.names]),
      taken: (share) => taken.push(share),
      told: () => undefined,
      missed: () => (state.missed += 1),
    });
    return {
      ...{ keeper, taken, number: () => state.number, missed: () => state.missed },
      kill: () => {
        state.isDead = true;
        const seat = this.#seats.get(state.number ?? -1);
        if (seat !== undefined) seat.lives = false;
      },
      stop: () => {
        if (!isStopped) running = Promise.withResolvers();
        isStopped = true;
      },
      goOn: () => {
        running.resolve(undefined);
        isStopped = false;
      },
    };
  }

  #storeFor(state: { number: number | null; lookedAt: number }, awake: () => Promise<void>): SharedStore {
    const own: Partial<SharedStore> = {
      commit: (changes, events) => this.#store.commit(changes, events),
      subscribe: (listener) => this.#store.subscribe(listener),
      look: async () => {
        await awake();
        return this.#look(state);
      },
      join: () => {
        state.number = this.#replicaNumber += 1;
        this.#seats.set(state.number, { lives: true, lookedAt: this.clock.monotonic() });
        return Promise.resolve();
      },
      leave: () => Promise.resolve(void this.#seats.delete(state.number ?? -1)),
      isSure: () => state.number !== null && this.clock.monotonic() - state.lookedAt < sureMs,
      take: (share) => Promise.resolve(this.#take(share, state.number)),
      giveBack: async (fence, isOver) => {
        await awake();
        const held = this.#shares.get(fence.share);
        if (held?.number !== fence.number) return;
        if (isOver) this.#shares.delete(fence.share);
        else Object.assign(held, { holder: null, since: this.clock.monotonic() });
      },
      bury: (replica) => Promise.resolve(this.#bury(replica)),
      under: (fence, onRefused) => this.#under(fence, onRefused),
      post: () => Promise.resolve(),
      onPosted: () => () => undefined,
    };
    return own as SharedStore;
  }

  #look(state: { number: number | null; lookedAt: number }): Look {
    const now = this.clock.monotonic();
    const seat = this.#seats.get(state.number ?? -1);
    if (seat === undefined) state.number = null;
    else Object.assign(seat, { lives: true, lookedAt: now });
    state.lookedAt = now;
    return {
      ...{ number: state.number, isSettled: true },
      replicas: [...this.#seats].map(([number, { lives, lookedAt }]) => ({
        ...{ number, url: '', since: '', lives },
        isSilent: lives && now - lookedAt > silenceMs,
      })),
      shares: [...this.#shares].map(([share, { number, holder, since }]) => ({
        ...{ share, number, holder },
        sinceMs: now - since,
      })),
    };
  }

  #take(share: string, holder: number | null): Fence | undefined {
    const known = this.#shares.get(share);
    if (holder === null || !this.#seats.has(holder) || (known !== undefined && known.holder !== null)) return undefined;
    const number = (this.#shareNumber += 1);
    this.#shares.set(share, { number, holder, since: this.clock.monotonic() });
    this.takings.push({ share, number, holder });
    return { share, number };
  }

  #bury({ number, lives }: ReplicaSeen): readonly string[] {
    const seat = this.#seats.get(number);
    if (lives) {
      if (seat !== undefined) seat.lives = false;
      return [];
    }
    if (seat?.lives === true) return [];
    this.#seats.delete(number);
    const freed = [...this.#shares].filter(([, held]) => held.holder === number);
    for (const [, held] of freed) Object.assign(held, { holder: null, since: this.clock.monotonic() });
    return freed.map(([share]) => share);
  }

  #under(fence: Fence, onRefused: () => void): Store {
    const commit: Store['commit'] = (changes, events) => {
      if (this.#shares.get(fence.share)?.number === fence.number) return this.#store.commit(changes, events);
      onRefused();
      return Promise.reject(new Fault('conflict', `another control plane looks after ${fence.share} now`));
    };
    return { commit } as Store;
  }

  /** To whoever has room. */
  async #offer(shares: readonly string[]): Promise<void> {
    for (const share of shares)
      for (const { hasRoom, take, isAble } of this.#engines) if (isAble() && hasRoom()) await take(share);
  }
}
