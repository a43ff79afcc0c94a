/**
 * The HTTP server: routes from the table of endpoints, the gate before them, problems for whatever goes wrong, streams
 * that end when their listener or the server does. Nothing here knows what an endpoint is about.
 */
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { Fault, wordsOf } from '../base/fault.ts';
import type { Problem } from '../model/problem.ts';
import type { ApiContext } from './api-context.ts';
import { needOf, prefix, urlOf } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { addGate, enter } from './gate.ts';
import { openApiDocument } from './open-api-document.ts';
import { Once } from './once.ts';
import { problemOf } from './problem-of.ts';
import { outlivesItsClient, sendChange, sendRead } from './respond.ts';
import type { Serving } from './respond.ts';
import { addShellSocket } from './shell-socket.ts';

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
export async function buildServer(context: ApiContext): Promise<Server> {
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
  addGate(app, context);
  const underWay = new Set<AbortController>();
  await addShellSocket(app, context);
  const serving: Serving = { context, once: new Once(context) };
  for (const endpoint of endpoints) addRoute(app, endpoint, serving, underWay);
  const need = { operation: 'showDocument', role: 'read', about: 'shared', changes: false } as const;
  app.get(`${prefix}/openapi.json`, { config: { need } }, async (_, reply) =>
    reply.type('application/json').send(await openApiDocument()),
  );
  await app.ready();
  return { app, stop: (reason) => underWay.forEach((controller) => controller.abort(reason)) };
}

/** The server does not keep count of connections that asked for an upgrade: an answer to one, a refusal, is its end. */
function endRefusedUpgrade({ raw }: FastifyRequest, reply: FastifyReply): void {
  reply.header('connection', 'close');
  reply.raw.once('finish', () => raw.socket.destroySoon());
}

function addRoute(app: FastifyInstance, endpoint: Endpoint, serving: Serving, underWay: Set<AbortController>): void {
  app.route({
    method: endpoint.method,
    url: urlOf(endpoint),
    config: endpoint.open === true ? { open: true } : { need: needOf(endpoint) },
    handler: async (request, reply) => {
      const controller = new AbortController();
      const over = () => void underWay.delete(controller);
      underWay.add(controller);
      const stays = outlivesItsClient(endpoint, request);
      reply.raw.once('close', () => {
        if (stays) return;
        over();
        if (!reply.raw.writableFinished) controller.abort(new Fault('unavailable', 'the client went away'));
      });
      const answering = { request, reply, signal: controller.signal, ...serving };
      if (endpoint.method === 'GET') return sendRead(endpoint, answering);
      return await sendChange(endpoint, answering).finally(stays ? over : undefined);
    },
  });
}

async function sendProblem(
  context: ApiContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const told = await problemEntered(context, error, request);
  if (told.kind === 'unknown')
    context.log.error(
      { method: request.method, url: request.url, error: wordsOf(error), stack: stackOf(error) },
      'a request failed',
    );
  if (!request.raw.complete) discardRest(request.raw, context);
  const waitMs = error instanceof Fault ? error.detail.retryAfterMs : undefined;
  if (waitMs !== undefined) reply.header('retry-after', Math.ceil(waitMs / 1000));
  await reply.code(told.status).type('application/problem+json').send(told);
}

/** How long a client may go on sending what was refused, milliseconds. */
const discardMs = 30_000;

/**
 * What is still on its way of a body that was refused half read is taken and forgotten. To end the connection at once would
 * lose the answer, because the client is still writing; to leave the bytes would lose the next request on it.
 */
function discardRest(body: IncomingMessage, { clock }: ApiContext): void {
  const timer = clock.after(discardMs, () => body.socket.destroy());
  body.once('close', () => timer.cancel());
  body.resume();
}

/** The problem to tell, entered in the audit log; where that fails, the problem is that. */
async function problemEntered(context: ApiContext, error: unknown, request: FastifyRequest): Promise<Problem> {
  const told = problemOf(error);
  try {
    await enter(context, request, told.status);
    return told;
  } catch (failure) {
    context.log.error(
      { error: wordsOf(failure), status: told.status },
      'a request could not be entered in the audit log',
    );
    return problemOf(failure);
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
