/**
 * Shells over WebSocket: `GET /api/v1/nodes/{reference}/shell`, the one route that is no request and answer, and therefore no
 * entry of the OpenAPI document. Each text message is one JSON object: a `ShellPiece` from us, a `ShellInput` from the
 * person. The shell ends with the socket, and the socket with the shell.
 */
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket as Socket } from '@fastify/websocket';
import type { z } from 'zod';
import { wordsOf } from '../base/fault.ts';
import { ShellInput, ShellSettings } from '../model/exchange.ts';
import type { Need } from './access.ts';
import type { ApiContext } from './api-context.ts';
import { prefix } from './endpoint.ts';
import { enter } from './gate.ts';
import { findNode } from './find.ts';
import { parseInput } from './invalid-input.ts';
import { NodeParameter } from './parameters.ts';
import type { ShellSession } from './ports.ts';

/** A line of a person is short; RFC 6455 names 1008 for what breaks our rules, 1011 for what broke here. */
const largestMessageBytes = 256 * 1024;
const [brokenRule, ourFault] = [1008, 1011];
/** The reason of a closing frame has at most 123 bytes. */
const longestReason = 120;

/** Switching protocols: the status of a socket that was opened. */
const opened = 101;

const need: Need = { operation: 'openShell', role: 'operate', about: 'node', changes: true };

/** Adds the route. To be called before any other route is added. */
export async function addShellSocket(app: FastifyInstance, context: ApiContext): Promise<void> {
  await app.register(websocket, { options: { maxPayload: largestMessageBytes } });
  app.get(`${prefix}/nodes/:reference/shell`, { websocket: true, config: { need } }, (socket, request) => {
    // what is typed before the shell stands is kept: the library drops what nobody listens to
    const early: string[] = [];
    const keep = (data: unknown) => void early.push(String(data));
    socket.on('message', keep);
    open(context, request).then(
      (session) => {
        socket.off('message', keep);
        attach(socket, session, early);
      },
      (error: unknown) => socket.close(brokenRule, reasonOf(wordsOf(error))),
    );
  });
}

/** Whoever types there changes things: that a shell was opened is in the audit log before it is handed over. */
async function open(context: ApiContext, request: FastifyRequest): Promise<ShellSession> {
  const { params, query } = request;
  const { reference } = parseInput(NodeParameter, params, 'path');
  const settings = parseInput(ShellSettings, query, 'query');
  const { id } = await findNode(context.store, reference);
  const session = await context.ports.shell(id, settings);
  try {
    await enter(context, request, opened);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

function attach(socket: Socket, session: ShellSession, early: readonly string[]): void {
  const take = (text: string): void => {
    const input = readInput(text);
    if (input === undefined) socket.close(brokenRule, 'a message is {"kind":"line","text":…} or {"kind":"interrupt"}');
    else if (input.kind === 'line') session.type(input.text);
    else session.interrupt();
  };
  socket.on('message', (data: unknown) => take(String(data)));
  socket.on('close', () => void session.close());
  for (const text of early) take(text);
  if (socket.readyState !== socket.OPEN) void session.close();
  show(socket, session).then(
    () => socket.close(),
    (error: unknown) => socket.close(ourFault, reasonOf(wordsOf(error))),
  );
}

/** Sends piece by piece: the next one once the last was taken, so that a node that prints without end fills no memory. */
async function show(socket: Socket, session: ShellSession): Promise<void> {
  for await (const piece of session.pieces()) {
    if (socket.readyState !== socket.OPEN) return;
    await new Promise<void>((resolve) => socket.send(JSON.stringify(piece), () => resolve()));
  }
}

function readInput(text: string): z.infer<typeof ShellInput> | undefined {
  try {
    return ShellInput.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function reasonOf(words: string): string {
  return Buffer.from(words).subarray(0, longestReason).toString();
}
