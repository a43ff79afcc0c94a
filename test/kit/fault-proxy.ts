/**
 * An HTTP proxy that stands in front of a provider's API and has calls meet trouble: answers that are lost, late,
 * doubled, cut or another page's, refusals with Retry-After, reads that lag. It reads nothing of any API: the test says
 * which requests change something. Headers pass as they came, `Host` too, so that signatures stay right.
 */
import { createServer, request as requestPlain } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as requestSecure } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { serve } from './sockets.ts';
import { Trouble } from './trouble.ts';
import type { Mishap } from './trouble.ts';

/** A request as it came. */
export interface PassingRequest {
  readonly method: string;
  /** path and query */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What stands behind the proxy. */
export interface FaultProxyOptions {
  /** origin of the real one, and a path before all of its paths where it has one: `http://127.0.0.1:5000` */
  readonly upstream: string;
  /** Whether the request changes something at the provider; a login, say, does not. */
  changes(request: PassingRequest): boolean;
  /** trouble that several proxies share; one of its own when absent */
  readonly trouble?: Trouble;
  /** Changes an answer's text on its way back, where it holds addresses that would lead past the proxy. */
  rewrite?(text: string): string;
}

/** A proxy that listens. */
export interface FaultProxy {
  readonly url: string;
  readonly trouble: Trouble;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Passing {
  readonly options: FaultProxyOptions;
  readonly request: PassingRequest;
  readonly response: ServerResponse;
  /** the last answers to reads, by request */
  readonly seen: Map<string, Answer>;
}

/** Opens the proxy on a free port of the loopback. */
export async function openFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const trouble = options.trouble ?? new Trouble();
  const seen = new Map<string, Answer>();
  const server = createServer((message, response) => {
    pass(options, trouble, { message, response, seen }).catch(() => response.destroy());
  });
  const { origin: url, close } = await serve(server);
  return { url, trouble, close };
}

async function pass(
  options: FaultProxyOptions,
  trouble: Trouble,
  { message, response, seen }: { message: IncomingMessage; response: ServerResponse; seen: Map<string, Answer> },
): Promise<void> {
  const body = (await buffer(message)).toString();
  const { method = 'GET', url: path = '/', headers } = message;
  const request = { method, path, headers, body };
  const mishap = trouble.meet({ changes: options.changes(request), what: `${method} ${path}` });
  await happen({ options, request, response, seen }, mishap);
}

/** Does to the request what is to happen to it. */
async function happen(passing: Passing, mishap: Mishap | null): Promise<void> {
  const { response } = passing;
  switch (mishap?.what) {
    case undefined:
      send(response, await forward(passing));
      break;
    case 'lose':
      await forward(passing);
      response.destroy();
      break;
    case 'late':
      response.destroy();
      await pause(mishap.ms);
      await forward(passing);
      break;
    case 'double': {
      const [first] = await Promise.all([forward(passing), forward(passing)]);
      send(response, first);
      break;
    }
    case 'cut':
      cut(response, await forward(passing));
      break;
    case 'instead':
      await forward(passing);
      send(response, answerOf(mishap.status, { 'content-type': mishap.type }, mishap.text));
      break;
    case 'refuse':
      send(response, answerOf(mishap.refusal.status, mishap.refusal.headers, mishap.refusal.text));
      break;
    case 'stale':
      send(response, passing.seen.get(keyOf(passing.request)) ?? (await forward(passing)));
      break;
  }
}

function answerOf(status: number, headers: Readonly<Record<string, string>>, text: string): Answer {
  return { status, headers, body: Buffer.from(text) };
}

function keyOf({ method, path, body }: PassingRequest): string {
  return `${method} ${path} ${body}`;
}

/** Has the provider answer; a read's answer is remembered for those that lag. */
async function forward({ options, request, seen }: Passing): Promise<Answer> {
  const answer = await ask(new URL(options.upstream), request);
  const isText = !(answer.headers['content-encoding'] ?? '').includes('gzip');
  const rewritten =
    options.rewrite !== undefined && isText
      ? { ...answer, body: Buffer.from(options.rewrite(answer.body.toString())) }
      : answer;
  if (!options.changes(request)) seen.set(keyOf(request), rewritten);
  return rewritten;
}

function ask(upstream: URL, { method, path, headers, body }: PassingRequest): Promise<Answer> {
  const start = upstream.protocol === 'https:' ? requestSecure : requestPlain;
  const url = `${upstream.origin}${upstream.pathname.replace(/\/$/, '')}${path}`;
  // a proxy's connection is its own; the answer comes uncompressed, so that it can be cut and rewritten
  const { connection: _connection, 'accept-encoding': _encoding, ...kept } = headers;
  return new Promise((resolve, reject) => {
    const outgoing = start(url, { method, headers: kept, agent: false }, (incoming) => {
      const { statusCode = 502, headers: answered } = incoming;
      buffer(incoming).then((whole) => resolve({ status: statusCode, headers: answered, body: whole }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...framed(headers), 'content-length': body.length });
  response.end(body);
}

/** The head of the whole answer, and half of its body. */
function cut(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...framed(headers), 'content-length': body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

function framed(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { 'transfer-encoding': _transfer, connection: _connection, 'keep-alive': _alive, ...kept } = headers;
  return kept;
}
