/**
 * What providers say exists of ours, asked for together: many machines of one provider are looked for at nearly the same
 * time, and share one listing.
 */
import { withDeadline } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Cloud, Owned } from '../cloud/cloud.ts';

const listMs = 60_000;

/** What one listing showed. */
export interface Listing {
  /** when it was begun, monotonic milliseconds: what was done later need not be in it */
  readonly at: number;
  readonly owned: readonly Owned[];
  /** why it is not complete: then nothing may be concluded about what is missing; null when it is */
  readonly error: Error | null;
}

/** A listing under way, or one that was the last. */
interface Begun {
  readonly at: number;
  readonly answer: Promise<Listing>;
  ended: boolean;
}

/** The last listing of every provider. */
export class Listings {
  readonly #clock: Clock;
  readonly #owner: string;
  readonly #last = new Map<string, Begun>();

  constructor(clock: Clock, owner: string) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** A listing that was begun `sinceMs` (monotonic) or later. Never rejects: a provider that cannot be asked is an answer too. */
  async since(provider: string, cloud: Cloud, sinceMs: number): Promise<Listing> {
    for (let last = this.#last.get(provider); last !== undefined; last = this.#last.get(provider)) {
      if (last.at >= sinceMs) return await last.answer;
      if (last.ended) break;
      // one at a time: all who come too late for this one share the next
      await last.answer;
    }
    const begun = this.#begin(provider, cloud);
    this.#last.set(provider, begun);
    return await begun.answer;
  }

  /** A listing that is not older than that. */
  recent(provider: string, cloud: Cloud, maxAgeMs: number): Promise<Listing> {
    return this.since(provider, cloud, this.#clock.monotonic() - maxAgeMs);
  }

  #begin(provider: string, cloud: Cloud): Begun {
    const at = this.#clock.monotonic();
    const begun: Begun = { at, answer: this.#ask(provider, cloud, at), ended: false };
    void begun.answer.then(() => (begun.ended = true));
    return begun;
  }

  async #ask(provider: string, cloud: Cloud, at: number): Promise<Listing> {
    const owned: Owned[] = [];
    const deadline = { ms: listMs, what: `the listing of provider ${provider}` };
    try {
      await withDeadline(this.#clock, deadline, async (signal) => {
        for await (const one of cloud.list(this.#owner, signal)) owned.push(one);
      });
      return { at, owned, error: null };
    } catch (error) {
      return { at, owned: [...owned], error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}
