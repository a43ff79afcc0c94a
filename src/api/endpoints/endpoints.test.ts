import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts } from '../../../test/kit/api-server.ts';
import type { ApiForTests } from '../../../test/kit/api-server.ts';
import * as sample from '../../../test/kit/records.ts';
import { BlueprintStatus, DomainView, ProviderView, TopologyView } from '../../model/exchange.ts';
import type { Event } from '../../model/event.ts';
import { Release } from '../../model/release.ts';
import type { Change } from '../../store/store.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
});
afterEach(() => api.close());

/** A list that is one page. */
const whole = (items: unknown[]) => ({ items, next: null });

/** The items of a list's first page. */
async function itemsOf(path: string): Promise<unknown[]> {
  return ((await api.ask('GET', path)).body as { items: unknown[] }).items;
}

/** What the newest event says. */
async function lastEvent(): Promise<Event | undefined> {
  return (await api.store.recentEvents({ limit: 1 }))[0];
}

const local = { name: 'lab', definition: { kind: 'local' } };

describe('providers', () => {
  test('one that is added is there, has told so, and woke the loops', async () => {
    const { status, body } = await api.ask('POST', '/providers', { body: local });
    expect([status, ProviderView.parse(body).provider]).toEqual([201, { ...local, declaredBy: null }]);
    expect((await api.ask('GET', '/providers/lab')).body).toEqual(body);
    expect((await api.ask('GET', '/providers')).body).toEqual(whole([body]));
    expect(await lastEvent()).toMatchObject({ kind: 'provider', object: 'lab', what: 'added' });
    expect(api.ports.calls).toEqual([['wake']]);
  });

  test('a second one of the name is refused, whatever it is', async () => {
    await api.ask('POST', '/providers', { body: local });
    const { status, problem } = await api.ask('POST', '/providers', {
      body: { ...local, definition: { kind: 'memory' } },
    });
    expect([status, problem.kind]).toEqual([409, 'exists']);
    expect((await api.store.get('provider', 'lab'))?.value.definition.kind).toBe('local');
  });

  test('the view tells domains, offers and machines', async () => {
    await settleAnts(api.store);
    const { body } = await api.ask('GET', '/providers/here');
    expect(body).toMatchObject({ domains: ['here'], offers: 1, machines: 1, askedAt: sample.sampleTime, fault: null });
  });

  test('removing takes its domains, its offers and its secrets along', async () => {
    await api.store.commit([
      { put: 'provider', key: 'lab', value: sample.sampleProvider('lab'), expect: 0 },
      {
        put: 'domain',
        key: 'rack',
        value: sample.sampleDomain('rack', { definition: { provider: 'lab' } }),
        expect: 0,
      },
      { put: 'offers', key: 'lab', value: sample.sampleOffers('lab'), expect: 0 },
    ]);
    await api.store.secrets.put('provider:lab secret://file/key', 'x');
    await api.store.secrets.put('provider:lab2 secret://file/key', 'x');
    const removed = await api.ask('DELETE', '/providers/lab');
    expect([removed.status, removed.body]).toEqual([200, { left: [] }]);
    for (const kind of ['provider', 'domain', 'offers'] as const) expect(await api.store.list(kind)).toEqual([]);
    expect(await api.store.secrets.names()).toEqual(['provider:lab2 secret://file/key']);
    expect((await api.ask('DELETE', '/providers/lab')).problem.kind).toBe('not-found');
  });

  const lab = { put: 'provider', key: 'lab', value: sample.sampleProvider('lab'), expect: 0 } as const;
  const document = { ...sample.sampleDocument(), domains: { rack: { provider: 'lab' } } };

  test.each<[string, Change[], RegExp]>([
    [
      'a blueprint declares it',
      [{ ...lab, value: sample.sampleProvider('lab', { declaredBy: 'ants' }) }],
      /ants declares it/,
    ],
    [
      'it has machines of ours',
      [lab, { put: 'machine', key: 'm-9', value: sample.sampleMachine('m-9', { provider: 'lab' }), expect: 0 }],
      /has 1 machines of ours/,
    ],
    [
      'a blueprint has a domain there',
      [
        lab,
        { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 },
        { put: 'revision', key: 'ants@1', value: sample.sampleRevision(document), expect: 0 },
      ],
      /blueprint ants has a domain there/,
    ],
  ])('removing is refused while %s', async (_, changes, words) => {
    await api.store.commit(changes);
    const { problem } = await api.ask('DELETE', '/providers/lab');
    expect([problem.kind, problem.detail]).toEqual(['conflict', expect.stringMatching(words)]);
    expect(await api.store.get('provider', 'lab')).toBeDefined();
  });

  test('a check asks the provider and answers its findings', async () => {
    await settleAnts(api.store);
    const { body } = await api.ask('POST', '/providers/here/check');
    expect(body).toEqual([{ level: 'ok', what: 'this machine', words: 'it is here', code: null }]);
    expect((await api.ask('POST', '/providers/nowhere/check')).problem.kind).toBe('not-found');
    expect(api.ports.calls).toEqual([['checkProvider', 'here']]);
  });
});

