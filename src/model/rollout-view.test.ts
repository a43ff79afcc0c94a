import { expect, test } from 'vitest';
import { sampleDocument, sampleNode, sampleProgress, sampleRollout, sampleTime } from '../../test/kit/records.ts';
import type { Rollout } from './rollout.ts';
import { rolloutView, rolloutWords } from './rollout-view.ts';

const nodes = [sampleNode(1), sampleNode(2)];
const passed = sampleProgress({ name: 'colony-1@127.0.0.1', gate: null, words: 'healthy' });
const seconds = (count: number) => Date.parse(sampleTime) + count * 1_000;

function words(over: Partial<Rollout>, nowMs: number | null = seconds(4)): string {
  return rolloutWords(rolloutView(sampleRollout(over), sampleDocument(), nodes), nowMs);
}

test('a version on its way says how far it is and what is waited for', () => {
  const progress = { 'n-1': passed, 'n-2': sampleProgress() };
  expect(words({ nodes: progress })).toBe('rolling 1/2, gate: healthy, 4 s of 5 s');
  expect(words({ nodes: progress }, seconds(90))).toBe('rolling 1/2, gate: healthy, 5 s of 5 s');
  expect(words({ nodes: progress }, null)).toBe('rolling 1/2, gate: healthy');
  const blind = sampleProgress({ gate: 'proven', words: 'it does not see colony-1', healthySince: null });
  expect(words({ nodes: { 'n-1': passed, 'n-2': blind } })).toBe(
    'rolling 1/2, gate: proven (it does not see colony-1)',
  );
  expect(words({})).toBe('rolling 0/2');
});

test('a node that has become another process has not passed', () => {
  expect(words({ nodes: { 'n-1': { ...passed, incarnation: 'boot:1:1' } } })).toBe('rolling 0/2');
});

test('what became of it', () => {
  const why = 'colony-1@127.0.0.1 has died 2 times';
  expect(words({ state: 'done' })).toBe('revision 2 is rolled out');
  expect(words({ state: 'rolling back', why, returned: 3 })).toBe(`rolling back 0/2; revision 2 failed: ${why}`);
  expect(words({ state: 'rolled back', why, returned: 3 })).toBe(`revision 2 was rolled back by revision 3: ${why}`);
  expect(words({ state: 'stopped', why })).toBe(`revision 2 goes no further: ${why}`);
});
