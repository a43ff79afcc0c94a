import { z } from 'zod';
import { Event } from '../../model/event.ts';
import type { EventSelector, Store } from '../../store/store.ts';
import { Streamed } from '../answer.ts';
import { ownOnly } from '../caller.ts';
import { eventStream, lastSequence, refuseGone } from '../event-stream.ts';
import { listEndpoint } from '../list-endpoint.ts';
import type { Part } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { numberAt } from '../part-of.ts';

const after = z.coerce
  .number()
  .int()
  .min(0)
  .optional()
  .describe('only events with a greater sequence, oldest first; without it the newest come first');

/** Pages as JSON, or for `Accept: text/event-stream` everything from there on as it happens. */
export const eventList = listEndpoint({
  operation: 'listEvents',
  path: '/events',
  role: 'read',
  about: 'list',
  summary: 'What happened: pages of events, or a stream that resumes by Last-Event-ID',
  query: { ...BlueprintQuery.shape, after },
  item: Event,
  more: {
    last: z.int(),
    first: z.int().describe('the oldest event that is kept: all from there on are'),
  },
  streams: ['text/event-stream'],
  async stream({ query, headers, signal, caller }, context) {
    if (!String(headers.accept).includes('text/event-stream')) return undefined;
    const from = lastEventId(headers['last-event-id']) ?? query.after;
    // said before the stream begins
    if (from !== undefined) await refuseGone(context.store, from);
    return new Streamed(
      'text/event-stream',
      eventStream(context, { ...query, after: from, ...ownOnly(caller) }, signal),
    );
  },
  async read({ query, caller, part }, { store }) {
    // first: what comes in from now on is behind `last`, and in no page
    const last = await lastSequence(store);
    const named = query.blueprint === undefined ? {} : { blueprint: query.blueprint };
    const selector = { limit: part.limit + 1, ...named, ...ownOnly(caller) };
    const events = await eventsIn(store, { selector, last, from: query.after }, part);
    return {
      found: events.map((item) => ({ item, at: [String(item.sequence)] })),
      more: { last, first: await store.firstEvent() },
    };
  },
});

interface Asked {
  readonly selector: Omit<EventSelector, 'after'>;
  readonly last: number;
  readonly from: number | undefined;
}

async function eventsIn(store: Store, { selector, last, from }: Asked, { after: at }: Part): Promise<readonly Event[]> {
  const position = at === undefined ? undefined : numberAt(at);
  if (from === undefined) return (await store.recentEvents({ ...selector, before: position ?? last + 1 })).toReversed();
  const after = Math.max(from, position ?? 0);
  await refuseGone(store, after);
  const events = await store.events({ ...selector, after });
  return events.filter(({ sequence }) => sequence <= last);
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  const id = Number(header ?? NaN);
  return Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}