describe('domains', () => {
  test('a provider without one has a domain of its own name', async () => {
    await settleAnts(api.store);
    expect(await itemsOf('/domains')).toHaveLength(1);
    const view = DomainView.parse((await api.ask('GET', '/domains/here')).body);
    expect([view.domain.name, view.offers.length, view.machines.length]).toEqual(['here', 1, 1]);
    expect((await api.ask('GET', '/domains/moon')).problem.kind).toBe('not-found');
  });

  test("what an order that is refused for long leaves out is told with the provider's words", async () => {
    await settleAnts(api.store);
    const excludes = { what: 'domain', code: 'unavailable' } as const;
    const state = { phase: 'wanted', why: 'no API today', excludes } as const;
    const [offer] = sample.sampleOffers('here').offers;
    const order = sample.sampleMachine('order-2', { offer: offer?.id ?? '', domain: 'here', state });
    await api.store.commit([{ put: 'machine', key: order.token, value: order, expect: 0 }]);
    const view = DomainView.parse((await api.ask('GET', '/domains/here')).body);
    const why = 'the last order was refused: no API today';
    expect(view.offers.map(({ fault }) => fault)).toEqual([{ code: 'unavailable', why }]);
  });

  test('a provider with domains has only those', async () => {
    await settleAnts(api.store);
    const rack = sample.sampleDomain('rack', { definition: { provider: 'here' } });
    await api.store.commit([{ put: 'domain', key: 'rack', value: rack, expect: 0 }]);
    expect(((await itemsOf('/domains')) as DomainView[]).map(({ domain }) => domain.name)).toEqual(['rack']);
  });
});

