/**
 * Events as server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html): `id` is the sequence, so that
 * Last-Event-ID resumes without a gap. A listener is served from the store at its own pace, from the last event that it
 * took: however slow it is, nothing piles up here.
 */
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { Event } from '../model/event.ts';
import type { EventSelector, Store } from '../store/store.ts';
import { Bell } from './bell.ts';

/** A comment after so long a silence shows both sides that the connection stands. */
const heartbeatMs = 15_000;
const batch = 500;

/** Which events: those behind `after`; from now on when it is not given. */
export interface EventStreamQuery {
  readonly after?: number | undefined;
  readonly blueprint?: string | undefined;
  /** those of any of these */
  readonly blueprints?: readonly string[];
}

/** The stream's chunks, until the signal aborts. */
export async function* eventStream(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { after, blueprint, ...own }: EventStreamQuery,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const bell = new Bell(clock);
  const unsubscribe = store.subscribe(({ events }) => {
    if (events.length > 0) bell.ring();
  });
  try {
    let last = after ?? (await lastSequence(store));
    // an id without data is no event, but it is where a resume begins
    yield `retry: 1000\nid: ${last}\n\n`;
    while (!signal.aborted) {
      await refuseGone(store, last);
      const selector: EventSelector = {
        after: last,
        limit: batch,
        ...own,
        ...(blueprint === undefined ? {} : { blueprint }),
      };
      const events = await store.events(selector);
      last = events.at(-1)?.sequence ?? last;
      if (events.length > 0) yield events.map(asMessage).join('');
      else if (!(await bell.heard(heartbeatMs, signal))) yield ':\n\n';
    }
  } finally {
    unsubscribe();
  }
}

/** Fault not-found where events behind that sequence are not kept any more: whoever reads on from there would miss some. */
export async function refuseGone(store: Store, after: number): Promise<void> {
  const first = await store.firstEvent();
  if (after >= first - 1) return;
  throw new Fault('not-found', `events up to ${first - 1} are not kept any more: those after ${after} cannot be read`, {
    object: `event ${after + 1}`,
    next: `begin with after=${first - 1}, or without it for the newest`,
  });
}

/** The sequence of the newest event; 0 before the first. */
export async function lastSequence(store: Store): Promise<number> {
  return (await store.recentEvents({ limit: 1 }))[0]?.sequence ?? 0;
}

function asMessage(event: Event): string {
  return `id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`;
}
