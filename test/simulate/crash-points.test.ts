/**
 * The control plane dies at every crossing of a whole life of a blueprint: before and after every call to a provider, every
 * write to the store, every act on a machine and at a node. Here at every twelfth of them, and at some pairs; at all of them,
 * and at a hundred and fifty pairs, in `npm run test:long`.
 */
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { crashRun, farRun } from './crash-points.ts';
import type { Doom } from './life.ts';

const isLong = process.env['WOMBAT_TEST_LONG'] !== undefined;
const every = isLong ? 1 : 12;
const pairs = isLong ? 150 : 15;
const timeout = isLong ? 1_800_000 : 240_000;
const sides = ['before', 'after'] as const;

async function wrongWith(dooms: readonly Doom[]): Promise<string[]> {
  const { violations } = await crashRun(dooms);
  const where = dooms.map(({ side, crossing }) => `${side} crossing ${crossing}`).join(', then ');
  return violations.map(({ of, words }) => `death ${where}: ${of}: ${words}`);
}

it('a death at one crossing leaves nothing over, twice, forgotten or stuck', { timeout }, async () => {
  const { crossings, violations } = await crashRun([]);
  expect(violations).toEqual([]);
  expect(crossings).toBeGreaterThan(300);
  const wrong = [];
  for (let crossing = 1; crossing <= crossings; crossing += every)
    for (const side of sides) wrong.push(...(await wrongWith([{ crossing, side }])));
  expect(wrong).toEqual([]);
});

it('a life is prompt where the store is far away', { timeout }, async () => {
  for (const seed of [5, 6, 7]) expect((await farRun(seed)).violations).toEqual([]);
});

it('nor do two deaths', { timeout }, async () => {
  const { crossings } = await crashRun([]);
  const chance = seededRandom(77);
  const draw = (bound: number): Doom => ({ crossing: 1 + chance.below(bound), side: sides[chance.below(2)]! });
  const wrong = [];
  for (let pair = 0; pair < pairs; pair += 1) wrong.push(...(await wrongWith([draw(crossings), draw(120)])));
  expect(wrong).toEqual([]);
});

it('a death at the very end leaves no secret of the blueprint', { timeout }, async () => {
  const { crossings } = await crashRun([]);
  const wrong = [];
  for (let crossing = crossings - 6; crossing < crossings; crossing += 1)
    wrong.push(...(await wrongWith([{ crossing, side: 'after' }])));
  expect(wrong).toEqual([]);
});
