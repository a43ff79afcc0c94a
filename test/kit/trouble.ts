/**
 * What goes wrong between a caller and a provider, decided call by call: for the fault proxy, which does it to HTTP, and
 * for whatever else stands in a provider's place. Repeatable: the same calls in the same order meet the same mishaps.
 */

/** What can happen to one call. */
export type Mishap =
  /** it reaches the provider, and the answer is lost: the connection ends */
  | { readonly what: 'lose' }
  /** the connection ends at once, and it reaches the provider `ms` milliseconds later */
  | { readonly what: 'late'; readonly ms: number }
  /** it reaches the provider twice, at the same time; the answer of one of them comes back */
  | { readonly what: 'double' }
  /** it reaches the provider, and half of the answer comes back before the connection ends */
  | { readonly what: 'cut' }
  /** it reaches the provider, and instead of the answer comes this text with that status */
  | { readonly what: 'instead'; readonly status: number; readonly type: string; readonly text: string }
  /** it does not reach the provider: this is the answer */
  | { readonly what: 'refuse'; readonly refusal: Refusal }
  /** the answer is that of the last call alike, as of a replica that lags; a call that had none is passed on */
  | { readonly what: 'stale' };

/** An answer that the provider gives without doing anything. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A call as far as trouble is concerned. */
export interface TroubledCall {
  /** whether it changes something at the provider */
  readonly changes: boolean;
  /** what it is, e.g. `POST /servers` */
  readonly what: string;
}

/** A page of a load balancer, where JSON or XML was expected. */
export const htmlPage = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** Every so many calls of a sort, one of these mishaps, in turn. */
export interface Schedule {
  readonly every: number;
  readonly mishaps: readonly Mishap[];
}

/** The mishaps that are to come: single ones first, then by schedule. */
export class Trouble {
  #single: { readonly mishap: Mishap; readonly fits: (call: TroubledCall) => boolean }[] = [];
  #schedules: { readonly changes: boolean; readonly schedule: Schedule; count: number }[] = [];
  #changes = 0;

  /** calls that changed, or may have changed, something at the provider since the beginning; a doubled one counts once */
  get changes(): number {
    return this.#changes;
  }

  /** Has the next call that fits, and that no mishap waits for yet, meet this one. */
  next(mishap: Mishap, fits: (call: TroubledCall) => boolean = () => true): void {
    this.#single.push({ mishap, fits });
  }

  /** From now on the calls that change something, or those that do not, meet mishaps by that schedule. */
  schedule(which: 'changes' | 'reads', schedule: Schedule): void {
    this.#schedules.push({ changes: which === 'changes', schedule, count: 0 });
  }

  /** Nothing goes wrong any more. */
  calm(): void {
    this.#single = [];
    this.#schedules = [];
  }

  /** What happens to this call; null for nothing. */
  meet(call: TroubledCall): Mishap | null {
    const mishap = this.#coming(call);
    if (call.changes && mishap?.what !== 'refuse' && mishap?.what !== 'stale') this.#changes += 1;
    return mishap;
  }

  #coming(call: TroubledCall): Mishap | null {
    const at = this.#single.findIndex(({ fits }) => fits(call));
    if (at >= 0) return this.#single.splice(at, 1)[0]?.mishap ?? null;
    // every schedule counts every call of its sort, so that adding one does not move another's mishaps
    const due = this.#schedules.filter((one) => one.changes === call.changes).map(scheduled);
    return due.find((mishap) => mishap !== null) ?? null;
  }
}

function scheduled(one: { readonly schedule: Schedule; count: number }): Mishap | null {
  const { every, mishaps } = one.schedule;
  one.count += 1;
  return one.count % every === 0 ? (mishaps[(one.count / every - 1) % mishaps.length] ?? null) : null;
}
