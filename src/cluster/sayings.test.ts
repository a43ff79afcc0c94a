import { expect, test } from 'vitest';
import { aNode } from '../../test/kit/cluster-members.ts';
import { sampleProof } from '../../test/kit/records.ts';
import { Fault } from '../base/fault.ts';
import type { Answer } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import type { Proof } from '../model/topology.ts';
import { Sayings } from './sayings.ts';

const nodes = ['colony-1@h', 'colony-2@h', 'colony-3@h'].map((name) => aNode(name));

/** Nodes that answer with their word of the moment; one without a word cannot be asked. */
function speaking() {
  const words = new Map(nodes.map(({ id }) => [id, `${id} is well`]));
  const asked: string[] = [];
  const answerOf = (digest: string | null): Answer => ({ digest, term: () => [] });
  const sayings = new Sayings(({ id }) => {
    asked.push(id);
    const word = words.get(id);
    return word === undefined ? Promise.reject(new Fault('unavailable', 'gone')) : Promise.resolve(answerOf(word));
  });
  const proven = (proof: Proof, digestOf = (node: Node): string | null => words.get(node.id) ?? null) =>
    sayings.noting((heard) => {
      nodes.forEach((node) => heard(node, answerOf(digestOf(node))));
      return Promise.resolve(proof);
    });
  return { words, asked, sayings, proven };
}

test('nodes that say what they said for the proof are asked once each', async () => {
  const { asked, sayings, proven } = speaking();
  const proof = await proven(sampleProof(3));
  expect(await sayings.areTheSame(proof, nodes)).toBe(true);
  expect(asked).toEqual(nodes.map(({ id }) => id));
});

test.each<[string, (words: Map<string, string>) => void]>([
  ['says anything else', (words) => words.set('colony-2', 'colony-2 is alone')],
  ['cannot be asked', (words) => words.delete('colony-2')],
])('they are not the same where one %s', async (_what, change) => {
  const { words, sayings, proven } = speaking();
  const proof = await proven(sampleProof(3));
  change(words);
  expect(await sayings.areTheSame(proof, nodes)).toBe(false);
});

test('it is what was said last that counts: a node may have been looked at until it was well', async () => {
  const { words, sayings } = speaking();
  const proof = await sayings.noting((heard) => {
    for (const node of nodes) {
      heard(node, { digest: 'not yet', term: () => [] });
      heard(node, { digest: words.get(node.id) ?? null, term: () => [] });
    }
    return Promise.resolve(sampleProof(3));
  });
  expect(await sayings.areTheSame(proof, nodes)).toBe(true);
});

test('nobody is asked where nothing can be known: another proof, one that failed, other nodes, bytes that do not tell', async () => {
  const { asked, sayings, proven } = speaking();
  const proof = await proven(sampleProof(3));
  const failed = await proven(sampleProof(3, { ok: false }));
  const untold = await proven(sampleProof(3), ({ id }) => (id === 'colony-3' ? null : id));
  expect(await sayings.areTheSame(sampleProof(3), nodes)).toBe(false);
  expect(await sayings.areTheSame(failed, nodes)).toBe(false);
  expect(await sayings.areTheSame(untold, nodes)).toBe(false);
  expect(await sayings.areTheSame(proof, nodes.slice(1))).toBe(false);
  expect(asked).toEqual([]);
});
