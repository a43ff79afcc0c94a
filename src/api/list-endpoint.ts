/**
 * Lists are read page by page, all in the same way: `limit` and `cursor` in, `items` and `next` out. A cursor holds where
 * the last item of a page stands in the order of its list, and no number of items: what is added or removed meanwhile
 * makes no other item come twice or be left out. It is nobody's secret and gives no rights: whoever asks sees of any
 * page what is theirs to see.
 */
import { z } from 'zod';
import { Fault } from '../base/fault.ts';
import { Written } from './answer.ts';
import type { Streamed } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { endpoint } from './endpoint.ts';
import type { Endpoint, EndpointDefinition, Input } from './endpoint.ts';
import type { WrittenPage } from '../store/store.ts';

/** Items of a page when none are asked for, and the most that may be. */
const [usualLimit, largestLimit] = [100, 1000];

/** Where an item stands in the order of its list; as many texts as its list says. */
export type Position = readonly string[];

/** Which part of a list is asked for. */
export interface Part {
  readonly limit: number;
  /** behind it; from the beginning when undefined */
  readonly after: Position | undefined;
}

/** An item, and where it stands; null for one that went while we looked. */
export interface Standing<I> {
  readonly item: I | null;
  readonly at: Position;
}

/** A list as it is written down. */
interface ListDefinition<P extends z.ZodType, Q extends z.ZodRawShape, I extends z.ZodType> extends Pick<
  EndpointDefinition<P, z.ZodType, z.ZodType, z.ZodType>,
  'operation' | 'path' | 'role' | 'about' | 'summary' | 'params' | 'streams'
> {
  /** besides `limit` and `cursor` */
  readonly query?: Q;
  readonly item: I;
  /** answered besides `items` and `next` */
  readonly more?: Readonly<Record<string, z.ZodType>>;
  /** answers a stream instead, where one is asked for */
  stream?(input: ListInput<P, Q>, context: ApiContext): Promise<Streamed | undefined>;
  /** answers a page as the store has written it, where nothing of it has to be read: long lists are mostly that */
  written?(input: ListInput<P, Q>, context: ApiContext): Promise<WrittenPage | undefined>;
  /** The items behind a position, in the order of the list: `limit` and one more, where there are so many. */
  read(input: ListInput<P, Q>, context: ApiContext): Promise<Found<z.output<I>>>;
}

/** Items as they stand, and what is answered besides them. */
interface Found<I> {
  readonly found: readonly Standing<I>[];
  readonly more?: Readonly<Record<string, unknown>>;
}

type ListInput<P extends z.ZodType, Q extends z.ZodRawShape> = Input<
  z.output<P>,
  z.output<z.ZodObject<Q>>,
  undefined
> & { readonly part: Part };

/** Makes the endpoint of a list. */
export function listEndpoint<
  P extends z.ZodType,
  Q extends z.ZodRawShape = z.ZodRawShape,
  I extends z.ZodType = z.ZodType,
>(definition: ListDefinition<P, Q, I>): Endpoint {
  const { operation, path, role, about, summary, params, query, item, more = {}, streams = [] } = definition;
  return endpoint({
    ...{ operation, path, role, about, summary, streams, pages: true, method: 'GET' },
    ...(params === undefined ? {} : { params }),
    query: z.object({ ...query, ...pageQuery }),
    answer: z.object({ items: z.array(item), next: z.string().nullable(), ...more }),
    async handle({ query: asked, ...rest }, context) {
      const { limit, cursor } = asked as unknown as PageQuery;
      const part: Part = { limit, after: cursor === undefined ? undefined : positionIn(cursor, operation) };
      const input = { ...rest, query: asked, part } as unknown as ListInput<P, Q>;
      const streamed = await definition.stream?.(input, context);
      if (streamed !== undefined) return streamed;
      const written = await definition.written?.(input, context);
      if (written !== undefined) return asWritten(written, operation);
      const { found, more: besides } = await definition.read(input, context);
      return { ...pageOf(found, limit, operation), ...besides };
    },
  });
}

const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(largestLimit)
    .default(usualLimit)
    .describe(`the most items of a page: ${usualLimit} when absent, ${largestLimit} at the most`),
  cursor: z
    .string()
    .max(4096)
    .optional()
    .describe('`next` of the page before: goes on behind it; asked for with the same other parameters'),
};

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

function pageOf<I>(
  found: readonly Standing<I>[],
  limit: number,
  operation: string,
): { items: I[]; next: string | null } {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next = found.length > limit && last !== undefined ? cursorOf(operation, last.at) : null;
  return { items: shown.flatMap(({ item }) => (item === null ? [] : [item])), next };
}

function asWritten({ text, next }: WrittenPage, operation: string): Written {
  const cursor = next === null ? null : cursorOf(operation, next);
  return new Written(Buffer.concat([itemsHead, text, Buffer.from(`],"next":${JSON.stringify(cursor)}}`)]), cursor);
}

const itemsHead = Buffer.from('{"items":[');

function cursorOf(operation: string, position: Position): string {
  return Buffer.from(JSON.stringify([operation, ...position])).toString('base64url');
}

/** Where a cursor leads. Fault invalid for what is none, or none of this list. */
function positionIn(cursor: string, operation: string): Position {
  const [of, ...position] = textsIn(cursor);
  if (of === operation && position.length > 0) return position;
  const why = of === undefined ? 'it is no cursor of ours' : `it is one of ${of}`;
  throw new Fault('invalid', `this cursor cannot be used for ${operation}: ${why}`, {
    object: 'cursor',
    next: 'use `next` of a page as it was answered, or begin without one',
  });
}

function textsIn(cursor: string): readonly string[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(read) && read.every((part) => typeof part === 'string') ? read : [];
  } catch {
    return [];
  }
}
