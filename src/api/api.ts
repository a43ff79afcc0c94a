/**
 * The HTTP API under `/api/v1`: the door of the room. It reads and writes facts and intents in the store; whatever acts
 * stands behind the ports that main hands in.
 */
import { Fault } from '../base/fault.ts';
import { timestamp } from '../base/clock.ts';
import type { ApiContext } from './api-context.ts';
import { buildServer } from './server.ts';
import type { Server } from './server.ts';

/** What the API is opened with. */
export interface ApiOptions extends Omit<ApiContext, 'startedAt'> {
  /** address to listen on */
  readonly host: string;
  /** 0 takes any that is free */
  readonly port: number;
}

/** An API that listens. */
export interface Api {
  /** without `/api/v1`: `http://127.0.0.1:4680` */
  readonly url: string;
  /** Ends the streams, then stops listening. */
  close(): Promise<void>;
}

/** Listens. Fault unavailable when the address cannot be had. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { host, port, ...context } = options;
  const server = await buildServer({ ...context, startedAt: timestamp(context.clock) });
  const url = await listen(server, host, port);
  return { url, close: () => close(server) };
}

async function listen({ app }: Server, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw new Fault('unavailable', `cannot listen on ${host} port ${port}`, {
      object: `address ${host}:${port}`,
      words: error instanceof Error ? error.message : undefined,
      next: 'stop what listens there, or choose another port',
      cause: error,
    });
  }
}

async function close({ app, stop }: Server): Promise<void> {
  stop(new Fault('unavailable', 'the control plane stops'));
  await app.close();
}

export { openApiDocument } from './open-api-document.ts';
export { newTokenValue, tokenDigest } from './token.ts';
export type { FirstToken } from './token.ts';
