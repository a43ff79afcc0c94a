import { z } from 'zod';
import { EventPage } from '../../model/exchange.ts';
import type { Store } from '../../store/store.ts';
import { Streamed } from '../answer.ts';
import { ownOnly } from '../caller.ts';
import type { Caller } from '../caller.ts';
import { endpoint } from '../endpoint.ts';
import { eventStream, lastSequence } from '../event-stream.ts';
import { BlueprintQuery } from '../parameters.ts';

const EventQuery = BlueprintQuery.extend({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('events with a greater sequence; without it a page holds the newest'),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('the most events of a page'),
});
type EventQuery = z.output<typeof EventQuery>;

/** One page as JSON, or for `Accept: text/event-stream` everything from there on as it happens. */
export const eventList = endpoint({
  operation: 'listEvents',
  method: 'GET',
  path: '/events',
  role: 'read',
  about: 'list',
  summary: 'What happened: a page of events, or a stream that resumes by Last-Event-ID',
  query: EventQuery,
  answer: EventPage,
  streams: ['text/event-stream'],
  handle({ query, headers, signal, caller }, context) {
    if (!String(headers.accept).includes('text/event-stream')) return page(context.store, query, caller);
    const after = lastEventId(headers['last-event-id']) ?? query.after;
    return Promise.resolve(
      new Streamed('text/event-stream', eventStream(context, { ...query, after, ...ownOnly(caller) }, signal)),
    );
  },
});

async function page(store: Store, query: EventQuery, caller: Caller): Promise<EventPage> {
  const { limit, after } = query;
  const named = query.blueprint === undefined ? {} : { blueprint: query.blueprint };
  const selector = { limit, ...named, ...ownOnly(caller) };
  const found = after === undefined ? await store.recentEvents(selector) : await store.events({ ...selector, after });
  return { events: [...found], next: found.at(-1)?.sequence ?? after ?? (await lastSequence(store)) };
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  const id = Number(header ?? NaN);
  return Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}
