import { describe, expect, test } from 'vitest';
import { failedPhase, sampleDocument, sampleMachine, sampleNode, sampleTime } from '../../test/kit/records.ts';
import type { Node } from '../model/node.ts';
import type { Step } from '../model/plan.ts';
import type { Change, Versioned } from '../store/store.ts';
import { intentsOf } from './intents.ts';
import type { IntentContext } from './intents.ts';

const nowMs = Date.parse(sampleTime) + 60_000;

function context(nodes: readonly Node[], parallel = 1): IntentContext {
  const document = sampleDocument();
  const colony = { release: 'ants', nodes: nodes.length, update: { parallel, minHealthySeconds: 5 } };
  const records: [string, Versioned<Node>][] = nodes.map((value) => [value.id, { key: value.id, version: 3, value }]);
  return {
    document: { ...document, families: { colony } },
    revision: 1,
    facts: { domains: [], providers: [], offers: [], machines: [], nodes: [...nodes], releases: [] },
    nodes: new Map(records),
    machines: new Map(),
    rollouts: new Map(),
    targets: new Map(),
    at: sampleTime,
    inStateMs: ({ state }) => ('since' in state ? nowMs - Date.parse(state.since) : 0),
  };
}

function change(node: Node): Step {
  const specification = { ...node.specification, epmdPort: 5000 };
  return { do: 'change node', node: node.id, name: node.name, family: node.family, specification, why: 'epmd port' };
}

/** Ids of the nodes that are written. */
function written(changes: readonly Change[]): string[] {
  return changes.map((one) => one.key);
}

describe('changes of running nodes', () => {
  const nodes = [sampleNode(1), sampleNode(2), sampleNode(3)];

  test('one at a time by default, the others are held', () => {
    const intents = intentsOf(nodes.map(change), context(nodes));
    expect(written(intents.changes)).toEqual(['n-1']);
    expect(intents.held).toBe(2);
  });

  test('as many as the family allows', () => {
    expect(intentsOf(nodes.map(change), context(nodes, 2)).held).toBe(1);
  });

  test('none while another node of the family is too young', () => {
    const young = sampleNode(3, {
      state: { ...nodes[2]!.state, since: new Date(nowMs - 1_000).toISOString() } as Node['state'],
    });
    const all = [nodes[0]!, nodes[1]!, young];
    expect(intentsOf([change(nodes[0]!)], context(all)).changes).toEqual([]);
  });

  test('a node that does not run anyway is changed at once', () => {
    const failed: Node = sampleNode(3, {
      state: { phase: 'failed', since: sampleTime, why: 'x', log: [], retryAt: sampleTime },
    });
    const all = [nodes[0]!, nodes[1]!, failed];
    expect(written(intentsOf([change(failed)], context(all)).changes)).toEqual(['n-3']);
  });

  test('a changed node counts its generation up, under the version it was read with', () => {
    const [intent] = intentsOf([change(nodes[0]!)], context([nodes[0]!])).changes;
    expect(intent).toMatchObject({
      put: 'node',
      expect: 3,
      value: { generation: 2, specification: { epmdPort: 5000 } },
    });
  });
});

test('what went wrong before is no failure of the new version, and the process is stopped as it was started', () => {
  const state = failedPhase('it crashed');
  const failed = sampleNode(3, {
    failures: 5,
    state: { ...state, retryAt: '2027-01-01T00:00:00.000Z' } as Node['state'],
  });
  const [intent] = intentsOf([change(failed)], context([failed])).changes;
  expect(intent).toMatchObject({
    value: { failures: 0, state: { phase: 'failed', retryAt: sampleTime }, asStarted: failed.specification },
  });
});

test('an added node waits for its turn, and its ordinal is taken', () => {
  const like = sampleNode(7);
  const step: Step = {
    do: 'add node',
    node: 'n-7',
    family: 'colony',
    ordinal: 7,
    name: like.name,
    placement: like.placement,
    specification: like.specification,
    replaces: null,
    why: 'wanted',
  };
  const intents = intentsOf([step], context([]));
  expect(intents.changes).toMatchObject([
    { put: 'node', key: 'n-7', expect: 0, value: { desired: 'running', state: { phase: 'waiting' } } },
  ]);
  expect(intents.nextOrdinal).toEqual({ colony: 8 });
  expect(intents.events.map((event) => event.words)).toEqual(['wanted']);
});

