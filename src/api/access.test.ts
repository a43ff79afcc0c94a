import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts } from '../../test/kit/api-server.ts';
import type { Answer, ApiForTests } from '../../test/kit/api-server.ts';
import * as sample from '../../test/kit/records.ts';
import { roles } from '../model/access.ts';
import type { Role } from '../model/access.ts';
import type { Change } from '../store/store.ts';
import { fastify } from 'fastify';
import type { ApiContext } from './api-context.ts';
import { addGate } from './gate.ts';
import { blueprintOfSecret } from './access.ts';
import type { About } from './access.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { tokenDigest } from './token.ts';

/** `ants` and `bees`, alike, each with a node, a plan, a provider and a domain of its own. */
async function settleBoth({ store }: ApiForTests): Promise<void> {
  await settleAnts(store);
  const own = (name: string): Change[] => [
    {
      put: 'plan',
      key: `plan-of-${name}`,
      value: sample.samplePlan(`plan-of-${name}`, { blueprint: name }),
      expect: 0,
    },
    {
      put: 'operation',
      key: `operation-of-${name}`,
      value: sample.sampleOperation(`operation-of-${name}`, { blueprint: name }),
      expect: 0,
    },
    {
      put: 'node',
      key: `node-of-${name}`,
      value: sample.sampleNode(7, { id: `node-of-${name}`, blueprint: name }),
      expect: 0,
    },
    {
      put: 'provider',
      key: `${name}-lab`,
      value: sample.sampleProvider(`${name}-lab`, { declaredBy: name }),
      expect: 0,
    },
    { put: 'domain', key: `${name}-rack`, value: rack(name), expect: 0 },
    { put: 'rotation', key: `${name} cookie://colony`, value: sample.sampleRotation({ blueprint: name }), expect: 0 },
    { put: 'quarantine', key: `${name}/colony/v2`, value: sample.sampleQuarantine({ blueprint: name }), expect: 0 },
    {
      put: 'alarm',
      key: `repair blueprint ${name}`,
      value: sample.sampleAlarm({ about: 'blueprint', name }),
      expect: 0,
    },
  ];
  const bees = { ...sample.sampleDocument(), name: 'bees' };
  await store.commit([
    ...own('ants'),
    ...own('bees'),
    { put: 'blueprint', key: 'bees', value: { ...sample.sampleHead(), name: 'bees' }, expect: 0 },
    { put: 'revision', key: 'bees@1', value: { ...sample.sampleRevision(bees), blueprint: 'bees' }, expect: 0 },
  ]);
  for (const scope of ['ants', 'bees', 'provider:here']) await store.secrets.put(`${scope} secret://env/KEY`, 'x');
}

const rack = (name: string) =>
  sample.sampleDomain(`${name}-rack`, { declaredBy: name, definition: { provider: `${name}-lab` } });

interface Holder {
  readonly role: Role;
  readonly limited: boolean;
}
const holders = roles.flatMap((role) => [false, true].map((limited): Holder => ({ role, limited })));
const valueOf = ({ role, limited }: Holder) => `${role}-${limited ? 'ants' : 'all'}`;

/** Puts a token into the store whose value is known: `operate-ants`. */
async function giveTokens({ store }: ApiForTests): Promise<void> {
  for (const holder of holders) {
    const digest = Buffer.from(tokenDigest(valueOf(holder))).toString('hex');
    const value = { role: holder.role, blueprints: holder.limited ? ['ants'] : null, digest };
    const name = valueOf(holder);
    await store.commit([{ put: 'token', key: name, value: sample.sampleToken(name, value), expect: 0 }]);
  }
}

/** What stands for a path's braces when the request is about that blueprint. */
function parameterOf(about: About, blueprint: string): string {
  const names: { readonly [A in About]?: string } = {
    provider: `${blueprint}-lab`,
    domain: `${blueprint}-rack`,
    node: `node-of-${blueprint}`,
    plan: `plan-of-${blueprint}`,
    operation: `operation-of-${blueprint}`,
    secret: encodeURIComponent(`${blueprint} secret://env/KEY`),
    blueprint,
  };
  return names[about] ?? 'none';
}

