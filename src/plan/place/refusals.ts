/** Why offers were not used for a family (I9): each offer with its reason, and the reasons counted. */
import type { Capabilities } from '../../model/capability.ts';
import { attributesIn } from '../../model/demand.ts';
import type { Rejection, Shortage } from '../../model/plan.ts';
import { failing } from '../need.ts';
import type { Need } from '../need.ts';

/** Why a place does not do. */
export interface Misfit {
  readonly why: string;
  /** the demand that does not hold there; null for other reasons */
  readonly demand: string | null;
  /** it would have done, had nodes before been placed otherwise */
  readonly trap: boolean;
}

type Fault = { readonly code: string; readonly why: string };

export function plain(why: string): Misfit {
  return { why, demand: null, trap: false };
}

export function trap(why: string): Misfit {
  return { why, demand: null, trap: true };
}

export class Refusals {
  readonly #misfits = new Map<string, Misfit>();
  readonly #faults = new Map<string, Fault>();
  readonly #fits = new Set<string>();
  /** offers that do, too, but are not among those yet: most often nobody asks which */
  #alsoFit: (readonly string[])[] = [];
  readonly #notes: string[] = [];

  #later: ((told: Refusals) => void)[] = [];

  /** What is to be told first, should anybody ask: of ways that are not taken nobody does. */
  later(tell: (told: Refusals) => void): void {
    this.#later.push(tell);
  }

  #listen(): void {
    const [tell, ...rest] = this.#later;
    this.#later = rest;
    tell?.(this);
  }

  /** The offer does, to begin with. */
  fit(offer: string): void {
    this.#listen();
    this.#fits.add(offer);
  }

  /** So do these. */
  fitAll(offers: readonly string[]): void {
    this.#listen();
    this.#alsoFit.push(offers);
  }

  #allFits(): ReadonlySet<string> {
    for (const offers of this.#alsoFit) for (const offer of offers) this.#fits.add(offer);
    this.#alsoFit = [];
    return this.#fits;
  }

  /** Whether anything was said of the offer. */
  knows(offer: string): boolean {
    this.#listen();
    return this.#allFits().has(offer) || this.#misfits.has(offer) || this.#faults.has(offer);
  }

  refuse(offer: string, misfit: Misfit): void {
    this.#listen();
    if (!this.#misfits.has(offer)) this.#misfits.set(offer, misfit);
  }

  /** The offer cannot be had at the moment. Demands that are known not to hold there come first: they would stay. */
  faulty(offer: string, asked: { readonly need: Need; readonly attributes: Capabilities }, fault: Fault): void {
    const measured = asked.need.demands.filter(({ demand }) =>
      [...attributesIn(demand)].every((attribute) => Object.hasOwn(asked.attributes, attribute)),
    );
    this.#listen();
    const unmet = failing(measured, asked.attributes)[0];
    if (unmet !== undefined) this.refuse(offer, unmet);
    else this.#faults.set(offer, fault);
  }

  /** Something that stands in the way of the family as a whole. */
  note(why: string): void {
    this.#notes.push(why);
  }

  /** Whether placing in another way might have done better. */
  get isTrap(): boolean {
    this.#listen();
    return [...this.#misfits.values()].some((misfit) => misfit.trap);
  }

  /** The offers that were no choice from the beginning. */
  rejections(family: string): Rejection[] {
    this.#listen();
    const misfits = [...this.#misfits].map(([offer, { why }]) => ({ family, offer, why }));
    const faults = [...this.#faults].map(([offer, { why }]) => ({ family, offer, why }));
    if (misfits.length === 0 && faults.length === 0) return [];
    const fits = this.#allFits();
    return [...misfits, ...faults].filter(({ offer }) => !fits.has(offer));
  }

  /** The reasons, most frequent first. */
  reasons(): string[] {
    this.#listen();
    const offers = new Set([...this.#allFits(), ...this.#misfits.keys(), ...this.#faults.keys()]).size;
    const groups = Map.groupBy(this.#misfits.values(), ({ demand, why }) => demand ?? why);
    const counted = [...groups].map(([key, [first, ...more]]) => {
      const count = `${1 + more.length} of ${offers} offers`;
      return {
        size: 1 + more.length,
        text: first === undefined || first.demand === null ? `${key} (${count})` : `${key} excludes ${count}`,
      };
    });
    const faults = [...this.#faults].map(([offer, { why }]) => `${offer} cannot be used: ${why}`);
    return [...this.#notes, ...counted.sort((a, b) => b.size - a.size).map(({ text }) => text), ...faults];
  }

  /** What stands in the way, where `missing` nodes found no place. */
  code(missing: number, rules: { readonly apart?: string | undefined }, providers: readonly Fault[]): Shortage['code'] {
    this.#listen();
    const faults = [...this.#faults.values(), ...providers];
    // a host that comes back takes one node where they must be apart
    const tooFew = rules.apart === 'host' && providers.length === 0 && faults.length < missing;
    if (faults.length === 0 || tooFew) return 'unsatisfiable';
    return faults.every(({ code }) => code === 'denied') ? 'denied' : 'unavailable';
  }
}
