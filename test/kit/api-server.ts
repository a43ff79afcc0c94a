/** An API for tests: a store in memory, fake ports and artifacts, a clock that stands still; listening only when asked to. */
import { openApi } from '../../src/api/api.ts';
import type { Api } from '../../src/api/api.ts';
import { newTokenValue, tokenDigest } from '../../src/api/api.ts';
import type { FirstToken } from '../../src/api/api.ts';
import type { ApiContext } from '../../src/api/api-context.ts';
import { buildServer } from '../../src/api/server.ts';
import { noLog } from '../../src/base/log.ts';
import type { Problem } from '../../src/model/problem.ts';
import { openMemoryStore } from '../../src/store/store.ts';
import type { Change, Store } from '../../src/store/store.ts';
import { fakeArtifacts, fakePorts } from './fake-ports.ts';
import { fakeClock } from './fake-clock.ts';
import { sampleTime } from './records.ts';
import * as sample from './records.ts';

/** The token that the API of a test accepts. */
export const testToken = 'a-token-for-tests';

/** What an injected request got. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** the JSON of the body */
  readonly body: unknown;
  /** the same where it is a problem */
  readonly problem: Problem;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** null sends none */
  readonly token?: string | null;
}

/** A first token that is in no file. */
export function firstTokenOf(value: string): FirstToken {
  let digest = tokenDigest(value);
  return {
    digest: () => digest,
    replace() {
      const fresh = newTokenValue();
      digest = tokenDigest(fresh);
      return fresh;
    },
  };
}

/** An API in memory. */
export async function apiForTests() {
  const clock = fakeClock(Date.parse(sampleTime));
  const [store, ports, artifacts] = [await openMemoryStore(clock), fakePorts(), fakeArtifacts()];
  const firstToken = firstTokenOf(testToken);
  const context: ApiContext = {
    store,
    ports,
    artifacts,
    firstToken,
    clock,
    log: noLog,
    version: '1.2.3',
    startedAt: sampleTime,
  };
  const server = await buildServer(context);
  return {
    ...{ clock, store, ports, artifacts },
    /** Sends a request below `/api/v1` without a network. */
    async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: RequestOptions = {}): Promise<Answer> {
      const { body, headers = {}, token = testToken } = options;
      const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
      const response = await server.app.inject({
        method,
        url: `/api/v1${path}`,
        headers: { ...authorization, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const isJson = /json/.test(String(response.headers['content-type']));
      const json: unknown = isJson ? response.json() : undefined;
      const { statusCode: status, payload: text } = response;
      return { status, headers: response.headers, text, body: json, problem: json as Problem };
    },
    /** The same API on a loopback port. */
    listen: (): Promise<Api> => openApi({ ...context, host: '127.0.0.1', port: 0 }),
    async close(): Promise<void> {
      await server.app.close();
      await store.close();
    },
  };
}

export type ApiForTests = Awaited<ReturnType<typeof apiForTests>>;

/** Puts `ants` into the store: converged, with two nodes on one machine of the provider `here`, and its release. */
export async function settleAnts(store: Store): Promise<void> {
  const nodes = [sample.sampleNode(1), sample.sampleNode(2)];
  const proof = sample.sampleProofOf(nodes);
  await store.commit([
    { put: 'release', key: sample.sampleDigest, value: sample.sampleRelease(), expect: 0 },
    { put: 'provider', key: 'here', value: sample.sampleProvider(), expect: 0 },
    { put: 'offers', key: 'here', value: sample.sampleOffers(), expect: 0 },
    { put: 'machine', key: 'm-1', value: sample.sampleMachine('m-1'), expect: 0 },
    { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sample.sampleRevision(), expect: 0 },
    { put: 'proof', key: 'ants', value: proof, expect: 0 },
    ...nodes.map((node): Change => ({ put: 'node', key: node.id, value: node, expect: 0 })),
  ]);
}
