/**
 * Sharing the work among the control planes of one database. The work is cut into shares (a blueprint, a provider), each of which
 * one control plane has, under a number that every commit for it states and the database checks (the fence). The door of the room.
 *
 *   free --offered, taken--> ours --given back (too many, the share is over, we stop)--> free
 *                              +----somebody found us silent or gone (bury)------------> free, taken by another
 *
 * Every `beatMs` each control plane looks at who is there, which shows that it is there itself. Who is missing for `missingMs`
 * is buried by whoever sees it first; who is silent has its sessions ended, and is missing then. Who cannot be sure that its
 * last look was lately acts no more until it has looked again.
 */
import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { Fault, wordsOf } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Fence, Look, Posted, SharedStore, Store } from '../store/store.ts';
import type { Replica } from '../model/replica.ts';
import { Engine } from './engine.ts';
import type { EngineOptions, Offering } from './engine.ts';

/** What sharing needs. */
export interface ShareOptions {
  readonly store: SharedStore;
  readonly url: string;
  /** the name of this control plane's sessions */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** called with where all living control planes listen, now and then */
  changed(urls: readonly string[]): void;
}

/** What a share is to those who work on it. */
export interface ShareHooks {
  /** The shares that there are. */
  names(): Promise<readonly string[]>;
  /** It is ours: everything of it is to be looked at. */
  taken(share: string): void;
  /** A key is to be looked at, if it is ours. */
  told(loop: string, key: string): void;
  /** Something may have been missed: everything is to be looked at, and what is remembered forgotten. */
  missed(): void;
}

/** A share that is ours, while something is done for it. */
export interface Held {
  /** the store under the share's number */
  readonly store: Store;
  /** aborts when it is not ours any more */
  readonly signal: AbortSignal;
  /** To be called once at the end. */
  leave(): void;
}

interface Holding {
  readonly fence: Fence;
  readonly store: Store;
  readonly stop: AbortController;
  readonly takenAt: number;
  busy: number;
  refused: number;
}

const beatMs = 400;
/** One whose session is not there for so long is not on its way back, milliseconds. */
const missingMs = 800;
/** A share that is free for so long is offered again, milliseconds. */
const offerAgainMs = 1000;
/** What is under way for a share has so long to end before the share is given back, milliseconds. */
const graceMs = 5000;
/** The names of shares are read again at least so often, milliseconds. */
const namesMs = 5000;
/** Wake-ups and words for other control planes are sent together, milliseconds. */
const gatherMs = 20;

/** The shares of this control plane. */
export class ShareKeeper {
  readonly #options: ShareOptions;
  readonly #held = new Map<string, Holding>();
  readonly #missing = new Map<number, number>();
  /** those whose sessions we ended: they are not waited for */
  readonly #ended = new Set<number>();
  readonly #closed = new AbortController();
  readonly #outbox = new Map<string, Map<string, readonly (string | null)[]>>();
  readonly #said = new Map<string, string>();
  #hooks: ShareHooks | undefined;
  #engine: Offering | undefined;
  readonly #openEngine: (options: EngineOptions) => Offering;
  #over = Promise.resolve();
  #quota = 0;
  #names: { readonly at: number; readonly all: ReadonlySet<string> } | undefined;
  #isSending = false;
  #living = 1;
  #last: Look | undefined;

  /** @param openEngine another engine, which needs no database */
  constructor(
    options: ShareOptions,
    openEngine: (options: EngineOptions) => Offering = (engine) => new Engine(engine),
  ) {
    this.#options = options;
    this.#openEngine = openEngine;
  }

