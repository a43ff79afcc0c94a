import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { Kept } from './kept.ts';

const blueprints = ['a', 'b'];

/** Keys that UTF-8 and UTF-16 order otherwise are among them. */
function keyOf(number: number): string {
  return number % 7 === 0 ? `\u{1f41c}${number}` : number % 5 === 0 ? `\uff21${number}` : `k${number}`;
}

function inUtf8(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

test('lists stay in order whatever is put and removed between two looks, and are the same one until then', () => {
  const random = seededRandom(7);
  const kept = new Kept('proof', []);
  const model = new Map<string, string>();
  for (let round = 0; round < 400; round += 1) {
    for (let change = random.below(4); change >= 0; change -= 1) {
      const key = keyOf(random.below(60));
      const blueprint = blueprints[random.below(2)] ?? '';
      if (random.below(3) === 0) {
        model.delete(key);
        kept.apply({ remove: 'proof', key, expect: null }, '');
      } else {
        const value = { blueprint, verdict: String(round) };
        model.set(key, blueprint);
        kept.apply({ put: 'proof', key, value: value as never, expect: null }, JSON.stringify(value));
      }
    }
    const all = kept.list({});
    expect(all.map((one) => one.key)).toEqual(inUtf8([...model.keys()]));
    expect(kept.list({})).toBe(all);
    for (const { key } of all) expect(kept.get(key)).toBe(all.find((one) => one.key === key));
    for (const blueprint of blueprints) {
      const own = [...model].flatMap(([key, of]) => (of === blueprint ? [key] : []));
      expect(kept.list({ blueprint }).map(({ key }) => key)).toEqual(inUtf8(own));
    }
  }
});

test('a list that was answered stays as it was', () => {
  const kept = new Kept('proof', [{ key: 'one', version: 1, value: '{"blueprint":"a","verdict":"x"}' }]);
  const before = kept.list({});
  kept.apply({ put: 'proof', key: 'one', value: { blueprint: 'a' } as never, expect: 1 }, '{"blueprint":"a"}');
  expect(before[0]?.version).toBe(1);
  expect(kept.list({})[0]?.version).toBe(2);
});
