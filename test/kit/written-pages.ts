/** What every store does with pages that are handed on as they are written. */
import { expect, test } from 'vitest';
import type { Place, Store } from '../../src/store/store.ts';
import * as sample from './records.ts';

/** Tests of one store, opened anew for each. */
export function writtenPages(store: () => Store): void {
  test('are the same values in the same order, to the end', async () => {
    const odd = { ...sample.sampleNode(10).placement, advertised: 'é\u0000"\ud83d\ude00' };
    const nodes = [
      sample.sampleNode(10, { placement: odd }),
      sample.sampleNode(2),
      sample.sampleNode(1, { blueprint: 'bees' }),
    ];
    await store().commit(nodes.map((value) => ({ put: 'node', key: value.id, value, expect: 0 }) as const));
    const read = async (after?: Place) => {
      const { text, next } = await store().writtenPage('node', { limit: 2, after });
      return { values: JSON.parse(`[${Buffer.from(text).toString()}]`) as unknown[], next };
    };
    const first = await read();
    expect(first.values).toEqual((await store().page('node', { limit: 2 })).map(({ value }) => value));
    expect(await read(first.next ?? undefined)).toEqual({ values: [nodes[2]], next: null });
    expect(await read(['~', '~'])).toEqual({ values: [], next: null });
    expect((await store().writtenPage('node', { limit: 3 })).next).toBeNull();
  });
}
