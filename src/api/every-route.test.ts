/** What every route keeps, by the table of endpoints: one that is added and does not keep it fails here. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { apiForTests } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import * as sample from '../../test/kit/records.ts';
import { settleMany } from '../../test/kit/settled.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
  await settleMany(api.store);
});
afterEach(() => api.close());

/** The path of an endpoint for something of a blueprint. */
function pathFor({ path, about }: Endpoint, name = 'ants'): string {
  const byAbout: Partial<Record<Endpoint['about'], string>> = {
    provider: `${name}-lab`,
    domain: `${name}-rack`,
    node: `node-of-${name}`,
    plan: `plan-of-${name}`,
    operation: `operation-of-${name}`,
    secret: encodeURIComponent(`${name} secret://env/KEY`),
  };
  return path
    .replace('{family}', 'colony')
    .replace('{act}', 'stop')
    .replaceAll(/\{\w+\}/g, byAbout[about] ?? name);
}

interface Page {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

const lists = endpoints.filter(({ pages }) => pages === true);

describe('every list', () => {
  async function page(path: string, query = ''): Promise<Page> {
    const { status, body } = await api.ask('GET', `${path}?${query}`);
    expect([path, query, status]).toEqual([path, query, 200]);
    return body as Page;
  }

  /** Item by item to the end; `between` is done after each page. */
  async function walk(path: string, between: (n: number) => Promise<void> = () => Promise.resolve()) {
    const found: unknown[] = [];
    let next: string | null = '';
    for (let n = 0; next !== null; n++) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const part: Page = await page(path, `limit=1${cursor}`);
      expect(part.items.length).toBeLessThanOrEqual(1);
      found.push(...part.items);
      next = part.next;
      await between(n);
      expect(n).toBeLessThan(50);
    }
    return found;
  }

  test('is read page by page: nothing else answers an array', () => {
    const bare = endpoints.filter(({ method, answer }) => method === 'GET' && answer instanceof z.ZodArray);
    expect(bare.map(({ operation }) => operation)).toEqual([]);
    const named = endpoints.filter(({ operation }) => operation.startsWith('list'));
    expect(named.filter(({ pages }) => pages !== true).map(({ operation }) => operation)).toEqual([]);
    expect(lists.length).toBeGreaterThan(10);
  });

  test.each(lists.map((one) => [one.operation, pathFor(one), one] as const))(
    '%s: the pages together are the list, in its order',
    async (operation, path) => {
      const whole = await page(path);
      expect(whole.items.length).toBeGreaterThanOrEqual(3);
      expect(whole.next).toBeNull();
      expect(await walk(path)).toEqual(whole.items);
      expect(operation).not.toBe('');
    },
  );

  test.each(lists.map((one) => [one.operation, pathFor(one)] as const))(
    '%s: what is added and removed meanwhile makes nothing come twice or be left out',
    async (_, path) => {
      const before = (await page(path)).items.map((item) => JSON.stringify(item));
      const seen = await walk(path, async (n) => {
        if (n === 0) await settleMore();
        if (n === 1) await unsettle();
      });
      const texts = seen.map((item) => JSON.stringify(item));
      expect(new Set(texts).size).toBe(texts.length);
      const after = new Set((await page(path)).items.map((item) => JSON.stringify(item)));
      const throughout = before.filter((item) => after.has(item));
      expect(throughout.filter((item) => !texts.includes(item))).toEqual([]);
    },
  );

  test.each(lists.map((one) => [one.operation, pathFor(one)] as const))(
    '%s: limits and cursors that are none are refused',
    async (operation, path) => {
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=x', `cursor=${cursorOf('listOthers')}`]) {
        const { problem } = await api.ask('GET', `${path}?${query}`);
        expect([operation, query, problem.kind]).toEqual([operation, query, 'invalid']);
      }
    },
  );

  const cursorOf = (operation: string) => Buffer.from(JSON.stringify([operation, 'a'])).toString('base64url');

  /** `aphids` comes before everything in every order by name, `zebras` behind it. */
  async function settleMore(): Promise<void> {
    for (const name of ['aphids', 'zebras']) await settleMany(api.store, [name]);
  }

  async function unsettle(): Promise<void> {
    await api.store.commit([
      { remove: 'node', key: 'node-of-bees', expect: null },
      { remove: 'blueprint', key: 'bees', expect: null },
      { remove: 'provider', key: 'bees-lab', expect: null },
      { remove: 'domain', key: 'bees-rack', expect: null },
      { remove: 'token', key: 'bees-token', expect: null },
      { remove: 'plan', key: 'plan-of-bees', expect: null },
      { remove: 'operation', key: 'operation-of-bees', expect: null },
    ]);
    await api.store.secrets.remove('bees secret://env/KEY');
  }
});

const single = endpoints.filter(
  ({ method, pages, answer }) => method === 'GET' && pages !== true && answer !== undefined,
);
const changing = endpoints.filter(({ method }) => method !== 'GET');

