/**
 * Follows events over broken connections: each new one asks for what is behind the last event seen, so that none is
 * lost and none comes twice. A control plane that cannot be reached for a minute is given up.
 */
import { sleep } from '../base/clock.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Event } from '../model/event.ts';
import { EventParser } from './event-parser.ts';
import { ProblemError } from './problem-error.ts';
import type { Wire } from './wire.ts';

/** The control plane shows that it is there every 15 s; three missed signs are silence. */
const silenceMs = 45_000;
const pauseMs = 1_000;
const patienceMs = 60_000;

/** What is followed, by whom. */
export interface Following {
  readonly wire: Wire;
  readonly clock: Clock;
  /** events behind it; from now on when it is undefined */
  readonly after: number | undefined;
  readonly blueprint: string | undefined;
  readonly signal: AbortSignal;
}

/** All events as they come, until the signal aborts. Throws ProblemError when the control plane refuses or stays away. */
export async function* followEvents(following: Following): AsyncGenerator<Event> {
  const { clock, signal } = following;
  const place = { after: following.after };
  let heardMs = clock.monotonic();
  while (!signal.aborted) {
    try {
      for await (const event of connection(following, place)) {
        heardMs = clock.monotonic();
        if (event !== null) yield event;
      }
    } catch (error) {
      if (isFinal(error) || clock.monotonic() - heardMs > patienceMs) throw error;
    }
    await sleep(clock, pauseMs, signal).catch(() => undefined);
  }
}

/** What another try cannot help: the control plane said no. Anything else is a broken connection. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.problem.kind !== 'unavailable' && error.problem.kind !== 'timeout';
}

/** One connection's events until it ends; null for a sign of life without an event. `place` moves along. */
async function* connection(
  { wire, clock, blueprint, signal: outer }: Following,
  place: { after: number | undefined },
): AsyncGenerator<Event | null> {
  const silence = new Silence(clock);
  const signal = AbortSignal.any([outer, silence.signal]);
  try {
    const parser = new EventParser();
    for await (const text of texts(await wire.stream(pathOf(place.after, blueprint), { headers, signal }))) {
      silence.broken();
      for (const { id, data } of parser.push(text)) {
        if (id !== undefined) place.after = Number(id);
        if (data !== undefined) yield JSON.parse(data) as Event;
      }
      yield null;
    }
  } catch (error) {
    if (!outer.aborted) throw wire.broken(error, outer);
  } finally {
    silence.end();
  }
}

const headers = { accept: 'text/event-stream' };

function pathOf(after: number | undefined, blueprint: string | undefined): string {
  const query = new URLSearchParams();
  if (after !== undefined) query.set('after', String(after));
  if (blueprint !== undefined) query.set('blueprint', blueprint);
  return `/events?${query.toString()}`;
}

async function* texts(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) yield decoder.decode(chunk as Uint8Array, { stream: true });
}

/** Ends a connection over which nothing comes any more. */
class Silence {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  broken(): void {
    this.#timer.cancel();
    this.#timer = this.#start();
  }

  end(): void {
    this.#timer.cancel();
    this.#controller.abort();
  }

  #start(): Timer {
    return this.#clock.after(silenceMs, () => this.#controller.abort(new Error(`silent for ${silenceMs / 1000} s`)));
  }
}