function pathOf({ path, about }: Endpoint, blueprint: string): string {
  const filled = path
    .replace('{family}', 'colony')
    .replace('{act}', 'stop')
    .replaceAll(/\{\w+\}/g, parameterOf(about, blueprint));
  return about === 'list' ? `${filled}?blueprint=${blueprint}` : filled;
}

function bodyOf({ about }: Endpoint, blueprint: string): object | undefined {
  return about === 'document' ? { document: { ...sample.sampleDocument(), name: blueprint } } : undefined;
}

/** Whether the gate lets it through, by the rules as they are told to people. */
function mayPass({ role, about }: Endpoint, holder: Holder, blueprint: string): boolean {
  if (roles.indexOf(holder.role) < roles.indexOf(role)) return false;
  if (!holder.limited || about === 'shared' || about === 'each') return true;
  return about !== 'installation' && blueprint === 'ants';
}

const wasRefused = ({ status, problem }: Answer) => status === 403 && problem.kind === 'denied';

const guarded = endpoints.filter(({ open }) => open !== true);
const withoutList = guarded.filter(({ about, query }) => about !== 'list' || hasBlueprint(query));

function hasBlueprint(query: Endpoint['query']): boolean {
  return query !== undefined && 'shape' in query && 'blueprint' in (query.shape as object);
}