describe('releases', () => {
  const upload = (text: string) =>
    api.ask('POST', '/releases', { body: Buffer.from(text), headers: { 'content-type': 'application/gzip' } });

  test('the same bytes twice are one release: 201, then 200', async () => {
    const [first, second] = [await upload('release ants 1.0.0'), await upload('release ants 1.0.0')];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect(Release.parse(first.body)).toMatchObject({ name: 'ants', version: '1.0.0', uploadedAt: sample.sampleTime });
    expect(await api.store.list('release')).toHaveLength(1);
    expect(await api.store.events({ after: 0, limit: 9 })).toHaveLength(1);
  });

  test('uploads of the same bytes at the same time are one release', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => upload('release ants 1.0.0')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
  });

  test.each([
    ['what is no release', 'nonsense', /no release/],
    ['a name that blueprints cannot use', 'release Ants! 1.0.0', /"Ants!"/],
  ])('%s is refused and leaves nothing', async (_, text, words) => {
    const { problem } = await upload(text);
    expect([problem.kind, problem.detail]).toEqual(['invalid', expect.stringMatching(words)]);
    expect([api.artifacts.kept.size, await api.store.list('release')]).toEqual([0, []]);
  });

  test('an upload without bytes is refused', async () => {
    expect((await api.ask('POST', '/releases')).problem.kind).toBe('invalid');
    expect((await api.ask('POST', '/releases', { body: {} })).problem.kind).toBe('invalid');
  });

  test('is shown by digest and by name and version; what several bear must be named by digest', async () => {
    const { body } = await upload('release ants 1.0.0');
    const { digest } = body as Release;
    expect((await api.ask('GET', `/releases/${digest}`)).body).toEqual(body);
    expect((await api.ask('GET', '/releases/ants@1.0.0')).body).toEqual(body);
    expect((await api.ask('GET', '/releases/ants@2')).problem.kind).toBe('not-found');
    await upload('release ants 1.0.0 built again');
    const { problem } = await api.ask('GET', '/releases/ants@1.0.0');
    expect([problem.kind, problem.next]).toEqual(['invalid', expect.stringContaining(digest)]);
    expect(await itemsOf('/releases')).toHaveLength(2);
  });

  test('one that nothing uses is deleted, record and archive', async () => {
    const { digest } = (await upload('release ants 1.0.0')).body as Release;
    expect((await api.ask('DELETE', `/releases/${digest}`)).status).toBe(204);
    expect([api.artifacts.kept.size, await api.store.list('release')]).toEqual([0, []]);
    expect((await api.ask('DELETE', `/releases/${digest}`)).problem.kind).toBe('not-found');
  });

  test('that failed are in quarantine until somebody lifts that', async () => {
    await settleAnts(api.store);
    const value = sample.sampleQuarantine();
    await api.store.commit([{ put: 'quarantine', key: 'ants/colony/v2', value, expect: 0 }]);
    expect(await itemsOf('/quarantine')).toEqual([value]);
    expect(await itemsOf('/quarantine?blueprint=bees')).toEqual([]);
    expect((await api.ask('DELETE', '/blueprints/bees/quarantine/ants@1.0.0')).problem.kind).toBe('not-found');
    const lifted = await api.ask('DELETE', '/blueprints/ants/quarantine/ants@1.0.0');
    expect([lifted.status, lifted.body]).toEqual([200, [value]]);
    const again = await api.ask('DELETE', '/blueprints/ants/quarantine/ants@1.0.0');
    expect([again.problem.kind, again.problem.next]).toEqual(['not-found', 'wombat status ants']);
  });

  const byName = { ...sample.sampleDocument(), releases: { ants: { name: 'ants', version: '1.0.0' } } };
  const head = { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 } as const;

  test.each<[string, Change[], string]>([
    [
      'a revision names its digest',
      [head, { put: 'revision', key: 'ants@1', value: sample.sampleRevision(), expect: 0 }],
      'blueprint ants names it',
    ],
    [
      'a revision names its name',
      [head, { put: 'revision', key: 'ants@1', value: sample.sampleRevision(byName), expect: 0 }],
      'blueprint ants names it',
    ],
    [
      'a node runs it',
      [{ put: 'node', key: 'n-1', value: sample.sampleNode(1), expect: 0 }],
      'node colony-1@127.0.0.1 runs it',
    ],
  ])('deleting is refused while %s', async (_, changes, words) => {
    const release = { put: 'release', key: sample.sampleDigest, value: sample.sampleRelease(), expect: 0 } as const;
    await api.store.commit([release, ...changes]);
    const { problem } = await api.ask('DELETE', '/releases/ants@1.0.0');
    expect([problem.kind, problem.detail]).toEqual(['conflict', expect.stringContaining(words)]);
    expect(await api.store.list('release')).toHaveLength(1);
  });
});

describe('secrets', () => {
  const path = `/secrets/${encodeURIComponent('ants secret://file/keys/lab.key')}`;

  test('are written, named, replaced and deleted, and told by name only', async () => {
    for (const value of ['canary-1', 'canary-2'])
      expect((await api.ask('PUT', path, { body: { value } })).status).toBe(204);
    expect(await itemsOf('/secrets')).toEqual(['ants secret://file/keys/lab.key']);
    expect(await api.store.secrets.get('ants secret://file/keys/lab.key')).toBe('canary-2');
    expect((await api.ask('DELETE', path)).status).toBe(204);
    expect((await api.ask('DELETE', path)).problem.kind).toBe('not-found');
    expect(JSON.stringify(await api.store.events({ after: 0, limit: 9 }))).not.toContain('canary');
  });

  test('one that is being replaced is not written over: somebody may go by its new value alone', async () => {
    const secret = 'ants secret://file/keys/lab.key';
    await api.ask('PUT', path, { body: { value: 'canary-new' } });
    await api.store.commit([{ put: 'rotation', key: secret, value: sample.sampleRotation({ secret }), expect: 0 }]);
    expect((await api.ask('PUT', path, { body: { value: 'canary-new\n' } })).status).toBe(204);
    const { problem, text } = await api.ask('PUT', path, { body: { value: 'canary-old' } });
    expect([problem.kind, text.includes('canary')]).toEqual(['conflict', false]);
    expect((await api.store.secrets.get(secret)).trim()).toBe('canary-new');
    expect((await api.ask('DELETE', path)).problem.kind).toBe('conflict');
    expect(await api.store.secrets.has(secret)).toBe(true);
  });

  test('no endpoint answers a value, not even to one who sends it wrongly', async () => {
    await settleAnts(api.store);
    await api.ask('PUT', path, { body: { value: 'canary-3' } });
    const wrong = await api.ask('PUT', path, { body: { value: { inner: 'canary-4' }, 'canary-5': 1 } });
    expect(wrong.text).not.toContain('canary-4');
    for (const gets of ['/secrets', '/status', '/nodes', '/providers', '/domains', '/events', '/blueprints', '/health'])
      expect((await api.ask('GET', gets)).text).not.toContain('canary');
    expect((await api.ask('GET', path)).status).toBe(404);
  });
});