/** Names of what is asked for: those of tokens and releases are not told by `about`. */
const pathTo = (one: Endpoint) =>
  pathFor(one)
    .replace('/tokens/ants', '/tokens/ants-token')
    .replace('/releases/ants', '/releases/ants-release@1.0.0')
    .replace('/providers/ants', '/providers/ants-lab')
    .replace('ants-lab-lab', 'ants-lab')
    .replace('/leftovers/ants', `/leftovers/${encodeURIComponent('ants-lab/machine/m-8')}`)
    .replace('/repair/ants/', '/repair/blueprint/');
const documentOf = (name: string) => ({ ...sample.sampleDocument(), name });
const plannable = (name: string) => ({ ...documentOf(name), providers: { [`${name}-lab`]: { kind: 'local' } } });

describe('every answer about one thing', () => {
  test.each(single.map((one) => [one.operation, pathTo(one)] as const))(
    '%s has an ETag, and is not sent again to who has it',
    async (_, path) => {
      const first = await api.ask('GET', path);
      const etag = String(first.headers['etag']);
      expect([path, first.status, etag]).toEqual([path, 200, expect.stringMatching(/^"[^"]+"$/)]);
      for (const tags of [etag, `"x", W/${etag}`, '*']) {
        const again = await api.ask('GET', path, { headers: { 'if-none-match': tags } });
        expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
      }
      const other = await api.ask('GET', path, { headers: { 'if-none-match': '"x"' } });
      expect([other.status, other.text]).toEqual([200, first.text]);
    },
  );

  /** They make what was not there, what has no version, or many things: there is nothing to compare with. */
  const withoutSubject = [
    ...['addProvider', 'createToken', 'uploadRelease', 'putSecret', 'deleteSecret', 'rotateStoreKey', 'checkBlueprint'],
    ...['actOnNodes', 'deleteReleases', 'revokeTokens', 'removeStrays'],
  ];

  test.each(changing.map((one) => [one.operation, one.method, pathTo(one), one] as const))(
    '%s is refused under a tag of another version, and nothing is done',
    async (operation, method, path, { subject }) => {
      const body = operation === 'createPlan' ? { document: { ...documentOf('ants') } } : undefined;
      const { status, problem } = await api.ask(method, path, {
        headers: { 'if-match': '"1-AAAAAAAAAAAA.BBBBBBBBBBBB"', 'if-none-match': '"x"' },
        ...(body === undefined ? {} : { body }),
      });
      expect([operation, status, problem.kind]).toEqual([operation, 412, 'stale']);
      expect(problem.next).toMatch(/\w/);
      expect(api.ports.calls).toEqual([]);
      expect([operation, subject === undefined]).toEqual([operation, withoutSubject.includes(operation)]);
    },
  );

  test('a tag that was read lets the next change through, once', async () => {
    const tagOf = async (path: string) => String((await api.ask('GET', path)).headers['etag']);
    const tag = await tagOf('/tokens/ants-token');
    const revoke = () => api.ask('DELETE', '/tokens/ants-token', { headers: { 'if-match': tag } });
    expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 412]);
    const headers = { 'if-match': await tagOf('/blueprints/ants/status') };
    const scale = () => api.ask('POST', '/blueprints/ants/families/colony/scale', { headers, body: { nodes: 3 } });
    expect((await scale()).status).toBe(200);
    const head = (await api.store.get('blueprint', 'ants'))?.value;
    if (head === undefined) throw new Error('ants is gone');
    // what the loops note is no change of the blueprint; a revision is
    await api.store.commit([
      { put: 'blueprint', key: 'ants', value: { ...head, nextOrdinal: { x: 2 } }, expect: null },
    ]);
    expect((await scale()).status).toBe(200);
    const revision = { blueprint: 'ants', number: 4, document: documentOf('ants'), cause: 'family set colony' };
    await api.store.commit([
      { put: 'revision', key: 'ants@4', value: { ...revision, createdAt: '2026-05-02T00:00:00.000Z' }, expect: 0 },
      { put: 'blueprint', key: 'ants', value: { ...head, revision: 4 }, expect: null },
    ]);
    const { status, problem } = await scale();
    expect([status, problem.object, problem.detail, problem.next]).toEqual([
      412,
      'blueprint ants',
      'blueprint ants was at version 3 when it was read, and is at version 4 now ' +
        '(revision 4 by `family set colony` at 2026-05-02T00:00:00.000Z)',
      'look at it again and decide anew: wombat export ants',
    ]);
  });

  test('a plan may be asked for only where the blueprint is as it was read, or is not there yet', async () => {
    const plan = (name: string, headers: Record<string, string>) =>
      api.ask('POST', '/plans', { headers, body: { document: plannable(name) } });
    expect((await plan('ants', { 'if-none-match': '*' })).problem.detail).toBe('there is blueprint ants already');
    expect((await plan('newts', { 'if-match': '*' })).status).toBe(412);
    expect((await plan('newts', { 'if-none-match': '*' })).status).toBe(201);
    const tag = String((await api.ask('GET', '/blueprints/ants')).headers['etag']);
    expect((await plan('ants', { 'if-match': `"x", ${tag}` })).status).toBe(201);
    expect(api.ports.calls.map(([, wish]) => (wish as { basedOn: number | null }).basedOn)).toEqual([null, 3]);
  });
});