test('a removed node is only marked: its own loop takes it down', () => {
  const node = sampleNode(1);
  const step: Step = { do: 'remove node', node: node.id, name: node.name, family: 'colony', why: 'one too many' };
  expect(intentsOf([step], context([node])).changes).toMatchObject([
    { put: 'node', expect: 3, value: { desired: 'removed', state: node.state } },
  ]);
});

describe('moves of running nodes', () => {
  const nodes = [sampleNode(1), sampleNode(2)];

  /** A move of the node to another machine: another node takes its part there. */
  function move(node: Node): Step[] {
    const { family, placement, specification, name } = node;
    const elsewhere = { ...placement, machine: 'm-elsewhere' };
    const added = { node: `${node.id}-new`, ordinal: node.ordinal + 10, name: `${name}-new`, placement: elsewhere };
    return [
      { do: 'add node', ...added, family, specification, replaces: node.id, why: 'replaces it' },
      { do: 'remove node', node: node.id, name, family, why: 'rebalancing' },
    ];
  }

  function scene(all: readonly Node[], keepName = false): IntentContext {
    const made = context(all);
    const ready = { ...sampleMachine('m-1'), state: { phase: 'ready' as const, since: sampleTime } };
    const machines = all.map(({ placement }) => [placement.machine, { key: '', version: 1, value: ready }] as const);
    const colony = { ...made.document.families['colony']!, keepName };
    return { ...made, machines: new Map(machines), document: { ...made.document, families: { colony } } };
  }

  const values = (changes: readonly Change[]) =>
    changes.flatMap((one) => ('put' in one && one.put === 'node' ? [one.value] : []));

  test('one at a time: its replacement comes first, the other is told where it will go', () => {
    const { changes, held } = intentsOf(nodes.flatMap(move), scene(nodes));
    expect(values(changes)).toMatchObject([
      { id: 'n-1-new', replaces: 'n-1', desired: 'running' },
      { id: 'n-2', desired: 'running', move: { machine: 'm-elsewhere', revision: 1, why: 'rebalancing' } },
    ]);
    expect(held).toBe(3);
  });

  test('a node goes when its replacement has proven itself, not before', () => {
    const removal: Step = { do: 'remove node', node: 'n-1', name: 'n-1', family: 'colony', why: 'taken over' };
    const since = (ageMs: number) => new Date(nowMs - ageMs).toISOString();
    const successor = (ageMs: number) =>
      sampleNode(9, { replaces: 'n-1', state: { ...nodes[0]!.state, since: since(ageMs) } as Node['state'] });
    expect(intentsOf([removal], scene([...nodes, successor(1_000)]))).toMatchObject({ changes: [], held: 1 });
    const { changes } = intentsOf([removal], scene([...nodes, successor(9_000)]));
    expect(values(changes)).toMatchObject([{ id: 'n-1', desired: 'removed' }]);
  });

  test('where the two would have one name, the old one goes at once, still one at a time', () => {
    const { changes } = intentsOf(nodes.flatMap(move), scene(nodes, true));
    expect(values(changes)).toMatchObject([
      { id: 'n-1-new' },
      { id: 'n-1', desired: 'removed' },
      { id: 'n-2', desired: 'running', move: {} },
    ]);
  });

  test('a replacement that is replaced itself leaves its part to the next', () => {
    const failed = sampleNode(9, { replaces: 'n-1', state: { phase: 'waiting', why: 'for its machine' } });
    const { changes } = intentsOf(move(failed), scene([...nodes, failed]));
    expect(values(changes)).toMatchObject([
      { id: 'n-9-new', replaces: 'n-1' },
      { id: 'n-9', desired: 'removed' },
    ]);
  });
});
