/**
 * What EC2 promises and moto does not keep, as a thin layer in front of it. Everything else passes as it is.
 *
 * - A client token makes one machine: the same RunInstances again has the same answer, other parameters under the token are
 *   refused with IdempotentParameterMismatch (EC2 API Reference, "Ensuring idempotency"). Moto makes a second machine.
 * - At most so many instances on a page, so that pages are turned. EC2 has up to 1000.
 * - Service Quotas tells the quota of running instances, as the account's own or as the default. Moto knows none.
 * - Calls may come at the same time. Moto serves each in a thread of its own, and what they share is not made for that: addresses
 *   of a subnet come from one Python generator, which refuses a second thread. So it is asked one call at a time.
 * - Refusals of every call of an action, told by the test: EC2's answers in its own words.
 */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { inTurn } from '../../src/base/turns.ts';
import { serve } from '../kit/sockets.ts';
import { errorText } from './ec2-wire.ts';

/** How EC2 refuses a call. */
export interface Ec2Refusal {
  readonly status: number;
  readonly code: string;
  readonly words: string;
}

/** The layer, listening. */
export interface MotoFront {
  readonly url: string;
  /** What every call of an action meets from now on, by action. */
  readonly refusals: Map<string, Ec2Refusal>;
  /** EC2 forgets tokens with their machines, about an hour after those have ended. */
  forget(isGone: (instance: string) => boolean): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

interface Remembered {
  readonly parameters: string;
  readonly answer: Promise<Answer>;
  instance: string | undefined;
}

const goOn = new AbortController().signal;
const pageSize = 20;
/** Virtual CPUs that the account may run. */
const quota = 50_000;

/** Opens the layer before the moto at that address, on a free port of the loopback. */
export async function openMotoFront(moto: string): Promise<MotoFront> {
  const tokens = new Map<string, Remembered>();
  const refusals = new Map<string, Ec2Refusal>();
  const server = createServer((message, response) => {
    buffer(message)
      .then(async (body) => {
        const call = { headers: message.headers, body: body.toString() };
        send(response, await answerTo(call, { moto, tokens, refusals }));
      })
      .catch(() => response.destroy());
  });
  const { origin, close } = await serve(server);
  return {
    url: origin,
    refusals,
    forget(isGone) {
      for (const [token, { instance }] of tokens) if (instance !== undefined && isGone(instance)) tokens.delete(token);
    },
    close,
  };
}

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Front {
  readonly moto: string;
  readonly tokens: Map<string, Remembered>;
  readonly refusals: ReadonlyMap<string, Ec2Refusal>;
}

async function answerTo(call: Call, front: Front): Promise<Answer> {
  const target = call.headers['x-amz-target'];
  if (typeof target === 'string') return quotaAnswer(target);
  const parameters = new URLSearchParams(call.body);
  const action = parameters.get('Action') ?? '';
  const refusal = front.refusals.get(action) ?? front.refusals.get('*');
  if (refusal !== undefined && !parameters.has('DryRun')) return refusalAnswer(refusal);
  if (action === 'DescribeInstances' && parameters.has('MaxResults')) parameters.set('MaxResults', String(pageSize));
  const body = parameters.toString();
  const token = parameters.get('ClientToken');
  if (action !== 'RunInstances' || token === null) return await forward(front.moto, call, body);
  return await underToken(front, { call, body, token });
}

async function underToken(
  { moto, tokens }: Front,
  { call, body, token }: { readonly call: Call; readonly body: string; readonly token: string },
): Promise<Answer> {
  const known = tokens.get(token);
  if (known !== undefined) {
    if (known.parameters === body) return await known.answer;
    const words = 'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).';
    return refusalAnswer({ status: 400, code: 'IdempotentParameterMismatch', words });
  }
  const answer = forward(moto, call, body);
  const remembered: Remembered = { parameters: body, answer, instance: undefined };
  tokens.set(token, remembered);
  const { status, text } = await answer;
  if (status === 200) remembered.instance = /<instanceId>(i-\w+)</.exec(text)?.[1];
  else tokens.delete(token);
  return await answer;
}

async function forward(moto: string, { headers }: Call, body: string): Promise<Answer> {
  const { authorization = '', 'content-type': type = '', host = '' } = headers;
  const kept = {
    authorization,
    'content-type': type,
    'x-forwarded-host': host,
    'x-amz-date': String(headers['x-amz-date']),
  };
  return inTurn(`moto at ${moto}`, goOn, async () => {
    const answer = await fetch(moto, { method: 'POST', headers: kept, body });
    const contentType = answer.headers.get('content-type') ?? 'text/xml';
    return { status: answer.status, headers: { 'content-type': contentType }, text: await answer.text() };
  });
}

function quotaAnswer(target: string): Answer {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  const isOwn = target.endsWith('.GetServiceQuota');
  const text = isOwn
    ? JSON.stringify({ __type: 'NoSuchResourceException' })
    : JSON.stringify({ Quota: { Value: quota } });
  return { status: isOwn ? 400 : 200, headers, text };
}

/** An error as EC2 writes it. */
export function refusalAnswer({ status, code, words }: Ec2Refusal): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, text: errorText(code, words) };
}

function send(response: ServerResponse, { status, headers, text }: Answer): void {
  response.writeHead(status, headers);
  response.end(text);
}