describe('plans and blueprints', () => {
  test('a plan is asked for with its document and cause, and shown later', async () => {
    const { status, body } = await api.ask('POST', '/plans', { body: { document: plannable, cause: 'test' } });
    expect([status, api.ports.calls]).toEqual([201, [['plan', { document: plannable, cause: 'test', basedOn: null }]]]);
    expect(body).toMatchObject({ id: 'p-1', document: plannable });
    await api.store.commit([{ put: 'plan', key: 'p-7', value: sample.samplePlan('p-7'), expect: 0 }]);
    expect((await api.ask('GET', '/plans/p-7')).body).toEqual(sample.samplePlan('p-7'));
    expect((await api.ask('GET', '/plans/p-8')).problem.kind).toBe('not-found');
  });

  const plannable = { ...sample.sampleDocument(), providers: { here: { kind: 'local' as const } } };

  test('a document whose names lead nowhere is refused with the path of each, before anybody plans', async () => {
    const families = { colony: { release: 'bees', nodes: 1, demands: ['colour = red ='] } };
    const { problem } = await api.ask('POST', '/plans', { body: { document: { ...plannable, families } } });
    expect(problem.kind).toBe('invalid');
    expect(problem.faults.map(({ path }) => path)).toContain('document.families.colony.release');
    expect(api.ports.calls).toEqual([]);
  });

  const asked = { by: 'first', rollBack: false };

  test('adopting, scaling and destroying are passed on', async () => {
    await settleAnts(api.store);
    const adopted = await api.ask('POST', '/plans/p-1/adopt?deadline=600&rollBack=true');
    expect(adopted.body).toEqual({ blueprint: 'ants', revision: 2, plan: 'p-1', operation: 'op-2' });
    expect(adopted.headers['location']).toBe('/api/v1/operations/op-2');
    expect((await api.ask('POST', '/plans/p-1/adopt?deadline=0')).problem.kind).toBe('invalid');
    const scale = '/blueprints/ants/families/colony/scale';
    expect((await api.ask('POST', scale, { body: { nodes: 8 } })).body).toMatchObject({ revision: 3 });
    expect((await api.ask('POST', scale, { body: { nodes: -1 } })).problem.kind).toBe('invalid');
    expect(await api.ask('DELETE', '/blueprints/ants')).toMatchObject({ status: 202, body: { kind: 'destroy' } });
    const rebalance = '/blueprints/ants/rebalance';
    expect((await api.ask('POST', rebalance, { body: { consolidate: 'host' } })).status).toBe(201);
    expect((await api.ask('POST', rebalance, { body: { consolidate: 'rack' } })).problem.kind).toBe('invalid');
    expect((await api.ask('POST', '/blueprints/none/rebalance', { body: {} })).problem.kind).toBe('not-found');
    expect(api.ports.calls).toEqual([
      ['adopt', 'p-1', { by: 'first', deadlineMs: 600_000, rollBack: true }],
      ['scale', 'ants', 'colony', { nodes: 8, asked }],
      ['destroy', 'ants', { ...asked, force: false, forget: false }],
      ['rebalance', 'ants', { consolidate: 'host' }],
    ]);
  });

  test('blueprints, their revisions in order, families and status are shown', async () => {
    await settleAnts(api.store);
    const revisions = [10, 2].map((n) => sample.sampleRevision(sample.sampleDocument(), n));
    await api.store.commit(
      revisions.map((value) => ({ put: 'revision', key: `ants@${value.number}`, value, expect: 0 }) as const),
    );
    const view = { head: sample.sampleHead(), document: sample.sampleDocument(), createdAt: sample.sampleTime };
    expect(await itemsOf('/blueprints')).toEqual([view]);
    expect((await api.ask('GET', '/blueprints/ants')).body).toEqual(view);
    const found = (await itemsOf('/blueprints/ants/revisions')) as { number: number }[];
    expect(found.map(({ number }) => number)).toEqual([1, 2, 10]);
    const status = BlueprintStatus.parse((await api.ask('GET', '/blueprints/ants/status')).body);
    expect([status.state, status.nodes.length, status.machines.length]).toEqual(['converged', 2, 1]);
    expect(await itemsOf('/status')).toEqual([status]);
    const { head, state, words } = status;
    const families = [{ name: 'colony', wanted: 2, running: 2, phases: { running: 2 } }];
    const proof = { ok: true, verdict: status.proof?.verdict };
    expect(await itemsOf('/status/brief')).toEqual([{ head, state, words, families, proof }]);
    expect(await itemsOf('/families')).toEqual(status.families);
    expect(await itemsOf('/families?blueprint=ants')).toEqual(status.families);
    expect((await api.ask('GET', '/blueprints/ants/families/colony')).body).toEqual(status.families[0]);
  });

  test.each([
    '/blueprints/bees',
    '/blueprints/bees/status',
    '/blueprints/bees/revisions',
    '/families?blueprint=bees',
    '/blueprints/ants/families/queen',
  ])('there is no %s', async (path) => {
    await settleAnts(api.store);
    expect((await api.ask('GET', path)).problem.kind).toBe('not-found');
  });
});

