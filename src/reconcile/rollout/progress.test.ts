import { describe, expect, test } from 'vitest';
import { failedPhase, sampleNode, sampleProcess, sampleProgress, sampleTime } from '../../../test/kit/records.ts';
import { incarnationOf } from '../../model/node.ts';
import type { Node } from '../../model/node.ts';
import { updateRules } from '../../model/update.ts';
import { failureOf, progressed } from './progress.ts';

const start = Date.parse(sampleTime);
const moment = (seconds: number) => ({
  at: new Date(start + seconds * 1_000).toISOString(),
  since: (_node: Node, recorded: string) => start + seconds * 1_000 - Date.parse(recorded),
  minHealthyMs: 5_000,
  waitedAgo: () => Infinity,
});
const node = sampleNode(2);
const known = sampleProgress({ incarnation: incarnationOf(node) });
const another = sampleNode(2, {
  failures: 1,
  state: { phase: 'running', since: sampleTime, process: { ...sampleProcess, pid: 5000 } },
});
const waiting = sampleNode(2, { state: { phase: 'waiting', why: 'for its machine' } });
const rules = updateRules({ deadlineSeconds: 60 }, 6);
const blind = { gate: 'proven', words: 'it sees nobody' } as const;

describe('a changed node', () => {
  test('passes when everything has held for long enough', () => {
    const first = progressed(undefined, node, null, moment(0));
    expect(first).toMatchObject({ gate: 'healthy', healthySince: sampleTime, at: sampleTime });
    expect(progressed(first, node, null, moment(4)).gate).toBe('healthy');
    expect(progressed(first, node, null, moment(5)).gate).toBeNull();
  });

  test('begins anew when something has not held', () => {
    const ill = progressed(known, node, blind, moment(3));
    expect(ill).toMatchObject({ ...blind, healthySince: null, at: sampleTime });
    expect(progressed(ill, node, null, moment(6))).toMatchObject({ gate: 'healthy', healthySince: moment(6).at });
  });

  test('that has become another process by itself has died', () => {
    expect(progressed(known, another, null, moment(9))).toMatchObject({ deaths: 1, gate: 'healthy' });
    const gone = sampleNode(2, { failures: 1, state: { phase: 'installing', since: sampleTime } });
    const after = progressed(known, gone, { gate: 'started', words: '' }, moment(9));
    expect(after).toMatchObject({ deaths: 1, incarnation: null });
    expect(progressed(after, another, null, moment(10)).deaths).toBe(1);
  });

  test('has not died when its host was booted anew, or a person restarted it', () => {
    expect(progressed(known, { ...another, failures: 0 }, null, moment(9)).deaths).toBe(0);
    const restarted = { ...another, generation: 2, startedGeneration: 2 };
    expect(progressed(known, restarted, null, moment(9))).toMatchObject({ deaths: 0, at: moment(9).at });
  });

  test('is given the whole time again after it was healthy', () => {
    const passed = { ...known, gate: null };
    expect(progressed(passed, node, blind, moment(90)).at).toBe(moment(90).at);
  });

  test('is given the whole time from when it has its machine, and nothing is written while it waits for one', () => {
    const found = { gate: 'started', words: '' } as const;
    const first = progressed(known, waiting, found, moment(90));
    expect(progressed(first, waiting, found, moment(91))).toEqual(first);
    const installing = sampleNode(2, { state: { phase: 'installing', since: sampleTime } });
    const begun = progressed(first, installing, found, { ...moment(92), waitedAgo: () => 1_000 });
    expect(begun.at).toBe(moment(92).at);
    expect(progressed(begun, installing, found, { ...moment(93), waitedAgo: () => 2_000 }).at).toBe(begun.at);
  });
});

describe('a version has failed', () => {
  const verdict = (over: Partial<typeof known>, of: Node = node, seconds = 10, watchedMs = Infinity) =>
    failureOf({ [of.id]: { ...known, ...over } }, [of], rules, { since: moment(seconds).since, watchedMs });

  test('not while nodes are on their way, or wait for a machine', () => {
    expect(verdict({})).toBeNull();
    expect(verdict({ gate: 'started' }, waiting, 90)).toBeNull();
    expect(verdict({ deaths: 1 })).toBeNull();
  });

  test('when a node dies twice, with its last words', () => {
    const dead = sampleNode(2, { state: failedPhase('it has died') });
    expect(verdict({ deaths: 2 }, dead)).toBe(`${node.name} has died 2 times; it wrote last: {init terminating}`);
  });

  test('when it fails again and again', () => {
    const failing = sampleNode(2, { failures: 3, state: failedPhase('port taken') });
    expect(verdict({ gate: 'started', words: 'it is failed' }, failing)).toMatch(
      /failed 3 times in a row: it is failed/,
    );
    expect(verdict({ gate: null }, { ...failing, state: node.state })).toBeNull();
  });

  test('when a node is not healthy in time, in the words of its gate', () => {
    expect(verdict({ ...blind, healthySince: null }, node, 61)).toBe(
      `${node.name} was not healthy within 60 s: not proven: it sees nobody`,
    );
    expect(verdict({}, node, 61)).toBe(`${node.name} was not healthy within 60 s: it did not stay so for 5 s`);
    expect(verdict({ gate: null }, node, 61)).toBeNull();
  });

  test('not for time in which nobody looked', () => {
    expect(verdict({}, node, 600, 10_000)).toBeNull();
  });

  test('when more nodes have died than are changed at a time', () => {
    const others = [1, 2].map((ordinal) => sampleNode(ordinal));
    const nodes = Object.fromEntries(others.map((one) => [one.id, { ...known, deaths: 1 }]));
    expect(failureOf(nodes, others, rules, { since: moment(0).since, watchedMs: Infinity })).toMatch(
      /have died 2 times/,
    );
    const wider = { ...rules, parallel: 2 };
    expect(failureOf(nodes, others, wider, { since: moment(0).since, watchedMs: Infinity })).toBeNull();
  });
});
