/** What every store must do, whatever it stands on: a store's own test is a harness and a call of this. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventDraft } from '../../src/model/event.ts';
import { KeptToken } from '../../src/model/access.ts';
import type { AuditDraft } from '../../src/model/access.ts';
import { Domain } from '../../src/model/domain.ts';
import { Head } from '../../src/model/head.ts';
import { Machine } from '../../src/model/machine.ts';
import { Node } from '../../src/model/node.ts';
import { OfferSheet } from '../../src/model/offer-sheet.ts';
import { KeptOperation } from '../../src/model/operation.ts';
import { Plan } from '../../src/model/plan.ts';
import { Provider } from '../../src/model/provider.ts';
import { Release } from '../../src/model/release.ts';
import { Revision } from '../../src/model/blueprint.ts';
import { Quarantine, Rollout } from '../../src/model/rollout.ts';
import { Rotation } from '../../src/model/rotation.ts';
import { Alarm, Leftover, Stray } from '../../src/model/sweep.ts';
import { Proof, Run } from '../../src/model/topology.ts';
import type { AuditSelector, Change, Kind, Notice, Records, Store } from '../../src/store/store.ts';
import * as sample from './records.ts';
import { writtenPages } from './written-pages.ts';

/** How the suite gets at stores: `open` makes an empty one; `reopen`, where data outlives the object, opens the last one again. */
export interface StoreHarness {
  open(): Promise<Store>;
  reopen?(): Promise<Store>;
  /** removes what `open` made; the store is closed already */
  clean?(): Promise<void>;
}

const schemas: { readonly [K in Kind]: { parse(value: unknown): Records[K] } } = {
  provider: Provider,
  domain: Domain,
  release: Release,
  blueprint: Head,
  revision: Revision,
  plan: Plan,
  machine: Machine,
  node: Node,
  run: Run,
  proof: Proof,
  rollout: Rollout,
  quarantine: Quarantine,
  offers: OfferSheet,
  operation: KeptOperation,
  token: KeptToken,
  rotation: Rotation,
  stray: Stray,
  leftover: Leftover,
  alarm: Alarm,
};

const oneOfEach: readonly Extract<Change, { put: Kind }>[] = [
  { put: 'provider', key: 'here', value: sample.sampleProvider(), expect: 0 },
  { put: 'domain', key: 'here', value: sample.sampleDomain(), expect: 0 },
  { put: 'release', key: sample.sampleDigest, value: sample.sampleRelease(), expect: 0 },
  { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 },
  { put: 'revision', key: 'ants@1', value: sample.sampleRevision(), expect: 0 },
  { put: 'plan', key: 'p-1', value: sample.samplePlan('p-1'), expect: 0 },
  { put: 'machine', key: 'm-1', value: sample.sampleMachine('m-1'), expect: 0 },
  { put: 'node', key: 'n-1', value: sample.sampleNode(1), expect: 0 },
  { put: 'run', key: 'r-1', value: sample.sampleRun('r-1'), expect: 0 },
  { put: 'proof', key: 'ants', value: sample.sampleProof(2), expect: 0 },
  { put: 'rollout', key: 'ants/colony', value: sample.sampleRollout(), expect: 0 },
  { put: 'quarantine', key: 'ants/colony/v2', value: sample.sampleQuarantine(), expect: 0 },
  { put: 'stray', key: 'here/machine/i-9', value: sample.sampleStray(), expect: 0 },
  { put: 'leftover', key: 'here/machine/m-8', value: sample.sampleLeftover(), expect: 0 },
  { put: 'alarm', key: 'repair provider here', value: sample.sampleAlarm(), expect: 0 },
  { put: 'offers', key: 'here', value: sample.sampleOffers(), expect: 0 },
  { put: 'operation', key: 'op-1', value: sample.sampleOperation('op-1'), expect: 0 },
  { put: 'token', key: 'ci', value: sample.sampleToken('ci'), expect: 0 },
  { put: 'rotation', key: 'ants cookie://colony', value: sample.sampleRotation(), expect: 0 },
];

