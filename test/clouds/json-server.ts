/** Scripted clouds that speak JSON: an answer for each request, on a free port of the loopback. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { serve } from '../kit/sockets.ts';

/** A request, read whole. */
export interface JsonRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** What is answered: `body` as JSON, or nothing. */
export interface JsonAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that listens. */
export interface JsonServer {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Opens one. What `answer` throws is a 500 with its words. */
export async function openJsonServer(answer: (request: JsonRequest) => JsonAnswer): Promise<JsonServer> {
  const server = createServer((message, response) => {
    handle(answer, message, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    });
  });
  const { origin, close } = await serve(server);
  return { origin, stop: close };
}

async function handle(
  answer: (request: JsonRequest) => JsonAnswer,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', headers, url = '/' } = message;
  const hasBody = Number(headers['content-length'] ?? 0) > 0;
  const sent = hasBody ? await json(message) : undefined;
  const { status, body, headers: own } = answer({ method, url: new URL(url, 'http://x'), headers, body: sent });
  const content = body === undefined ? '' : JSON.stringify(body);
  const length = { 'content-length': Buffer.byteLength(content) };
  response.writeHead(status, { 'content-type': 'application/json', ...length, ...own });
  response.end(content);
}
