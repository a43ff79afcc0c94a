/** The HTTP API as anybody's program meets it, without our client between: what it answers, and its problems held to their form. */
import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { expect } from 'vitest';
import { Problem } from '../../src/model/problem.ts';
import { problemKinds } from '../../src/model/problem-kind.ts';
import type { ControlPlane } from './control-plane.ts';

/** An answer: its status, and its body or the problem that it tells. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly problem: Problem | null;
}

type Asked = readonly [plane: ControlPlane, method: string, path: string, body?: unknown, token?: string];

/** Asks with JSON, with the first token unless told otherwise. A refusal must be problem details (RFC 9457) that agree with themselves. */
export async function ask(...[plane, method, path, body, token = plane.token]: Asked): Promise<Answer> {
  const authorization = `Bearer ${token}`;
  const json = { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const init = body === undefined ? { headers: { authorization } } : json;
  const response = await fetch(`${plane.url}/api/v1${path}`, { method, ...init });
  const text = await response.text();
  const read: unknown = text === '' ? null : JSON.parse(text);
  const { status } = response;
  return { status, body: read, problem: response.ok ? null : problemIn(read, status, response.headers) };
}

function problemIn(body: unknown, status: number, headers: Headers): Problem {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = Problem.parse(body);
  const { title, status: usual } = problemKinds[problem.kind];
  expect(problem).toMatchObject({ title, type: `urn:wombat:problem:${problem.kind}`, status });
  if (problem.kind !== 'invalid') expect(status).toBe(usual);
  return problem;
}

/** Everything that a problem says to a person, one text each. */
export function sentencesOf({ detail, words, next, faults }: Problem): string[] {
  // where faults are told one by one, the detail repeats the first
  const own = faults.length > 0 ? faults.flatMap(({ message, hint }) => [message, hint]) : [detail, words];
  return [...own, next].filter((text) => text !== null);
}

/** The exit code that the contract has for a problem. */
export function exitOf({ kind }: Problem): number {
  return problemKinds[kind].exit;
}

/** Text as one line without what folding and quoting at the left added. */
export function unfolded(text: string): string {
  return text.replace(/^\s*\|?\s*/gm, ' ').replace(/\s+/g, ' ');
}

/** An upload that is in the hands of its sender: `length` bytes are announced, what comes is written by hand. */
export function beginUpload(plane: ControlPlane, length?: number): ClientRequest {
  const sized = length === undefined ? {} : { 'content-length': String(length) };
  const headers = { authorization: `Bearer ${plane.token}`, 'content-type': 'application/gzip', ...sized };
  const upload = request(`${plane.url}/api/v1/releases`, { method: 'POST', headers });
  upload.on('error', () => undefined);
  return upload;
}