function putNode(ordinal: number, expect: number | null, over: Partial<Node> = {}): Change {
  return { put: 'node', key: `n-${ordinal}`, value: sample.sampleNode(ordinal, over), expect };
}

function draft(object: string, blueprint: string | null = 'ants'): EventDraft {
  return { level: 'info', kind: 'node', object, blueprint, what: 'started', words: `${object} started` };
}

function entry(blueprint: string | null, token = 'ci'): AuditDraft {
  const path = `/api/v1/blueprints/${blueprint ?? ''}`;
  return { token, method: 'DELETE', path, operation: 'destroyBlueprint', blueprint, status: 202 };
}

/** Runs the suite. */
export function storeConformance(name: string, harness: StoreHarness): void {
  describe(`${name} is a store`, () => {
    let opened: Store;
    const store = () => opened;
    beforeEach(async () => {
      opened = await harness.open();
    });
    afterEach(async () => {
      await opened.close();
      await harness.clean?.();
    });
    describe('records', () => records(store));
    describe('selection', () => selection(store));
    describe('pages', () => pages(store));
    describe('written pages', () => writtenPages(store));
    describe('compare-and-set', () => compareAndSet(store));
    describe('events', () => events(store));
    describe('notices', () => notices(store));
    describe('secrets', () => secrets(store));
    describe('the audit log', () => audit(store));
    describe('requests', () => requests(store));
    test('after closing, every call is refused as unavailable', async () => {
      await opened.close();
      await opened.close();
      await expect(opened.get('node', 'n-1')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(opened.commit([putNode(1, 0)])).rejects.toMatchObject({ code: 'unavailable' });
      await expect(opened.secrets.names()).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('everything outlives the store object', async (context) => {
      context.skip(harness.reopen === undefined, 'what it holds goes with it');
      await opened.commit(oneOfEach, [draft('n-0'), draft('n-1')]);
      expect(await opened.forgetEvents(1, 9)).toBe(1);
      await opened.secrets.put('a', 'value');
      await opened.audit.append(entry('ants'));
      await opened.requests.begin({ token: 'ci', key: 'k' }, 'content');
      await opened.requests.settle({ token: 'ci', key: 'k' }, { status: 200, body: 1 });
      const { owner } = opened;
      await opened.close();
      opened = await (harness.reopen?.() ?? harness.open());
      for (const change of oneOfEach)
        expect(await opened.get(change.put, change.key)).toEqual({ key: change.key, version: 1, value: change.value });
      expect(await opened.secrets.get('a')).toBe('value');
      expect(opened.owner).toBe(owner);
      const again = await opened.requests.begin({ token: 'ci', key: 'k' }, 'content');
      expect(again?.answer).toEqual({ status: 200, body: 1 });
      expect(await opened.firstEvent()).toBe(2);
      expect(await opened.commit([], [draft('n-2')])).toBe(3);
      await opened.audit.append(entry('ants'));
      expect(await opened.audit.verify()).toMatchObject({ sound: 2, broken: null });
    });
  });
}

function records(store: () => Store): void {
  test.each(oneOfEach)('a $put comes back as it went in', async (change) => {
    await store().commit([change]);
    const found = await store().get(change.put, change.key);
    expect(found).toEqual({ key: change.key, version: 1, value: change.value });
    expect(schemas[change.put].parse(found?.value)).toEqual(change.value);
  });

  test('what was never put is undefined', async () => {
    expect(await store().get('node', 'n-1')).toBeUndefined();
    expect(await store().list('node')).toEqual([]);
  });

  test('each put counts the version up', async () => {
    await store().commit([putNode(1, 0)]);
    await store().commit([putNode(1, 1, { failures: 1 })]);
    await store().commit([putNode(1, null, { failures: 2 })]);
    const found = await store().get('node', 'n-1');
    expect([found?.version, found?.value.failures]).toEqual([3, 2]);
  });

  test('removing what is there removes it; the key can be made anew', async () => {
    await store().commit([putNode(1, 0)]);
    await store().commit([{ remove: 'node', key: 'n-1', expect: 1 }]);
    expect(await store().get('node', 'n-1')).toBeUndefined();
    await store().commit([putNode(1, 0)]);
    expect((await store().get('node', 'n-1'))?.version).toBe(1);
  });

  test('removing whatever is there succeeds when nothing is', async () => {
    await store().commit([{ remove: 'node', key: 'n-1', expect: null }]);
    await store().commit([{ remove: 'node', key: 'n-1', expect: 0 }]);
  });
}

function selection(store: () => Store): void {
  test('a list is ordered by key', async () => {
    await store().commit([putNode(3, 0), putNode(1, 0), putNode(2, 0)]);
    expect((await store().list('node')).map(({ key }) => key)).toEqual(['n-1', 'n-2', 'n-3']);
  });

  test('a list by prefix takes exactly the keys that start so', async () => {
    const keys = ['ants@1', 'ants@10', 'ants', 'ants-two@1', 'anta@1', 'ants@é'];
    await store().commit(
      keys.map((key) => ({ put: 'revision', key, value: sample.sampleRevision(), expect: 0 }) as const),
    );
    const found = await store().list('revision', { keyPrefix: 'ants@' });
    expect(found.map(({ key }) => key)).toEqual(['ants@1', 'ants@10', 'ants@é']);
  });

  test('a list by blueprint follows the value, also when it changes', async () => {
    await store().commit([putNode(1, 0), putNode(2, 0, { blueprint: 'bees' })]);
    await store().commit([putNode(1, 1, { blueprint: 'bees' })]);
    expect(await store().list('node', { blueprint: 'ants' })).toEqual([]);
    expect((await store().list('node', { blueprint: 'bees' })).map(({ key }) => key)).toEqual(['n-1', 'n-2']);
  });

  test('what a blueprint declared is selected by it, what a person added is not', async () => {
    const declared = sample.sampleProvider('lab', { declaredBy: 'ants' });
    await store().commit([
      { put: 'provider', key: 'lab', value: declared, expect: 0 },
      { put: 'provider', key: 'here', value: sample.sampleProvider(), expect: 0 },
    ]);
    const found = await store().list('provider', { blueprint: 'ants', keyPrefix: '' });
    expect(found.map(({ key }) => key)).toEqual(['lab']);
  });
}

function pages(store: () => Store): void {
  const keysOf = (placed: readonly { readonly key: string }[]) => placed.map(({ key }) => key);

  test('nodes are paged by blueprint, family and ordinal, from wherever one stands, in both directions', async () => {
    await store().commit([putNode(10, 0), putNode(2, 0), putNode(1, 0, { blueprint: 'bees' }), putNode(3, 0)]);
    const first = await store().page('node', { limit: 2 });
    expect(keysOf(first)).toEqual(['n-2', 'n-3']);
    const behind = await store().page('node', { limit: 2, after: first[1]?.place });
    expect(keysOf(behind)).toEqual(['n-10', 'n-1']);
    expect(behind[0]).toMatchObject({ version: 1, value: { ordinal: 10 } });
    expect(keysOf(await store().page('node', { limit: 9, after: behind[1]?.place }))).toEqual([]);
    expect(keysOf(await store().page('node', { limit: 2, backwards: true }))).toEqual(['n-1', 'n-10']);
    expect(keysOf(await store().page('node', { limit: 9, backwards: true, after: behind[0]?.place }))).toEqual([
      'n-3',
      'n-2',
    ]);
  });

  test('a place outlives what stood there, and changes of a record do not move it', async () => {
    await store().commit([putNode(1, 0), putNode(2, 0), putNode(3, 0)]);
    const [, second] = await store().page('node', { limit: 2 });
    await store().commit([
      { remove: 'node', key: 'n-2', expect: 1 },
      putNode(1, 1, { failures: 1 }),
      putNode(3, null, { failures: 1 }),
    ]);
    const rest = await store().page('node', { limit: 9, after: second?.place });
    expect(rest.map(({ key, version }) => [key, version])).toEqual([['n-3', 2]]);
  });

  test('are of one blueprint, or of those that somebody sees', async () => {
    const provider = (key: string, declaredBy: string | null) =>
      ({ put: 'provider', key, value: sample.sampleProvider(key, { declaredBy }), expect: 0 }) as const;
    await store().commit([provider('a', 'ants'), provider('b', 'bees'), provider('c', null)]);
    expect(keysOf(await store().page('provider', { limit: 9, blueprint: 'ants' }))).toEqual(['a']);
    expect(keysOf(await store().page('provider', { limit: 9, seenBy: ['bees'] }))).toEqual(['b', 'c']);
    expect(keysOf(await store().page('provider', { limit: 9, seenBy: null }))).toEqual(['a', 'b', 'c']);
  });

  test('revisions are in the order of their numbers', async () => {
    const numbers = [1, 10, 2];
    await store().commit(
      numbers.map((number) => {
        const value = sample.sampleRevision(sample.sampleDocument(), number);
        return { put: 'revision', key: `ants@${number}`, value, expect: 0 } as const;
      }),
    );
    expect(keysOf(await store().page('revision', { limit: 9, blueprint: 'ants' }))).toEqual([
      'ants@1',
      'ants@2',
      'ants@10',
    ]);
  });
}

function compareAndSet(store: () => Store): void {
  const stale: [string, Change][] = [
    ['put of a new key that is there', putNode(1, 0)],
    ['put under an older version', putNode(1, 1)],
    ['put under a version that is still to come', putNode(1, 3)],
    ['put of a record that is gone', putNode(9, 1)],
    ['remove under an older version', { remove: 'node', key: 'n-1', expect: 1 }],
    ['remove of a record that is gone', { remove: 'node', key: 'n-9', expect: 2 }],
    ['remove that expects nothing there', { remove: 'node', key: 'n-1', expect: 0 }],
  ];

  test.each(stale)('%s: a conflict that names it, and nothing is done', async (_, change) => {
    await store().commit([putNode(1, 0)], [draft('n-1')]);
    await store().commit([putNode(1, 1)], [draft('n-1')]);
    const before = await store().list('node');
    const refused = store().commit([putNode(2, 0), change, putNode(3, 0)], [draft('n-2')]);
    await expect(refused).rejects.toMatchObject({ code: 'conflict', detail: { object: `node ${change.key}` } });
    expect(await store().list('node')).toEqual(before);
    expect(await store().events({ after: 0, limit: 10 })).toHaveLength(2);
    expect(await store().commit([], [draft('n-1')])).toBe(3);
  });

  test('the changes of one commit see each other', async () => {
    await store().commit([putNode(1, 0), putNode(1, 1, { failures: 1 }), { remove: 'node', key: 'n-1', expect: 2 }]);
    expect(await store().get('node', 'n-1')).toBeUndefined();
  });

  test('of many who saw the same version, one wins', async () => {
    await store().commit([putNode(1, 0)]);
    const tries = Array.from({ length: 20 }, (_, failures) => store().commit([putNode(1, 1, { failures })]));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await store().get('node', 'n-1'))?.version).toBe(2);
  });
}

function events(store: () => Store): void {
  test('go oldest first, so many at a time, the newest never; numbers go on', async () => {
    expect(await store().firstEvent()).toBe(0);
    await store().commit(
      [],
      [1, 2, 3, 4, 5].map((n) => draft(`n-${n}`)),
    );
    expect(await store().firstEvent()).toBe(1);
    expect(await store().forgetEvents(3, 2)).toBe(2);
    expect(await store().firstEvent()).toBe(3);
    expect(await store().forgetEvents(99, 99)).toBe(2);
    expect(await store().forgetEvents(99, 99)).toBe(0);
    await store().commit([], [draft('n-6')]);
    const left = await store().events({ after: 0, limit: 9 });
    expect(left.map(({ sequence, object }) => [sequence, object])).toEqual([
      [5, 'n-5'],
      [6, 'n-6'],
    ]);
  });

  test('are numbered from 1 without gaps, and a commit answers the last number', async () => {
    expect(await store().commit([])).toBe(0);
    expect(await store().commit([], [draft('n-1'), draft('n-2')])).toBe(2);
    expect(await store().commit([putNode(1, 0)])).toBe(2);
    expect(await store().commit([], [draft('n-3')])).toBe(3);
    const events = await store().events({ after: 0, limit: 10 });
    expect(events.map(({ sequence, object }) => [sequence, object])).toEqual([
      [1, 'n-1'],
      [2, 'n-2'],
      [3, 'n-3'],
    ]);
    expect(events[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(events[0]).toMatchObject(draft('n-1'));
  });

  test('are selected by place, number, blueprint and object', async () => {
    await store().commit(
      [],
      [draft('n-1'), draft('n-2', 'bees'), draft('n-1', 'bees'), draft('n-3'), draft('n-9', null)],
    );
    const numbers = async (selector: Parameters<Store['events']>[0]) =>
      (await store().events(selector)).map(({ sequence }) => sequence);
    expect(await numbers({ after: 1, limit: 2 })).toEqual([2, 3]);
    expect(await numbers({ after: 0, limit: 9, blueprint: 'bees' })).toEqual([2, 3]);
    expect(await numbers({ after: 0, limit: 9, object: 'n-1' })).toEqual([1, 3]);
    expect(await numbers({ after: 0, limit: 9, object: 'n-1', blueprint: 'bees' })).toEqual([3]);
    expect(await numbers({ after: 0, limit: 9, blueprints: ['bees', 'wasps'] })).toEqual([2, 3]);
    expect(await numbers({ after: 0, limit: 9, blueprints: [] })).toEqual([]);
    expect(await numbers({ after: 5, limit: 9 })).toEqual([]);
  });

  test('the newest come oldest first', async () => {
    await store().commit([], [draft('n-1'), draft('n-2'), draft('n-3', 'bees'), draft('n-4')]);
    const newest = await store().recentEvents({ limit: 2 });
    expect(newest.map(({ sequence }) => sequence)).toEqual([3, 4]);
    const ofAnts = await store().recentEvents({ limit: 2, blueprint: 'ants' });
    expect(ofAnts.map(({ sequence }) => sequence)).toEqual([2, 4]);
  });
}

function notices(store: () => Store): void {
  test('come after each commit, in order, with what was changed', async () => {
    const notices: Notice[] = [];
    store().subscribe((notice) => notices.push(notice));
    await store().commit([putNode(1, 0), putNode(2, 0)], [draft('n-1')]);
    await store().commit([{ remove: 'node', key: 'n-1', expect: 1 }]);
    expect(notices.map(({ changes }) => changes)).toEqual([
      [
        { kind: 'node', key: 'n-1', removed: false },
        { kind: 'node', key: 'n-2', removed: false },
      ],
      [{ kind: 'node', key: 'n-1', removed: true }],
    ]);
    expect(notices[0]?.events).toEqual(await store().events({ after: 0, limit: 1 }));
  });

  test('a commit made by a listener does not overtake the notice that it answers', async () => {
    const heard: number[] = [];
    store().subscribe(({ events }) => {
      if (events[0]?.sequence === 1) void store().commit([], [draft('n-2')]);
    });
    const second = new Promise<void>((resolve) => {
      store().subscribe(({ events }) => {
        heard.push(...events.map(({ sequence }) => sequence));
        if (heard.length === 2) resolve();
      });
    });
    await store().commit([], [draft('n-1')]);
    await second;
    expect(heard).toEqual([1, 2]);
  });

  test('neither a refused commit nor an ended subscription is heard', async () => {
    const notices: Notice[] = [];
    const stop = store().subscribe((notice) => notices.push(notice));
    await expect(store().commit([putNode(1, 5)])).rejects.toThrow();
    stop();
    await store().commit([putNode(1, 0)]);
    expect(notices).toEqual([]);
  });
}

function secrets(store: () => Store): void {
  test('open with another key once they are sealed with it, and the audit log stays sound', async () => {
    const { secrets: kept, audit } = store();
    await kept.put('a', 'value');
    await kept.put('b', 'other');
    const draft = { token: 'me', method: 'POST', path: '/x', operation: 'x', blueprint: null, status: 200 };
    await audit.append(draft);
    const request = { token: 'me', key: 'k-1' };
    await store().requests.begin(request, 'content');
    await store().requests.settle(request, { status: 201, body: { value: 'x' } });
    await store().rotateKey();
    const told = { isSame: true, answer: { status: 201, body: { value: 'x' } } };
    expect(await store().requests.begin(request, 'content')).toMatchObject(told);
    expect(await store().requests.begin(request, 'another')).toMatchObject({ isSame: false });
    await kept.put('c', 'third');
    await audit.append(draft);
    expect(await Promise.all(['a', 'b', 'c'].map((name) => kept.get(name)))).toEqual(['value', 'other', 'third']);
    expect(await audit.verify()).toMatchObject({ sound: 2, broken: null });
  });

  test('come back under their names, are replaced, listed by name and removed', async () => {
    const { secrets } = store();
    await secrets.put('ants secret://env/KEY', 'värde ✓');
    await secrets.put('a', 'first');
    await secrets.put('a', 'second');
    expect(await secrets.get('ants secret://env/KEY')).toBe('värde ✓');
    expect(await secrets.get('a')).toBe('second');
    expect(await secrets.names()).toEqual(['a', 'ants secret://env/KEY']);
    await secrets.remove('a');
    await secrets.remove('a');
    expect(await secrets.has('a')).toBe(false);
    await expect(secrets.get('a')).rejects.toMatchObject({ code: 'not-found' });
  });
}

function requests(store: () => Store): void {
  const id = { token: 'ci', key: 'k' };

  test('are begun once; what they were answered is told to who begins them again', async () => {
    expect(await store().requests.begin(id, 'content')).toBeUndefined();
    const begun = await store().requests.begin(id, 'content');
    expect(begun).toMatchObject({ isSame: true, answer: null });
    const body = { text: 'x'.repeat(10_000), with: ['ä', null, 1] };
    await store().requests.settle(id, { status: 201, body });
    expect((await store().requests.begin(id, 'content'))?.answer).toEqual({ status: 201, body });
    await store().requests.settle(id, { status: 204 });
    expect((await store().requests.begin(id, 'content'))?.answer).toEqual({ status: 204 });
  });

  test('are of a token, and of one content', async () => {
    await store().requests.begin(id, 'content');
    expect((await store().requests.begin(id, 'other'))?.isSame).toBe(false);
    expect(await store().requests.begin({ ...id, token: 'other' }, 'content')).toBeUndefined();
    await store().requests.settle(id, { status: 200 }, 'as it turned out');
    expect((await store().requests.begin(id, 'as it turned out'))?.isSame).toBe(true);
  });

  test('that are forgotten may be begun anew', async () => {
    await store().requests.begin(id, 'content');
    await store().requests.forget(id);
    expect(await store().requests.begin(id, 'other')).toBeUndefined();
  });
}

function audit(store: () => Store): void {
  test('entries are numbered in order, also those that came at once, and read from the newest back', async () => {
    expect(await store().audit.verify()).toEqual({ sound: 0, head: '', broken: null });
    await store().audit.append(entry(null));
    await Promise.all(['ants', 'bees', 'ants'].map((blueprint) => store().audit.append(entry(blueprint))));
    const all = await store().audit.recent({ limit: 9 });
    expect(all.map(({ sequence, blueprint }) => [sequence, blueprint])).toEqual([
      [1, null],
      [2, 'ants'],
      [3, 'bees'],
      [4, 'ants'],
    ]);
    const sequences = async (selector: AuditSelector) =>
      (await store().audit.recent(selector)).map(({ sequence }) => sequence);
    expect(await sequences({ limit: 2 })).toEqual([3, 4]);
    expect(await sequences({ limit: 9, blueprints: ['ants', 'wasps'] })).toEqual([2, 4]);
    expect(await sequences({ limit: 9, blueprints: [] })).toEqual([]);
    expect(await store().audit.verify()).toMatchObject({ sound: 4, broken: null });
  });

  test('after closing, an entry is refused as unavailable', async () => {
    await store().close();
    await expect(store().audit.append(entry('ants'))).rejects.toMatchObject({ code: 'unavailable' });
  });
}
