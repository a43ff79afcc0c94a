import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest, suggestion } from './nearest.ts';

describe('editDistance', () => {
  test.each([
    ['', '', 0],
    ['colony', 'colony', 0],
    ['colny', 'colony', 1],
    ['cloony', 'colony', 1],
    ['master', 'colony', 6],
    ['', 'abc', 3],
  ])('%s -> %s is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  test('is symmetric and bounded by the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  test.each([
    ['relase', ['release', 'nodes'], 'release'],
    ['Master', ['master', 'colony'], 'master'],
    ['openstak', ['local', 'ssh', 'openstack'], 'openstack'],
    ['xyz', ['release', 'nodes'], undefined],
    ['ssg', ['ssh', 'local'], 'ssh'],
  ])('%s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  test('a suggestion lists what there is when nothing is near', () => {
    expect(suggestion('zzz', ['a', 'b'], 'families')).toBe('families: a, b');
    expect(suggestion('zzz', [], 'families')).toBeNull();
    expect(
      suggestion(
        'zz',
        Array.from({ length: 14 }, (_, at) => `family_${at}`),
        'families',
      ),
    ).toMatch(/and 2 more$/);
  });
});