test('a blueprint as it is written is checked: faults by line and column, or the document', async () => {
  await settleAnts(api.store);
  const check = async (text: string) => (await api.ask('POST', '/blueprints/check', { body: { text } })).body;
  const text = 'wombat: 1\nname: new\nreleases: { ants: { name: ants, version: 1.0.0 } }\n';
  const wrong = await check(`${text}families:\n  colony: { release: bees, nodes: 1 }\n`);
  expect(wrong).toMatchObject({ document: null, faults: [{ path: 'families.colony.release', line: 5 }] });
  const families = 'families:\n  colony: { release: ants, nodes: 1 }\n';
  expect(await check(`${text}${families}`)).toMatchObject({ faults: [], document: { name: 'new' } });
});

describe('nodes', () => {
  beforeEach(() => settleAnts(api.store));

  test('are listed by family and ordinal, of one blueprint or family', async () => {
    const others = [
      sample.sampleNode(10),
      sample.sampleNode(1, { id: 'n-b', blueprint: 'bees' }),
      sample.sampleNode(1, { id: 'n-m', family: 'master' }),
    ];
    await api.store.commit(others.map((value) => ({ put: 'node', key: value.id, value, expect: 0 }) as const));
    const ids = async (path: string) => ((await itemsOf(path)) as { id: string }[]).map(({ id }) => id);
    expect(await ids('/nodes')).toEqual(['n-1', 'n-2', 'n-10', 'n-m', 'n-b']);
    expect(await ids('/nodes?blueprint=ants&family=colony')).toEqual(['n-1', 'n-2', 'n-10']);
  });

  test.each(['n-2', 'colony-2@127.0.0.1'])('%s is a node', async (reference) => {
    expect((await api.ask('GET', `/nodes/${reference}`)).body).toEqual(sample.sampleNode(2));
  });

  test.each(['n-9', 'colony-9@127.0.0.1'])('%s is none', async (reference) => {
    expect((await api.ask('GET', `/nodes/${reference}`)).problem).toMatchObject({
      kind: 'not-found',
      next: 'wombat node list',
    });
  });

  test('what is asked of a node is passed on by its id, and the node as it then is comes back', async () => {
    for (const act of ['start', 'stop', 'restart']) {
      const { status, body } = await api.ask('POST', `/nodes/colony-1@127.0.0.1/${act}`);
      expect([status, body]).toMatchObject([202, { id: 'n-1', operation: 'op-9' }]);
    }
    expect((await api.ask('DELETE', '/nodes/n-2')).status).toBe(202);
    expect((await api.ask('POST', '/nodes/n-1/terminate')).problem.kind).toBe('invalid');
    const acts = api.ports.calls.map(([, node, act]) => [node, act]);
    expect(acts).toEqual([
      ['n-1', 'start'],
      ['n-1', 'stop'],
      ['n-1', 'restart'],
      ['n-2', 'terminate'],
    ]);
  });

  test('its log comes as plain text', async () => {
    const { text, headers } = await api.ask('GET', '/nodes/n-1/logs?lines=2');
    expect([text, headers['content-type']]).toEqual(['one\ntwo\n', 'text/plain; charset=utf-8']);
    expect(api.ports.calls).toEqual([['logs', 'n-1', 2]]);
  });
});

