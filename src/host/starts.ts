/**
 * Starts that are asked for in the same turn of the event loop, done in one exchange: most of what a start costs on both sides is the
 * exchange itself. Each stays its own: who gives up is told so at once, and the others are not; the exchange is given up with
 * the last one who waits for it. One of which the exchange says nothing is started alone, which tells why in its own words.
 */
import { unlessAborted } from '../base/abort.ts';
import { nextTurn } from '../base/clock.ts';
import type { NodeOrder, Started } from './host.ts';

/** How starts are done on one host. */
export interface Starting {
  alone(order: NodeOrder, signal: AbortSignal | undefined): Promise<Started>;
  /** null for an order of which nothing was said */
  together(orders: readonly NodeOrder[], signal: AbortSignal): Promise<readonly (Started | null)[]>;
}

interface Waiting {
  readonly order: NodeOrder;
  readonly signal: AbortSignal | undefined;
  resolve(started: Promise<Started>): void;
}

/** As many in one exchange at most: each is a process or two on the host. */
const atOnce = 16;

/** The starts of one host. */
export class Starts {
  readonly #starting: Starting;
  #waiting: Waiting[] = [];

  constructor(starting: Starting) {
    this.#starting = starting;
  }

  /** Starts a node, beside those that are asked for in the same turn. */
  add(order: NodeOrder, signal?: AbortSignal): Promise<Started> {
    return new Promise((resolve) => {
      if (this.#waiting.push({ order, signal, resolve }) === 1) void nextTurn().then(() => this.#begin());
    });
  }

  #begin(): void {
    const waiting = this.#waiting.filter(({ signal }) => signal?.aborted !== true);
    for (const one of this.#waiting)
      if (one.signal?.aborted === true) one.resolve(Promise.reject(one.signal.reason as Error));
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += atOnce) this.#exchange(waiting.slice(at, at + atOnce));
  }

  #exchange(waiting: readonly Waiting[]): void {
    const [only] = waiting;
    if (waiting.length === 1 && only !== undefined) {
      only.resolve(this.#starting.alone(only.order, only.signal));
      return;
    }
    const everybody = new AbortController();
    const leave = () => {
      if (waiting.every(({ signal }) => signal?.aborted === true)) everybody.abort(waiting[0]?.signal?.reason);
    };
    for (const { signal } of waiting) signal?.addEventListener('abort', leave);
    const answers = this.#starting.together(
      waiting.map(({ order }) => order),
      everybody.signal,
    );
    const done = () => waiting.forEach(({ signal }) => signal?.removeEventListener('abort', leave));
    answers.then(done, done);
    waiting.forEach((one, at) => one.resolve(this.#answer(one, at, answers)));
  }

  async #answer(
    { order, signal }: Waiting,
    at: number,
    answers: Promise<readonly (Started | null)[]>,
  ): Promise<Started> {
    const answer = (await (signal === undefined ? answers : unlessAborted(signal, answers)))[at];
    return answer ?? this.#starting.alone(order, signal);
  }
}
