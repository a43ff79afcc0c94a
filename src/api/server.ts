/**
 * The HTTP server: routes from the table of endpoints, the token at the door, problems for whatever goes wrong, streams
 * that end when their listener or the server does. Nothing here knows what an endpoint is about.
 */
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Fault, wordsOf } from '../base/fault.ts';
import { Created, Streamed } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { prefix, urlOf } from './endpoint.ts';
import type { Endpoint, RawInput } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { paced } from './paced.ts';
import { openApiDocument } from './open-api-document.ts';
import { problem, problemOf } from './problem-of.ts';
import { addShellSocket } from './shell-socket.ts';
import { bearerToken } from './token.ts';
import type { VerifyToken } from './token.ts';

/** Blueprints of thousands of families fit; releases are streams and have a limit of their own. */
const largestBodyBytes = 8 * 2 ** 20;

/** Names of secrets are references and may be long. */
const longestParameter = 4096;

/** A server that is ready to listen, or to be injected requests. */
export interface Server {
  readonly app: FastifyInstance;
  /** Ends every request that is under way with the reason. */
  stop(reason: Error): void;
}

/** Builds the server. */
export async function buildServer(context: ApiContext, verify: VerifyToken): Promise<Server> {
  const app = fastify({
    logger: false,
    bodyLimit: largestBodyBytes,
    routerOptions: { maxParamLength: longestParameter },
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/gzip', (_request, payload, done) => done(null, payload));
  app.setErrorHandler((error, request, reply) => sendProblem(context, error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(context, new Fault('not-found', `there is no ${request.method} ${request.url}`), request, reply),
  );
  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers.upgrade !== undefined) endRefusedUpgrade(request, reply);
    done();
  });
  app.addHook('onRequest', async (request, reply) => authorize(request, reply, verify));
  const underWay = new Set<AbortController>();
  await addShellSocket(app, context);
  for (const endpoint of endpoints) addRoute(app, endpoint, context, underWay);
  app.get(`${prefix}/openapi.json`, async (_, reply) => reply.type('application/json').send(await openApiDocument()));
  await app.ready();
  return { app, stop: (reason) => underWay.forEach((controller) => controller.abort(reason)) };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** needs no token */
    open?: boolean;
  }
}

/** The server does not keep count of connections that asked for an upgrade: an answer to one, a refusal, is its end. */
function endRefusedUpgrade({ raw }: FastifyRequest, reply: FastifyReply): void {
  reply.header('connection', 'close');
  reply.raw.once('finish', () => raw.socket.destroySoon());
}

async function authorize(request: FastifyRequest, reply: FastifyReply, verify: VerifyToken): Promise<void> {
  if (request.routeOptions.config.open === true) return;
  const token = bearerToken(request.headers.authorization);
  if (token !== undefined && verify(token)) return;
  const detail =
    token === undefined ? 'no bearer token was presented' : 'the token is not the one of this control plane';
  const next = "the token stands in the file `token` of the control plane's directory";
  await reply
    .code(401)
    .header('www-authenticate', 'Bearer realm="wombat"')
    .type('application/problem+json')
    .send(problem('unauthorized', detail, { next }));
}

function addRoute(app: FastifyInstance, endpoint: Endpoint, context: ApiContext, underWay: Set<AbortController>): void {
  app.route({
    method: endpoint.method,
    url: urlOf(endpoint),
    config: { open: endpoint.open === true },
    handler: async (request, reply) => {
      const controller = new AbortController();
      underWay.add(controller);
      reply.raw.once('close', () => {
        underWay.delete(controller);
        if (!reply.raw.writableFinished) controller.abort(new Fault('unavailable', 'the client went away'));
      });
      const answer = await endpoint.run(rawInput(request, controller.signal), context);
      return answered(endpoint, answer, reply, context);
    },
  });
}

function rawInput(request: FastifyRequest, signal: AbortSignal): RawInput {
  const { params, query, body, headers } = request;
  return { params, query, body, headers, signal, upload: () => uploadOf(request) };
}

/** The request's bytes. Giving up on them early must not cut the connection: the refusal still goes back on it. */
function uploadOf({ body, raw }: FastifyRequest): AsyncIterable<Uint8Array> {
  if (body !== raw) throw new Fault('invalid', 'the archive is missing', { next: 'send it as application/gzip' });
  return { [Symbol.asyncIterator]: () => raw.iterator({ destroyOnReturn: false }) };
}

function answered(endpoint: Endpoint, answer: unknown, reply: FastifyReply, context: ApiContext): FastifyReply {
  if (answer instanceof Streamed) return streamed(answer, reply, context);
  if (answer instanceof Created) return reply.code(201).send(answer.value);
  const status = endpoint.status ?? (endpoint.answer === undefined ? 204 : 200);
  return reply.code(status).send(endpoint.answer === undefined ? undefined : answer);
}

function streamed({ contentType, chunks }: Streamed, reply: FastifyReply, { clock, log }: ApiContext): FastifyReply {
  const drop = () => {
    log.warn({ url: reply.request.url }, 'a listener takes nothing any more and is dropped');
    reply.raw.destroy();
  };
  return reply
    .header('cache-control', 'no-store')
    .type(contentType)
    .send(Readable.from(paced(chunks, clock, drop), { objectMode: true, highWaterMark: 1 }));
}

async function sendProblem(
  { log }: ApiContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const told = problemOf(error);
  if (told.kind === 'unknown')
    log.error(
      { method: request.method, url: request.url, error: wordsOf(error), stack: stackOf(error) },
      'a request failed',
    );
  const waitMs = error instanceof Fault ? error.detail.retryAfterMs : undefined;
  if (waitMs !== undefined) reply.header('retry-after', Math.ceil(waitMs / 1000));
  await reply.code(told.status).type('application/problem+json').send(told);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
