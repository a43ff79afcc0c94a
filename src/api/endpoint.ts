/**
 * An endpoint as data: what it takes, what it answers, and the function between. From this both the route and its
 * entry in the OpenAPI document are made, so that they cannot differ.
 *
 * Input is read by the model's zod schemas themselves, not by the JSON Schemas that are derived from them for the
 * document: a person then reads the model's own words (`a name starts with a lower-case letter…`) wherever the input
 * comes in. Answers are typed by their schemas at compile time and written as they are.
 */
import type { z } from 'zod';
import type { Role } from '../model/access.ts';
import type { About, Need } from './access.ts';
import type { Caller } from './caller.ts';
import type { ApiContext } from './api-context.ts';
import { parseInput } from './invalid-input.ts';
import type { Created, Streamed, Written } from './answer.ts';
import type { Subject } from './subject.ts';

/** A request as the server hands it over, before anybody has read it. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** the bytes of an upload */
  readonly upload: () => AsyncIterable<Uint8Array>;
  /** who asks */
  readonly caller: Caller;
  /** the version that the caller read and expects, by `If-Match`; null when it named none */
  readonly matched: number | null;
  /** aborts when the client goes away or the server stops */
  readonly signal: AbortSignal;
}

/** The same, read. */
export interface Input<P, Q, B> extends RawInput {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** How an endpoint is written down. */
export interface EndpointDefinition<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> {
  /** its name in the OpenAPI document: `listNodes` */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** below `/api/v1`, with parameters in braces */
  readonly path: string;
  /** the least role that a token needs */
  readonly role: Role;
  /** what it is about: compared with the blueprints that a token is limited to */
  readonly about: About;
  /** one line for the reference */
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** of the JSON that it answers; none when absent */
  readonly answer?: A;
  /** 200 with an answer and 204 without, unless said otherwise */
  readonly status?: 200 | 202 | 204 | 207;
  /** content types of streams that it answers, besides or instead of JSON */
  readonly streams?: readonly string[];
  /** the content type of an upload that it takes as a stream */
  readonly takes?: string;
  /** The operation that goes on behind an answer: it is named in `Location`. */
  begins?(answer: z.output<A>): string | null;
  /** it may answer 201 */
  readonly creates?: boolean;
  /** needs no token */
  readonly open?: boolean;
  /** what its ETag and If-Match are about; without it an ETag is of the answer alone, and If-Match is refused */
  readonly subject?: Subject;
  /** doing it again comes to the same, whatever happened in between: so it is, when nobody knows whether it was done */
  readonly repeatable?: boolean;
  /** it acts on a node while it lasts: it ends when its client goes away, also where it has a key */
  readonly attended?: boolean;
  /** it is a list, read page by page; see `listEndpoint` */
  readonly pages?: boolean;
  handle(
    input: Input<z.output<P>, z.output<Q>, z.output<B>>,
    context: ApiContext,
  ): Promise<z.output<A> | Created<z.output<A>> | Streamed | Written>;
}

/** An endpoint whose types are inside. */
export interface Endpoint extends Omit<EndpointDefinition<z.ZodType, z.ZodType, z.ZodType, z.ZodType>, 'handle'> {
  /** Reads the input and handles it. Throws InvalidInput and whatever the handling throws. */
  run(raw: RawInput, context: ApiContext): Promise<unknown>;
}

/** Makes an endpoint of its definition. */
export function endpoint<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  definition: EndpointDefinition<P, Q, B, A>,
): Endpoint {
  const { handle, ...rest } = definition;
  return { ...rest, run: async (raw, context) => handle(readInput(definition, raw), context) };
}

function readInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  { params, query, body }: EndpointDefinition<P, Q, B, A>,
  raw: RawInput,
): Input<z.output<P>, z.output<Q>, z.output<B>> {
  const read = <S extends z.ZodType>(schema: S | undefined, value: unknown, where: string) =>
    (schema === undefined ? undefined : parseInput(schema, value, where)) as z.output<S>;
  return {
    ...raw,
    params: read(params, raw.params, 'path'),
    query: read(query, raw.query, 'query'),
    body: read(body, raw.body, ''),
  };
}

/** Where all endpoints live. */
export const prefix = '/api/v1';

/** The endpoint's route as the HTTP server writes it: `/api/v1/nodes/:reference`. */
export function urlOf({ path }: Endpoint): string {
  return prefix + path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** The status of what it answers, unless it made something. */
export function usualStatusOf({ status, answer }: Endpoint): number {
  return status ?? (answer === undefined ? 204 : 200);
}

/** What the endpoint asks of who comes. */
export function needOf({ operation, role, about, method }: Endpoint): Need {
  return { operation, role, about, changes: method !== 'GET' };
}
