import { describe, expect, test } from 'vitest';
import { sampleDocument, sampleNode, sampleTime } from '../../test/kit/records.ts';
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
    facts: { domains: [], providers: [], offers: [], machines: [], nodes: [...nodes], releases: [] },
    nodes: new Map(records),
    machines: new Map(),
    at: sampleTime,
    nowMs,
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
