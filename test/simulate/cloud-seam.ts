/**
 * The way from the control plane to a provider: each try of a call is a crossing, takes its time both ways, and may meet a
 * mishap. What was sent arrives whether or not anybody waits for the answer any more.
 */
import type { FaultCode } from '../../src/base/fault.ts';
import type { Random } from '../../src/base/random.ts';
import type { Cloud, CloudContext, Order, Owned, Verb } from '../../src/cloud/cloud.ts';
import { MemoryError } from '../../src/cloud/memory/faults.ts';
import type { Life } from './life.ts';
import type { Site } from './provider.ts';
import { drawMishap } from './weather.ts';

/** What is told of calls to a provider that change something there, in the moment in which they are made. */
export interface ProviderWitness {
  ordered(site: Site, orders: readonly Order[]): void;
  endingOwned(site: Site, owned: Parameters<Cloud['destroy']>[0]): void;
}

const refusals: Partial<Record<FaultCode, string>> = {
  'no-capacity': 'nothing of that kind is left at the moment',
  quota: 'you have as many machines as you may',
  unavailable: 'no orders are taken at the moment',
};

/** How long an adapter waits for an answer, milliseconds. */
const answerMs = 15_000;
const latestMs = 50_000;
const goOn = new AbortController().signal;

interface Call<T> {
  readonly verb: Verb;
  readonly about: string;
  readonly act: () => Promise<T>;
}

/** A provider as one life of the control plane reaches it. */
export class CloudSeam {
  readonly #site: Site;
  readonly #life: Life;
  readonly #chance: Random;
  readonly #witness: ProviderWitness;
  /** calls whose first try was too much */
  readonly #refused = new Set<string>();

  constructor(site: Site, life: Life, chance: Random, witness: ProviderWitness) {
    this.#site = site;
    this.#life = life;
    this.#chance = chance;
    this.#witness = witness;
  }

  /** The adapter behind that way. */
  open(context: CloudContext): Cloud {
    const adapter = this.#site.adapter(context);
    const [site, witness] = [this.#site, this.#witness];
    return {
      ...adapter,
      check: (signal) => this.#call({ verb: 'check', about: '', act: () => adapter.check(goOn) }, signal),
      offers: (signal) => this.#call({ verb: 'offers', about: '', act: () => adapter.offers(goOn) }, signal),
      create: (orders, signal) => {
        witness.ordered(site, orders);
        const about = orders.map(({ token }) => token).join(' ');
        return this.#call({ verb: 'create', about, act: () => this.#make(adapter, orders) }, signal);
      },
      allow: (owner, rules, signal) =>
        this.#call({ verb: 'allow', about: '', act: () => adapter.allow(owner, rules, goOn) }, signal),
      list: (owner, signal) => this.#list(() => adapter.list(owner, goOn), signal),
      destroy: (owned, signal) => {
        witness.endingOwned(site, owned);
        return this.#call({ verb: 'destroy', about: owned.id, act: () => adapter.destroy(owned, goOn) }, signal);
      },
    };
  }

  #make(adapter: Cloud, orders: readonly Order[]): ReturnType<Cloud['create']> {
    const { isSoldOut, refusal, isDeceptive } = this.#site.weather;
    const code = isSoldOut ? 'no-capacity' : refusal;
    if (code === null) return adapter.create(orders, goOn);
    const error = new MemoryError(code, refusals[code] ?? `orders are answered with ${code}`);
    const filled = isDeceptive ? adapter.create(orders, goOn) : Promise.resolve();
    return filled.then(() => orders.map(({ token }) => ({ token, ok: false, error })));
  }

  async *#list(act: () => AsyncIterable<Owned>, signal: AbortSignal): AsyncGenerator<Owned> {
    const all = async () => {
      const found = [];
      let error: unknown = null;
      try {
        for await (const one of act()) found.push(one);
      } catch (thrown) {
        error = thrown;
      }
      return { found, error };
    };
    const { found: inOrder, error } = await this.#call({ verb: 'list', about: '', act: all }, signal);
    // nobody promises an order
    const found = this.#shuffled(inOrder);
    const isPartial = this.#site.weather.isPartial;
    yield* isPartial ? found.slice(0, found.length >> 1) : found;
    if (error !== null) throw error as Error;
    if (isPartial) throw new MemoryError('unavailable', 'a part of it cannot be asked');
  }

  #shuffled<T>(of: readonly T[]): T[] {
    const rest = [...of];
    return of.map(() => rest.splice(this.#chance.below(rest.length), 1)[0] as T);
  }

  #call<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    return this.#life.cross(`${this.#site.name} ${call.verb} ${call.about}`, () =>
      unlessAborted(this.#isTooMuch(call) ? throttled() : this.#exchange(call.verb, call.act), signal),
    );
  }

  /** Whether this is the first try of a call to a provider that is strained; the next one of the same is let through. */
  #isTooMuch({ verb, about }: Pick<Call<unknown>, 'verb' | 'about'>): boolean {
    if (!this.#site.weather.isStrained) return false;
    const call = `${verb} ${about}`;
    if (this.#refused.delete(call)) return false;
    this.#refused.add(call);
    return true;
  }

  async #exchange<T>(verb: Verb, act: () => Promise<T>): Promise<T> {
    const { timeline } = this.#life;
    const { weather } = this.#site;
    await timeline.pause(this.#wayMs());
    if (weather.outage !== 'none') {
      if (weather.outage === 'silent') await timeline.pause(answerMs);
      throw new MemoryError('unavailable', 'the provider is out of order');
    }
    const mishap = drawMishap(weather, this.#chance);
    switch (mishap) {
      case 'throttled':
        throw new MemoryError('throttled', 'too many requests', this.#chance.below(4_000));
      case 'broken':
        throw new MemoryError('unavailable', 'internal error');
      case 'late':
        timeline.after(this.#chance.below(latestMs), () => void act().catch(() => undefined));
        break;
      case 'answer lost':
        await act().catch(() => undefined);
        break;
      case 'doubled':
        timeline.after(this.#chance.below(3_000), () => void act().catch(() => undefined));
        break;
      case 'lost on the way':
      case null:
        break;
    }
    if (mishap !== null && mishap !== 'doubled') {
      await timeline.pause(answerMs);
      throw new MemoryError('timeout', `${verb}: no answer came`);
    }
    const answer = await act();
    await timeline.pause(this.#wayMs());
    return answer;
  }

  #wayMs(): number {
    return 5 + this.#chance.below(Math.max(1, this.#site.weather.slowMs));
  }
}

function throttled(): Promise<never> {
  return Promise.reject(new MemoryError('throttled', 'too many requests', 300));
}

/** The answer, or the signal's reason when that comes first; nothing is left with a signal that lives on. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    const over = () => signal.removeEventListener('abort', stop);
    answer.finally(over).then(resolve, reject);
  });
}
