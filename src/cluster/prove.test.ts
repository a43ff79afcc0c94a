import { describe, expect, test } from 'vitest';
import { aMember, aView, fullMesh } from '../../test/kit/cluster-members.ts';
import { fakeClock, settle } from '../../test/kit/fake-clock.ts';
import type { FakeClock } from '../../test/kit/fake-clock.ts';
import { Fault } from '../base/fault.ts';
import type { Node } from '../model/node.ts';
import type { NodeView } from './cluster.ts';
import { prove } from './prove.ts';
import type { Eyes } from './prove.ts';

const names = ['colony-1@h', 'colony-2@h', 'master-1@h'];
const claim = { blueprint: 'ants', members: names.map((name) => aMember(name)), edges: fullMesh(names) };

interface Scripted extends Eyes {
  readonly clock: FakeClock;
  readonly looked: string[];
  most: number;
}

/** Eyes that answer by a script: which view a node shows at its first, second, … look; the last one stays. */
function scripted(script: Readonly<Record<string, readonly (readonly string[] | Error)[]>>, settleMs = 3000): Scripted {
  let now = 0;
  const eyes: Scripted = {
    looked: [],
    most: 0,
    clock: fakeClock(0),
    settleMs,
    async view(node: Node): Promise<NodeView> {
      const turns = script[node.name] ?? [names.filter((name) => name !== node.name)];
      const turn = eyes.looked.filter((name) => name === node.name).length;
      eyes.looked.push(node.name);
      now += 1;
      eyes.most = Math.max(eyes.most, now);
      await (node.name.startsWith('slow') ? settle() : Promise.resolve());
      now -= 1;
      const answer = turns[Math.min(turn, turns.length - 1)] ?? [];
      if (answer instanceof Error) throw answer;
      return aView(node.name, answer);
    },
  };
  return eyes;
}

/** Proves while the clock goes on for ten seconds. */
async function proven(eyes: Scripted, signal?: AbortSignal) {
  const proof = prove(eyes, claim, signal);
  await eyes.clock.advance(10_000);
  return proof;
}

test('a healthy cluster is looked at once', async () => {
  const eyes = scripted({});
  const proof = await proven(eyes);
  expect(proof).toMatchObject({ ok: true, blueprint: 'ants', at: '1970-01-01T00:00:00.000Z' });
  expect(eyes.looked).toEqual(names);
});

describe('settling', () => {
  test('what becomes right in time is right, and only suspects are looked at again', async () => {
    const eyes = scripted({ 'colony-1@h': [['master-1@h'], ['master-1@h', 'colony-2@h']] });
    expect(await proven(eyes)).toMatchObject({ ok: true, edgesSeen: 3 });
    expect(eyes.looked.slice(3).sort()).toEqual(['colony-1@h', 'colony-2@h']);
  });

  test('what stays wrong is reported when the time is over', async () => {
    const eyes = scripted({ 'colony-1@h': [['master-1@h']] });
    const proof = await proven(eyes);
    expect(proof.verdict).toBe('colony-1@h does not see colony-2@h (it sees: master-1@h)');
    expect(eyes.clock.pending).toBe(0);
    expect(proof.at).toBe('1970-01-01T00:00:03.000Z');
  });

  test('without time to settle the first look counts', async () => {
    const eyes = scripted({ 'colony-1@h': [['master-1@h'], ['master-1@h', 'colony-2@h']] }, 0);
    expect(await proven(eyes)).toMatchObject({ ok: false });
    expect(eyes.looked).toHaveLength(3);
  });
});

describe('it never throws', () => {
  test('a node that cannot be seen is named with its words', async () => {
    const refused = new Fault('unavailable', 'no way there', { words: 'connection refused' });
    const proof = await proven(scripted({ 'master-1@h': [refused] }));
    expect(proof.faults).toEqual([
      {
        kind: 'unreachable node',
        nodes: ['master-1@h'],
        words: 'master-1@h cannot be seen: no way there: connection refused',
      },
    ]);
  });

  test('an aborted signal ends it with what was seen', async () => {
    const eyes = scripted({ 'master-1@h': [new Error('not there')] });
    const proof = await proven(eyes, AbortSignal.abort(new Error('enough')));
    expect(proof).toMatchObject({ ok: false, nodesSeen: 2 });
    expect(eyes.looked).toHaveLength(3);
  });
});

test('faults stand in the order of the members, whoever answered first (I10)', async () => {
  const gone = new Error('gone');
  const eyes = scripted({ 'slow-1@h': [gone], 'fast-1@h': [gone] }, 0);
  const members = [aMember('slow-1@h'), aMember('fast-1@h')];
  const proof = await prove(eyes, { blueprint: 'b', members, edges: [] });
  expect(proof.faults.map((fault) => fault.nodes)).toEqual([['slow-1@h'], ['fast-1@h']]);
});

test('many nodes are looked at a bounded number at a time', async () => {
  const many = Array.from({ length: 100 }, (_, at) => `n-${at}@h`);
  const eyes = scripted(Object.fromEntries(many.map((name) => [name, [[]]])), 0);
  const proof = await prove(eyes, { blueprint: 'b', members: many.map((name) => aMember(name)), edges: [] });
  expect(proof.verdict).toBe('mesh 100/100 nodes, 0/0 edges, 0 extra');
  expect(eyes.most).toBe(32);
});