describe('every change under a key', () => {
  interface Sent {
    readonly path?: string;
    readonly body?: object;
    readonly headers?: Readonly<Record<string, string>>;
  }

  /** What each is asked with, so that it goes well. */
  const asked: Readonly<Record<string, Sent>> = {
    addProvider: { body: { name: 'lab', definition: { kind: 'local' } } },
    removeProvider: { path: '/providers/free' },
    uploadRelease: { body: Buffer.from('release newts 1.0.0'), headers: { 'content-type': 'application/gzip' } },
    putSecret: { body: { value: 'canary' } },
    createPlan: { body: { document: plannable('ants') } },
    rebalanceBlueprint: { body: {} },
    rotateCookie: { body: {} },
    rotateToken: { body: {} },
    checkBlueprint: { body: { text: 'wombat: 2' } },
    actOnNodes: { body: { act: 'stop', where: { blueprint: 'ants' } } },
    deleteReleases: { body: { names: ['ants-release@1.0.0'] } },
    revokeTokens: { body: { names: ['ants-token'] } },
    rotateKey: { body: { key: 'canary' } },
    scaleFamily: { body: { nodes: 3 } },
    executeBesideNode: { body: { command: 'ls' } },
    callOnNode: { body: { call: 'erlang:nodes()' } },
    createToken: { body: { name: 'new', role: 'read' } },
    removeStrays: { body: { strays: [{ provider: 'ants-lab', kind: 'machine', id: 'i-9' }] } },
  };

  beforeEach(async () => {
    const free = sample.sampleProvider('free', { declaredBy: null });
    await api.store.commit([{ put: 'provider', key: 'free', value: free, expect: 0 }]);
  });

  const routes = changing.map((one) => [one.operation, one] as const);

  async function send(one: Endpoint, over: Sent & { readonly token?: string } = {}) {
    const { path = pathTo(one), body, headers } = { ...asked[one.operation], ...over };
    return api.ask(one.method, path, {
      headers: { 'idempotency-key': 'k-1', ...headers },
      ...(body === undefined ? {} : { body }),
      ...(over.token === undefined ? {} : { token: over.token }),
    });
  }

  /** Everything that can be seen of what was done. */
  async function done() {
    const audit = await api.store.audit.recent({ limit: 99 });
    return [api.ports.calls.length, audit.length, (await api.store.events({ after: 0, limit: 99 })).length];
  }

  test.each(routes)('%s is done once, and answered as often as it is asked', async (operation, one) => {
    const first = await send(one);
    expect([operation, first.status < 300, first.headers['idempotency-replayed']]).toEqual([
      operation,
      true,
      undefined,
    ]);
    const before = await done();
    const again = await send(one);
    expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([
      first.status,
      first.text,
      'true',
    ]);
    expect(await done()).toEqual(before);
  });

  test.each(routes)('%s is refused under a key of another request', async (operation, one) => {
    await send(one);
    const before = await done();
    const other =
      operation === 'uploadRelease' ? { body: Buffer.from('release newts 2.0.0') } : { path: `${pathOf(one)}?x=1` };
    const { status, problem } = await send(one, other);
    expect([operation, status, problem.object]).toEqual([operation, 422, 'header Idempotency-Key']);
    expect((await done())[0]).toBe(before[0]);
  });

  const pathOf = (one: Endpoint) => asked[one.operation]?.path ?? pathTo(one);

  test.each(routes)('%s: after a death nobody says that it was done, and nothing is done twice', async (_, one) => {
    const { requests } = api.store;
    const settle = requests.settle.bind(requests);
    requests.settle = () => Promise.reject(new Error('killed'));
    expect((await send(one)).status).toBeLessThan(300);
    requests.settle = settle;
    const before = await done();
    const again = await send(one);
    if (one.repeatable === true) {
      expect(again.status).toBeLessThan(300);
      return;
    }
    expect([again.status, again.problem.kind]).toEqual([409, 'unsettled']);
    expect(await done()).toEqual(before);
  });

  test('a body with other content is another request', async () => {
    const scale = endpoints.find(({ operation }) => operation === 'scaleFamily');
    if (scale === undefined) throw new Error('no such endpoint');
    await send(scale);
    expect((await send(scale, { body: { nodes: 4 } })).status).toBe(422);
    expect((await send(scale, { headers: { 'idempotency-key': 'k-2' }, body: { nodes: 4 } })).status).toBe(200);
    for (const key of ['', 'a b', 'x'.repeat(256)])
      expect((await send(scale, { headers: { 'idempotency-key': key } })).status).toBe(422);
  });
});
