/**
 * The gate: every request passes it on its way in, and those that change something on their way out.
 *
 * The audit log. Each request that changes something is appended with its outcome before it is answered: what was
 * acknowledged is on disk. Requests that are answered in the same turn share one commit, and reading costs none. A crash
 * between the act and its answer leaves an act without an entry, and a client that knows it got no answer. When the entry
 * cannot be written, the answer is that failure. Requests without a valid token are not entered: anybody can send those.
 * Bodies and queries are never part of an entry (I8).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { concernOf, refuseByRole, refuseForeign } from './access.ts';
import type { Need } from './access.ts';
import type { Caller } from './caller.ts';
import type { ApiContext } from './api-context.ts';
import { problem } from './problem-of.ts';
import { bearerToken, recognise } from './token.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** needs no token */
    open?: boolean;
    /** what it asks of who comes; a route without, and not open, cannot be added */
    need?: Need;
  }
  interface FastifyRequest {
    caller: Caller | null;
    /** what it is about, once that is known */
    blueprint: string | null;
  }
}

/** Puts the gate before every route. To be called before any is added. */
export function addGate(app: FastifyInstance, context: ApiContext): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('blueprint', null);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.need === undefined && config?.open !== true)
      throw new Error(`${String(method)} ${url} does not say what it asks of who comes`);
  });
  app.addHook('onRequest', async (request, reply) => authenticate(request, reply, context));
  app.addHook('preHandler', async (request) => {
    const { caller, params, query, body, routeOptions } = request;
    const { need } = routeOptions.config;
    if (caller === null || need === undefined) return;
    const concern = await concernOf(need, { params, query, body }, context.store);
    request.blueprint = concern === 'installation' ? null : (concern[0] ?? null);
    refuseForeign(caller, need, concern);
  });
}

async function authenticate(request: FastifyRequest, reply: FastifyReply, context: ApiContext): Promise<void> {
  const { open, need } = request.routeOptions.config;
  if (open === true) return;
  const recognised = await recognise(bearerToken(request.headers.authorization), context);
  if (recognised.caller === null) {
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer realm="wombat"')
      .type('application/problem+json')
      .send(problem('unauthorized', recognised.why, { next: recognised.next }));
    return;
  }
  request.caller = recognised.caller;
  if (need !== undefined) refuseByRole(recognised.caller, need);
}

/** Enters in the audit log what a request came to, where it belongs there. Durable when it resolves. Fault unavailable. */
export async function enter({ store }: ApiContext, request: FastifyRequest, status: number): Promise<void> {
  const { caller, blueprint, method, url, routeOptions } = request;
  const { need } = routeOptions.config;
  if (caller === null || need?.changes !== true) return;
  const [path = url] = url.split('?', 1);
  await store.audit.append({ token: caller.name, method, path, operation: need.operation, blueprint, status });
}