  /** Begins to take shares. */
  start(hooks: ShareHooks): void {
    const { store, url, name, clock, log } = this.#options;
    this.#hooks = hooks;
    store.onPosted((posted) => this.#heard(posted));
    store.subscribe(({ changes }) => {
      if (changes.some(({ kind }) => kind === 'blueprint' || kind === 'provider')) this.#names = undefined;
    });
    this.#engine = this.#openEngine({
      ...{ url, name, clock, log },
      hasRoom: () => this.#hasRoom(),
      take: (share) => this.#take(share),
    });
    this.#over = this.#beat();
  }

  /** Whether a share is ours, as far as we know. */
  has(share: string): boolean {
    return this.#held.has(share);
  }

  /** Whether we know lately enough that nobody took us for dead. */
  isSure(): boolean {
    return this.#options.store.isSure();
  }

  /** Begins something for a share; undefined where it is not surely ours. */
  enter(share: string): Held | undefined {
    const holding = this.#held.get(share);
    if (holding === undefined || holding.stop.signal.aborted || !this.isSure()) return undefined;
    holding.busy += 1;
    return { store: holding.store, signal: holding.stop.signal, leave: () => (holding.busy -= 1) };
  }

  /** Has whoever has the key look at it. */
  tell(loop: string, key: string): void {
    this.#send('wake', `${loop} ${key}`, [loop, key]);
  }

  /** Why a key of ours could not be gone on with, for the others. */
  say(loop: string, key: string, words: string | null): void {
    this.#send('words', `${loop} ${key}`, [loop, key, words]);
  }

  /** The same of a key of another control plane; null when nothing was heard. */
  said(loop: string, key: string): string | null {
    return this.#said.get(`${loop} ${key}`) ?? null;
  }

  /** All control planes, and what they had when we last looked. */
  replicas(): readonly Replica[] {
    const { replicas = [], shares = [], number = null } = this.#last ?? {};
    return replicas.map((replica) => ({
      ...{ number: replica.number, url: replica.url, since: replica.since },
      state: replica.lives ? (replica.isSilent ? 'silent' : 'there') : 'gone',
      isSelf: replica.number === number,
      shares: shares.filter(({ holder }) => holder === replica.number).map(({ share }) => share),
    }));
  }

  /** Gives everything back, for others to take at once. What is under way has ended by then. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('the control plane is stopping'));
    await this.#over;
    await this.#options.store.leave().catch(() => undefined);
    await Promise.all([...this.#held.values()].map((holding) => this.#giveBack(holding, false).catch(() => undefined)));
    await this.#engine?.close();
  }

  #hasRoom(): boolean {
    return !this.#closed.signal.aborted && this.isSure() && this.#held.size < this.#quota;
  }

  async #take(share: string): Promise<void> {
    const { store, clock } = this.#options;
    if (this.#held.has(share) || !this.#hasRoom()) return;
    const fence = await store.take(share);
    if (fence === undefined) return;
    const holding: Holding = {
      ...{ fence, store: store.under(fence, () => this.#refused(holding)), stop: new AbortController() },
      ...{ takenAt: clock.monotonic(), busy: 0, refused: 0 },
    };
    this.#held.set(share, holding);
    this.#hooks?.taken(share);
  }

  async #beat(): Promise<void> {
    const { clock, log } = this.#options;
    let isAway = false;
    while (!this.#closed.signal.aborted) {
      try {
        await this.#attend();
        isAway = false;
      } catch (error) {
        if (!isAway)
          log.warn(
            { error: wordsOf(error) },
            'nobody knows who has which share of the work: nothing is done until that is known',
          );
        isAway = true;
      }
      const isSoon = isAway || this.#ended.size > 0;
      await sleep(clock, isSoon ? beatMs / 5 : beatMs, this.#closed.signal).catch(() => undefined);
    }
  }

  async #attend(): Promise<void> {
    const { store, clock, log } = this.#options;
    const begun = clock.monotonic();
    const look = await store.look();
    if (look.number === null) {
      log.warn({}, 'this control plane was taken for dead: it has nothing any more, and joins again');
      this.#lose([...this.#held.values()]);
      await store.join();
      return;
    }
    this.#lose([...this.#held.values()].filter((holding) => holding.takenAt < begun && !isOurs(look, holding.fence)));
    const freed = await this.#bury(look);
    const names = await this.#allNames();
    this.#last = look;
    const living = look.replicas.filter(({ lives, isSilent }) => lives && !isSilent);
    if (living.length > this.#living) this.#hooks?.missed();
    this.#living = living.length;
    this.#options.changed(living.map(({ url }) => url));
    this.#quota = Math.ceil(names.size / Math.max(1, living.length));
    // the eldest offers, so that not everybody does
    if (freed.length > 0 || living[0]?.number === look.number) await this.#offer(look, freed, names);
    await this.#level(names);
  }

  /** Names that are free, or that nobody ever had. */
  async #offer(look: Look, freed: readonly string[], names: ReadonlySet<string>): Promise<void> {
    const known = new Map(look.shares.map((share) => [share.share, share]));
    const free = [...names].filter((name) => {
      const share = known.get(name);
      return share === undefined || (share.holder === null && share.sinceMs > offerAgainMs);
    });
    await this.#engine?.offer([...new Set([...free, ...freed.filter((name) => names.has(name))])]);
  }

  /** Ours that are over, and those that others have room for. */
  async #level(names: ReadonlySet<string>): Promise<void> {
    const { clock } = this.#options;
    const isOld = ({ takenAt }: Holding) => clock.monotonic() - takenAt > namesMs;
    for (const holding of this.#held.values())
      if (!names.has(holding.fence.share) && isOld(holding)) await this.#giveBack(holding, true);
    const surplus = [...this.#held.values()].slice(this.#quota);
    await Promise.all(surplus.map((holding) => this.#giveBack(holding, false)));
  }

  async #giveBack(holding: Holding, isOver: boolean): Promise<void> {
    const { store, clock } = this.#options;
    const { share } = holding.fence;
    holding.stop.abort(new Fault('unavailable', `another control plane is to look after ${share}`));
    const until = clock.monotonic() + graceMs;
    while (holding.busy > 0 && clock.monotonic() < until) await sleep(clock, 10);
    if (this.#held.get(share) === holding) this.#held.delete(share);
    await store.giveBack(holding.fence, isOver);
    if (!isOver) await this.#engine?.offer([share]);
  }

  /** They are not ours any more. What was refused since is told in an event. */
  #lose(lost: readonly Holding[]): void {
    const { log } = this.#options;
    for (const holding of lost) {
      const { share, number } = holding.fence;
      holding.stop.abort(new Fault('unavailable', `another control plane looks after ${share} now`));
      this.#held.delete(share);
      log.warn({ share, number }, 'another control plane looks after it');
      const refused = holding.refused === 0 ? '' : `; writes refused so far: ${holding.refused}`;
      this.#tell(holding, 'fenced', `a control plane that was away for too long does nothing more${refused}`);
    }
    if (lost.length > 0) this.#hooks?.missed();
  }

  /** A pass that was under way when the share was taken over went on, and came to where it writes. */
  #refused(holding: Holding): void {
    const { share, number } = holding.fence;
    holding.refused += 1;
    holding.stop.abort(new Fault('unavailable', `another control plane looks after ${share} now`));
    this.#options.log.warn({ share, number }, 'a write under a number that is not the newest was refused');
    this.#tell(
      holding,
      'write refused',
      'a pass that went on after its control plane was succeeded could write nothing',
    );
  }

  /** Best effort: the log has it too. */
  #tell({ fence: { share, number } }: Holding, what: string, words: string): void {
    const [kind = '', object = ''] = share.split(' ');
    const about = { kind, object, blueprint: kind === 'blueprint' ? object : null };
    const told = { level: 'warning', ...about, what, words: `${words} (number ${number})` } as const;
    this.#options.store.commit([], [told]).catch(() => undefined);
  }

  async #bury({ replicas, number, isSettled }: Look): Promise<readonly string[]> {
    const { store, clock, log } = this.#options;
    const now = clock.monotonic();
    const freed: string[] = [];
    for (const replica of replicas.filter((one) => one.number !== number)) {
      if (replica.lives) this.#missing.delete(replica.number);
      else if (!this.#missing.has(replica.number)) this.#missing.set(replica.number, now);
      const isMissed = isSettled && now - (this.#missing.get(replica.number) ?? now) >= missingMs;
      const isGone = !replica.lives && (isMissed || this.#ended.has(replica.number));
      if (!replica.isSilent && !isGone) continue;
      log.warn(
        { replica: replica.number },
        replica.lives ? 'a control plane says nothing: its sessions are ended' : 'a control plane is gone',
      );
      freed.push(...(await store.bury(replica)));
      if (replica.lives) this.#ended.add(replica.number);
      else this.#ended.delete(replica.number);
    }
    return freed;
  }

  async #allNames(): Promise<ReadonlySet<string>> {
    const now = this.#options.clock.monotonic();
    const known = this.#names;
    if (known !== undefined && now - known.at < namesMs) return known.all;
    this.#names = { at: now, all: new Set((await this.#hooks?.names()) ?? []) };
    return this.#names.all;
  }

  #heard(posted: Posted | null): void {
    if (posted === null) {
      this.#hooks?.missed();
      return;
    }
    for (const [loop = '', key = '', words = null] of posted.items) {
      if (loop === null || key === null) continue;
      if (posted.topic === 'wake') this.#hooks?.told(loop, key);
      else if (words === null) this.#said.delete(`${loop} ${key}`);
      else this.#said.set(`${loop} ${key}`, words);
    }
  }

  #send(topic: string, name: string, item: readonly (string | null)[]): void {
    const items = this.#outbox.get(topic) ?? new Map<string, readonly (string | null)[]>();
    this.#outbox.set(topic, items.set(name, item));
    if (this.#isSending) return;
    this.#isSending = true;
    this.#options.clock.after(gatherMs, () => void this.#sendAll());
  }

  /** What cannot be sent is lost: the periods of the loops make up for it. */
  async #sendAll(): Promise<void> {
    this.#isSending = false;
    const all = [...this.#outbox].map(([topic, items]) => ({ topic, items: [...items.values()] }));
    this.#outbox.clear();
    if (this.#closed.signal.aborted) return;
    for (const posted of all) await this.#options.store.post(posted).catch(() => undefined);
  }
}

function isOurs({ shares, number }: Look, fence: Fence): boolean {
  return shares.some(
    ({ share, number: held, holder }) => share === fence.share && held === fence.number && holder === number,
  );
}
