import { expect, test } from 'vitest';
import {
  sampleDigest,
  sampleDocument,
  sampleMachine,
  sampleNode,
  sampleProgress,
  sampleRollout,
} from '../../test/kit/records.ts';
import type { Node } from '../model/node.ts';
import type { StepOf } from '../model/plan.ts';
import { doubtfulOf } from './rollout/begin.ts';
import { turnsOf } from './turns.ts';
import type { TurnContext } from './turns.ts';

const { specification: former } = sampleNode(1);
const target = { ...former, digest: `sha256:${'b'.repeat(64)}` };
const passed = sampleProgress({ gate: null, words: 'healthy' });

/** Seven nodes, two to be changed at a time: the first `well` have passed with the new version, the others have the former. */
function contextOf(well: number, doubtful: readonly string[], others: Partial<Node> = {}): TurnContext {
  const nodes = Array.from({ length: 7 }, (_, at) =>
    sampleNode(at + 1, at < well ? { specification: target } : others),
  );
  const document = sampleDocument('ants', 7);
  const colony = { ...document.families['colony']!, update: { parallel: 2 } };
  const told = Object.fromEntries(nodes.slice(0, well).map(({ id }) => [id, passed]));
  return {
    document: { ...document, families: { colony } },
    nodes: new Map(nodes.map((value) => [value.id, { key: value.id, version: 1, value }])),
    machines: new Map([['m-1', { key: 'm-1', version: 1, value: sampleMachine('m-1') }]]),
    rollouts: new Map([['colony', sampleRollout({ nodes: told, doubtful: [...doubtful] })]]),
    targets: new Map([['colony', target]]),
    inStateMs: () => 60_000,
  };
}

function allowed(context: TurnContext): string[] {
  const left = [...context.nodes.values()].filter(({ value }) => value.specification.digest === sampleDigest);
  const steps = left.map(({ value: { id, name, family } }): StepOf<'change node'> => {
    return { do: 'change node', node: id, name, family, specification: target, why: 'another release' };
  });
  return [...turnsOf(steps, context).allowed];
}

test('as many as may be unsettled have their turn', () => {
  expect(allowed(contextOf(4, []))).toEqual(['n-5', 'n-6']);
});

test('more nodes in doubt than may be unsettled are changed all the same, two at a time', () => {
  const doubtful = ['n-5', 'n-6', 'n-7'];
  expect(allowed(contextOf(4, doubtful))).toEqual(['n-5', 'n-6']);
});

test('and none of them while as many are on their way', () => {
  const context = contextOf(4, ['n-5', 'n-6', 'n-7']);
  const onTheirWay = ['n-1', 'n-2'].map((id) => {
    const record = context.nodes.get(id)!;
    return [
      id,
      { ...record, value: { ...record.value, state: { phase: 'waiting', why: 'it waits' } as const } },
    ] as const;
  });
  expect(allowed({ ...context, nodes: new Map([...context.nodes, ...onTheirWay]) })).toEqual([]);
});

test('a node that has shown that it works with what it was told since is in doubt no more', () => {
  const nodes = { 'n-1': passed, 'n-2': sampleProgress() };
  expect(doubtfulOf({ nodes, doubtful: ['n-1', 'n-2', 'n-3'] }).sort()).toEqual(['n-2', 'n-3']);
});