describe('every route, every role, own and foreign blueprint', () => {
  let api: ApiForTests;
  beforeEach(async () => {
    api = await apiForTests();
    await settleBoth(api);
    await giveTokens(api);
  });
  afterEach(() => api.close());

  test.each(withoutList.map((one) => [one.method, one.path, one] as const))('%s %s', async (method, path, endpoint) => {
    for (const blueprint of ['ants', 'bees']) {
      for (const holder of holders) {
        const what = `${valueOf(holder)} on ${blueprint}`;
        const request = { token: valueOf(holder), body: bodyOf(endpoint, blueprint) };
        const answer = await api.ask(method, pathOf(endpoint, blueprint), request);
        expect([what, !wasRefused(answer), answer.status === 401]).toEqual([
          what,
          mayPass(endpoint, holder, blueprint),
          false,
        ]);
        if (wasRefused(answer)) expect(answer.problem.next, what).toMatch(/\w/);
      }
      expect((await api.ask(method, pathOf(endpoint, blueprint), { token: null })).status).toBe(401);
    }
    expect(path).toMatch(/^\//);
  });

  test('what changes something needs more than read, and what needs admin is told here', () => {
    for (const { method, role, operation } of guarded)
      if (method !== 'GET') expect([operation, role]).not.toContain('read');
    const admin = guarded.filter(({ role }) => role === 'admin').map(({ operation }) => operation);
    expect(admin.sort()).toEqual(
      [
        'addProvider',
        'backUp',
        'createToken',
        'forgetLeftover',
        'listAudit',
        'listTokens',
        'releaseRepair',
        'removeProvider',
        'removeStrays',
        'revokeToken',
        'rotateKey',
        'rotateStoreKey',
        'rotateToken',
        'revokeTokens',
        'showToken',
        'verifyAudit',
      ].sort(),
    );
  });
});

describe('a token limited to ants', () => {
  let api: ApiForTests;
  beforeEach(async () => {
    api = await apiForTests();
    await settleBoth(api);
    await giveTokens(api);
  });
  afterEach(() => api.close());
  const get = (path: string) => api.ask('GET', path, { token: 'admin-ants' });

  test.each(guarded.filter(({ about }) => about === 'list').map(({ path }) => path))(
    'sees nothing of bees in %s',
    async (path) => {
      const event = { level: 'info', kind: 'node', what: 'made', words: '' } as const;
      for (const blueprint of ['ants', 'bees']) {
        await api.store.commit([], [{ ...event, object: `event of ${blueprint}`, blueprint }]);
        const entry = { token: 'me', method: 'POST', path: `/${blueprint}`, operation: 'x', blueprint, status: 200 };
        await api.store.audit.append(entry);
      }
      const all = await api.ask('GET', path, { token: 'admin-all' });
      const own = await get(path);
      expect([all.status, own.status]).toEqual([200, 200]);
      expect(all.text).toContain('bees');
      expect(own.text).toContain('ants');
      expect(own.text).not.toContain('bees');
    },
  );

  test('sees of the machines of a shared domain its own', async () => {
    const foreign = sample.sampleMachine('m-foreign');
    await api.store.commit([{ put: 'machine', key: 'm-foreign', value: foreign, expect: 0 }]);
    expect((await api.ask('GET', '/domains/here')).text).toContain('m-foreign');
    expect((await get('/domains/here')).text).not.toContain('m-foreign');
    expect((await get('/domains/here')).text).toContain('m-1');
  });

  test('may not plan a document that joins families to another blueprint', async () => {
    const document = sample.sampleDocument();
    const joined = { with: { 'bees/colony': { select: 'all', action: 'distributed_erlang' } } };
    const families = { colony: { release: 'ants', nodes: 1, bootstrap: joined } };
    const body = { document: { ...document, families } };
    const { problem } = await api.ask('POST', '/plans', { token: 'operate-ants', body });
    expect([problem.kind, problem.object]).toEqual(['denied', 'blueprint bees']);
  });

  test('may not touch secrets of the installation, and nobody but admin may', async () => {
    const path = `/secrets/${encodeURIComponent('provider:here secret://env/KEY')}`;
    const put = async (token: string) => (await api.ask('PUT', path, { token, body: { value: 'x' } })).status;
    expect([await put('operate-ants'), await put('admin-ants'), await put('operate-all')]).toEqual([403, 403, 403]);
    expect(await put('admin-all')).toBe(204);
  });
});

describe('what is no request and answer', () => {
  let api: ApiForTests;
  let url: string;
  let close: () => Promise<void>;
  beforeEach(async () => {
    api = await apiForTests();
    await settleBoth(api);
    await giveTokens(api);
    ({ url, close } = await api.listen());
  });
  afterEach(async () => {
    await close();
    await api.close();
  });

  /** Whether a shell was opened: a refusal ends the handshake. */
  function shell(token: string, node: string): Promise<boolean> {
    const at = `${url.replace('http', 'ws')}/api/v1/nodes/${node}/shell`;
    const socket = new WebSocket(at, { headers: { authorization: `Bearer ${token}` } });
    return new Promise((resolve) => {
      socket.onmessage = () => {
        resolve(true);
        socket.close();
      };
      socket.onopen = () => socket.send('{"kind":"line","text":"x"}');
      socket.onerror = () => resolve(false);
    });
  }

  test.each(holders.flatMap((holder) => ['ants', 'bees'].map((blueprint) => [holder, blueprint] as const)))(
    'a shell for %j on a node of %s',
    async (holder, blueprint) => {
      const may = holder.role !== 'read' && (!holder.limited || blueprint === 'ants');
      expect(await shell(valueOf(holder), `node-of-${blueprint}`)).toBe(may);
      expect(api.ports.calls.map(([port]) => port)).toEqual(may ? ['shell'] : []);
      const [entry] = await api.store.audit.recent({ limit: 9 });
      expect(entry).toMatchObject({ operation: 'openShell', token: valueOf(holder), status: may ? 101 : 403 });
    },
  );

  test('a stream of events for a limited token has its own only', async () => {
    const headers = { accept: 'text/event-stream', authorization: 'Bearer read-ants', 'last-event-id': '0' };
    const response = await fetch(`${url}/api/v1/events`, { headers });
    const event = { level: 'info', kind: 'node', what: 'made', words: '' } as const;
    for (const blueprint of ['bees', null, 'ants'])
      await api.store.commit([], [{ ...event, object: `event of ${blueprint}`, blueprint }]);
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('event of ants')) break;
    }
    expect(text).not.toMatch(/event of (bees|null)/);
    const foreign = await fetch(`${url}/api/v1/events?blueprint=bees`, { headers });
    expect(foreign.status).toBe(403);
  });
});

test('a route that does not say what it asks of who comes cannot be added', () => {
  const app = fastify();
  addGate(app, {} as ApiContext);
  expect(() => app.get('/new', () => 'x')).toThrow('GET /new does not say what it asks of who comes');
  app.get('/open', { config: { open: true } }, () => 'x');
});

test.each([
  ['ants secret://env/KEY', 'ants'],
  ['ants cookie://colony', 'ants'],
  ['provider:here secret://env/KEY', null],
  ['machine:m-1 first-host-key', null],
  ['nonsense', null],
])('the secret %s is of %s', (name, blueprint) => expect(blueprintOfSecret(name)).toBe(blueprint));
