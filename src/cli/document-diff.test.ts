import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differences } from './document-diff.ts';

test('changed, new and lost paths', () => {
  const before = { a: { x: 1, y: [1, 2] }, gone: { deep: true } };
  const after = { a: { x: 2, y: [1, 2] }, fresh: { deep: [1] } };
  expect(differences(before, after)).toEqual([
    { path: 'a.x', before: 1, after: 2 },
    { path: 'gone.deep', before: true },
    { path: 'fresh.deep', after: [1] },
  ]);
});

test('a document differs from itself nowhere, and from another somewhere', () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (one, other) => {
      const [a, b] = [JSON.parse(one) as unknown, JSON.parse(other) as unknown];
      expect(differences(a, a)).toEqual([]);
      if (JSON.stringify(a) === JSON.stringify(b)) expect(differences(a, b)).toEqual([]);
    }),
  );
});
