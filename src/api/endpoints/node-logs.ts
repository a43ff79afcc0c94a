import { z } from 'zod';
import { Streamed } from '../answer.ts';
import { begun } from '../begun.ts';
import { endpoint } from '../endpoint.ts';
import { findNode } from '../find.ts';
import { NodeParameter } from '../parameters.ts';
import { within } from '../within.ts';

const LogQuery = z.object({
  lines: z.coerce.number().int().min(0).max(100_000).default(100).describe('how many of the last lines'),
  follow: z.enum(['true', 'false']).default('false').describe('stay, and send what the node writes from now on'),
});

const plainText = 'text/plain; charset=utf-8';

export const nodeLogs = endpoint({
  operation: 'readNodeLog',
  method: 'GET',
  path: '/nodes/{reference}/logs',
  role: 'read',
  about: 'node',
  summary: "The end of a node's log, and with `follow` what comes behind it",
  params: NodeParameter,
  query: LogQuery,
  streams: ['text/plain'],
  async handle({ params, query: { lines, follow }, signal }, context) {
    const { id, name } = await findNode(context.store, params.reference);
    if (follow === 'true')
      return new Streamed(plainText, await begun(context.ports.followLog(id, lines, signal), context.clock));
    const found = await within(context, `the log of ${name}`, signal, (inner) => context.ports.logs(id, lines, inner));
    return new Streamed(plainText, oneChunk(found.map((line) => `${line}\n`).join('')));
  },
});

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there already
async function* oneChunk(text: string): AsyncGenerator<string> {
  yield text;
}
