/** From a request to its answer: what is read comes with its tag, what changes something is done under its conditions, once. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Fault } from '../base/fault.ts';
import type { KeptAnswer } from '../store/store.ts';
import { Created, Streamed, Written } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import type { Caller } from './caller.ts';
import { prefix, usualStatusOf } from './endpoint.ts';
import type { Endpoint, RawInput } from './endpoint.ts';
import { enter } from './gate.ts';
import { Upload, contentOf, keyOf } from './once.ts';
import type { Once } from './once.ts';
import { paced } from './paced.ts';
import { etagOf, isKnown, matchedVersion } from './precondition.ts';

const jsonType = 'application/json; charset=utf-8';

/** What every route is served with. */
export interface Serving {
  readonly context: ApiContext;
  readonly once: Once;
}

/** A request that is being answered. */
export interface Answering extends Serving {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** aborts when the server stops, and when the client goes away unless the request outlives it */
  readonly signal: AbortSignal;
}

/** Whether a request is done to its end without its client: it has a key, under which the client can ask again. */
export function outlivesItsClient({ method, attended }: Endpoint, { headers }: FastifyRequest): boolean {
  return method !== 'GET' && attended !== true && headers['idempotency-key'] !== undefined;
}

/** What is read: an answer with its tag, or the word that the reader has it already. Lists and streams have no tag. */
export async function sendRead(endpoint: Endpoint, answering: Answering): Promise<FastifyReply> {
  const { request, reply, context } = answering;
  // first: a change while we look makes the tag too old, never too new
  const standing = await endpoint.subject?.(request, context.store);
  const answer = await endpoint.run(rawInput(answering), context);
  if (answer instanceof Streamed) return streamed(answer, reply, context);
  if (answer instanceof Written) return sendWritten(answer, answering);
  if (endpoint.pages === true) return reply.send(answer);
  const text = JSON.stringify(answer);
  const etag = etagOf(standing, text);
  reply.header('etag', etag);
  if (isKnown(request.headers, etag)) return reply.code(304).send();
  return reply.type(jsonType).send(text);
}

/** A page says before its items where the next one is (RFC 8288): who reads all of a list asks for that while it reads this. */
function sendWritten({ json, next }: Written, { request, reply }: Answering): FastifyReply {
  if (next !== null) {
    const { limit } = request.query as { readonly limit?: string };
    const query = new URLSearchParams({ ...(limit === undefined ? {} : { limit }), cursor: next });
    reply.header('link', `<?${query.toString()}>; rel="next"`);
  }
  return reply.type(jsonType).send(json);
}

/** What changes something. It is in the audit log before it is answered; one that is told again is not entered again. */
export async function sendChange(endpoint: Endpoint, answering: Answering): Promise<FastifyReply> {
  const { request, reply, once, signal } = answering;
  const [key, content] = [keyOf(request), contentOf(request, endpoint)];
  if (key === undefined) return sent(reply, endpoint, await changed(endpoint, answering));
  const id = { token: (request.caller ?? nobody).name, key };
  const upload =
    endpoint.takes !== undefined && request.body === request.raw ? new Upload(uploadOf(request)) : undefined;
  const asked = { id, content, upload, repeatable: endpoint.repeatable === true, signal };
  const done = once.run(asked, () => changed(endpoint, answering, upload));
  const { replayed, ...answer } = await done.finally(() => upload?.stop());
  if (replayed) reply.header('idempotency-replayed', 'true');
  return sent(reply, endpoint, answer);
}

async function changed(endpoint: Endpoint, answering: Answering, upload?: Upload): Promise<KeptAnswer> {
  const { request, context } = answering;
  const condition = { need: endpoint, subject: endpoint.subject, store: context.store };
  const matched = await matchedVersion(request.headers, request, condition);
  const more = { matched, ...(upload === undefined ? {} : { upload: () => upload.read() }) };
  const answer = await endpoint.run(rawInput(answering, more), context);
  const status = statusOf(endpoint, answer);
  await enter(context, request, status);
  return { status, body: bodyOf(endpoint, answer) };
}

const firstRefusal = 400;

function sent(reply: FastifyReply, endpoint: Endpoint, { status, body }: KeptAnswer): FastifyReply {
  const begun = status < firstRefusal ? (endpoint.begins?.(body) ?? null) : null;
  if (begun !== null) reply.header('location', `${prefix}/operations/${begun}`);
  if (status >= firstRefusal) reply.type('application/problem+json');
  return reply.code(status).send(body);
}

/** Who asks what needs no token. */
const nobody: Caller = { name: '', role: 'read', blueprints: [] };

function rawInput({ request, signal }: Answering, more: Partial<RawInput> = {}): RawInput {
  const { params, query, body, headers, caller } = request;
  const upload = () => uploadOf(request);
  return { params, query, body, headers, caller: caller ?? nobody, matched: null, signal, upload, ...more };
}

/** The request's bytes. Giving up on them early must not cut the connection: the refusal still goes back on it. */
function uploadOf({ body, raw }: FastifyRequest): AsyncIterable<Uint8Array> {
  if (body !== raw) throw new Fault('invalid', 'the archive is missing', { next: 'send it as application/gzip' });
  return { [Symbol.asyncIterator]: () => raw.iterator({ destroyOnReturn: false }) };
}

function statusOf(endpoint: Endpoint, answer: unknown): number {
  if (answer instanceof Streamed) return 200;
  return answer instanceof Created ? 201 : usualStatusOf(endpoint);
}

function bodyOf(endpoint: Endpoint, answer: unknown): unknown {
  if (answer instanceof Created) return answer.value;
  return endpoint.answer === undefined ? undefined : answer;
}

function streamed(
  { contentType, chunks, headers }: Streamed,
  reply: FastifyReply,
  { clock, log }: ApiContext,
): FastifyReply {
  const drop = () => {
    log.warn({ url: reply.request.url }, 'a listener takes nothing any more and is dropped');
    reply.raw.destroy();
  };
  return reply
    .headers({ ...headers, 'cache-control': 'no-store' })
    .type(contentType)
    .send(Readable.from(paced(chunks, clock, drop), { objectMode: true, highWaterMark: 1 }));
}