describe('topology', () => {
  beforeEach(() => settleAnts(api.store));

  test('shows the edges that must be, the runs and the last proof', async () => {
    await api.store.commit([{ put: 'run', key: 'r-1', value: sample.sampleRun('r-1'), expect: 0 }]);
    const view = TopologyView.parse((await api.ask('GET', '/blueprints/ants/topology')).body);
    expect(view.edges).toEqual([['colony-1@127.0.0.1', 'colony-2@127.0.0.1']]);
    expect([view.proof?.ok, view.runs.length]).toEqual([true, 1]);
  });

  test('a proof that fails is an answer', async () => {
    api.ports.answers = { verify: () => Promise.resolve(sample.sampleProof(2, { ok: false })) };
    const { status, body } = await api.ask('POST', '/blueprints/ants/topology/verify');
    expect([status, (body as { ok: boolean }).ok]).toEqual([200, false]);
    expect((await api.ask('POST', '/blueprints/bees/topology/verify')).problem.kind).toBe('not-found');
  });
});

test('a page of nodes says in its head where the next one is', async () => {
  await settleAnts(api.store);
  const first = await api.ask('GET', '/nodes?limit=1');
  const { next } = first.body as { next: string };
  expect(first.headers['link']).toBe(`<?limit=1&cursor=${next}>; rel="next"`);
  const last = await api.ask('GET', `/nodes?limit=1&cursor=${next}`);
  expect(last.headers['link']).toBeUndefined();
  expect(last.body).toMatchObject({ items: [{ ordinal: 2 }], next: null });
});

describe('pages of events', () => {
  const event = (object: string, blueprint: string | null) =>
    ({ level: 'info', kind: 'node', object, blueprint, what: 'started', words: object }) as const;
  interface Found {
    readonly items: Event[];
    readonly next: string | null;
    readonly last: number;
    readonly first: number;
  }
  const page = async (query: string) => (await api.ask('GET', `/events${query}`)).body as Found;
  const sequences = async (query: string) => (await page(query)).items.map(({ sequence }) => sequence);

  test('begin with the newest, or behind a sequence', async () => {
    expect(await page('')).toEqual({ items: [], next: null, last: 0, first: 0 });
    await api.store.commit([], [event('a', 'ants'), event('b', 'bees'), event('c', 'ants')]);
    expect(await sequences('?limit=2')).toEqual([3, 2]);
    expect(await sequences(`?limit=2&cursor=${(await page('?limit=2')).next}`)).toEqual([1]);
    expect(await sequences('?after=0&limit=2')).toEqual([1, 2]);
    expect(await sequences(`?after=0&limit=2&cursor=${(await page('?after=0&limit=2')).next}`)).toEqual([3]);
    expect(await sequences('?after=0&blueprint=ants')).toEqual([1, 3]);
    expect(await page('?after=3')).toEqual({ items: [], next: null, last: 3, first: 1 });
  });

  test('that are not kept any more are not passed over: whoever asks for them is told', async () => {
    await api.store.commit([], [event('a', 'ants'), event('b', 'bees'), event('c', 'ants'), event('d', 'ants')]);
    const half = (await page('?after=0&limit=1')).next;
    await api.store.forgetEvents(2, 10);
    expect(await page('?limit=9')).toMatchObject({ first: 3, items: [{ sequence: 4 }, { sequence: 3 }] });
    expect(await sequences('?after=2')).toEqual([3, 4]);
    for (const query of ['?after=1', '?after=0&blueprint=ants', `?after=0&limit=1&cursor=${half}`]) {
      const { status, problem } = await api.ask('GET', `/events${query}`);
      expect([status, problem.kind, problem.next]).toEqual([
        404,
        'not-found',
        'begin with after=2, or without it for the newest',
      ]);
      expect(problem.detail).toContain('events up to 2 are not kept any more');
    }
  });
});
