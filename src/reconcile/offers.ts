/**
 * What the providers can sell, asked for together and remembered for a while: a plan, its adoption and the loops that
 * follow ask the same question within seconds.
 */
import { withDeadline } from '../base/abort.ts';
import { timestamp } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { faultCodeOf, wordsOf } from '../base/fault.ts';
import type { FaultCode } from '../base/fault.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Domain } from '../model/domain.ts';
import type { Machine, Offer, RefusedForLong } from '../model/machine.ts';
import type { OfferSheet } from '../model/offer-sheet.ts';
import type { Provider } from '../model/provider.ts';
import { judgedBy, keyOfRefusal, refusalsOf } from '../model/refusal.ts';

const askMs = 30_000;
/** Adapters of one provider: with the domains that it has, and with those that plans under way would give it. */
const adaptersKept = 4;
/** How long an order that was refused speaks against another one. Lost with the process: then it is tried once more. */
export const refusedMs = 300_000;

/** An order that a provider did not fill, in its own words. */
export interface Refusal {
  readonly provider: string;
  readonly offer: string;
  readonly domain: string;
  /** what is no choice for a while: this offer, or everything in its domain */
  readonly what: 'offer' | 'domain';
  readonly code: FaultCode;
  readonly why: string;
  /** how long it counts, milliseconds; a while when absent */
  readonly forMs?: number;
}

interface Asked {
  readonly at: number;
  readonly sheet: Promise<OfferSheet>;
}

/** The offers of every provider that was asked, and the adapters that ask. */
export class Offers {
  readonly #open: (provider: Provider, domains: readonly Domain[]) => Cloud;
  readonly #clock: Clock;
  /** by provider, those used last at the end */
  readonly #clouds = new Map<string, Map<string, Cloud>>();
  readonly #asked = new Map<string, Asked>();
  readonly #refused = new Map<string, Refusal & { readonly at: number }>();

  readonly #mayAct: () => void;

  /** @param mayAct throws while it is not known that we may */
  constructor(
    open: (provider: Provider, domains: readonly Domain[]) => Cloud,
    clock: Clock,
    mayAct: () => void = () => undefined,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.#mayAct = mayAct;
  }

  /** The adapter for a provider with these domains: the same one for the same definitions. */
  cloud(provider: Provider, domains: readonly Domain[]): Cloud {
    this.#mayAct();
    const key = keyOf(provider, domains);
    const clouds = this.#clouds.get(provider.name) ?? new Map<string, Cloud>();
    const cloud = clouds.get(key) ?? this.#open(provider, domains);
    clouds.delete(key);
    this.#clouds.set(provider.name, clouds.set(key, cloud));
    // those that were of former definitions, the longest unused first
    for (const former of [...clouds.keys()].slice(0, -adaptersKept)) clouds.delete(former);
    return cloud;
  }

  /** What it offers, not older than `maxAgeMs`. A provider that cannot be asked is an answer too: its sheet says why. */
  ask(provider: Provider, domains: readonly Domain[], maxAgeMs: number): Promise<OfferSheet> {
    const key = keyOf(provider, domains);
    const known = this.#asked.get(key);
    if (known !== undefined && this.#clock.monotonic() - known.at <= maxAgeMs) return known.sheet;
    const sheet = this.#ask(provider, this.cloud(provider, domains));
    this.#asked.set(key, { at: this.#clock.monotonic(), sheet });
    return sheet;
  }

  /** What it answered last with these domains; undefined when it was not asked since machines came or went. */
  async last(provider: Provider, domains: readonly Domain[]): Promise<OfferSheet | undefined> {
    return this.#asked.get(keyOf(provider, domains))?.sheet;
  }

  /** An order was refused: for a while its offer, or its domain, is no choice. */
  refuse(refusal: Refusal): void {
    this.#refused.set(keyOfRefusal(refusal), { ...refusal, at: this.#clock.monotonic() });
  }

  /** An order was accepted: nothing that was refused there before says any more that it would be again. */
  accept({ offer, domain }: Pick<Machine, 'offer' | 'domain'>): void {
    for (const what of ['offer', 'domain'] as const) this.#refused.delete(keyOfRefusal({ what, offer, domain }));
  }

  /** Whether where an order goes is left out at the moment, its offer or its domain, or another domain of its provider. */
  left(place: Pick<Refusal, 'offer' | 'domain' | 'provider' | 'what'>): 'out' | 'out elsewhere' | 'in' {
    const { provider } = place;
    const refusals = this.#counting();
    if (refusals.has(keyOfRefusal(place))) return 'out';
    const isNear = [...refusals.values()].some((one) => one.what === 'domain' && one.provider === provider);
    return isNear ? 'out elsewhere' : 'in';
  }

  /** The offers with what speaks against them at the moment; of orders that are refused for long the record says it. */
  judged(offers: readonly Offer[], machines: readonly Machine[] = []): Offer[] {
    return judgedBy(offers, new Map([...this.#counting(), ...refusalsOf(machines)]));
  }

  /** The refusals that count still. */
  #counting(): Map<string, RefusedForLong & { readonly provider?: string }> {
    const now = this.#clock.monotonic();
    for (const [key, { at, forMs = refusedMs }] of this.#refused) if (now - at > forMs) this.#refused.delete(key);
    return new Map(this.#refused);
  }

  /** Machines came or went: what was remembered is out of date. */
  forget(): void {
    this.#asked.clear();
  }

  async #ask(provider: Provider, cloud: Cloud): Promise<OfferSheet> {
    const at = timestamp(this.#clock);
    const deadline = { ms: askMs, what: `the offers of provider ${provider.name}` };
    try {
      const offers = await withDeadline(this.#clock, deadline, (signal) => cloud.offers(signal));
      return { provider: provider.name, at, offers: [...offers], fault: null };
    } catch (error) {
      return { provider: provider.name, at, offers: [], fault: { code: faultCodeOf(error), why: wordsOf(error) } };
    }
  }
}

function keyOf(provider: Provider, domains: readonly Domain[]): string {
  return [provider, ...domains].map(textOf).join('\n');
}

/** Texts of records by identity: the same ones are asked for over and over, and never changed. */
const texts = new WeakMap<Provider | Domain, string>();

function textOf(record: Provider | Domain): string {
  const text = texts.get(record) ?? JSON.stringify(record);
  texts.set(record, text);
  return text;
}
