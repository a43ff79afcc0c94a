import { expect, test } from 'vitest';
import { largestPage, listing } from './listing.ts';
import type { AskPage, Page } from './listing.ts';

const pages: Readonly<Record<string, Page<number>>> = {
  first: { items: [1, 2], next: 'second' },
  second: { items: [3], next: 'third' },
  third: { items: [4], next: null },
};

/** A list whose answers say where the next page is before they are read, or not; one page may fail. */
function scripted(isTold: boolean, failing?: string) {
  const asked: string[] = [];
  const ask: AskPage<Page<number>> = async ({ cursor = 'first', limit }, next) => {
    expect(limit).toBe(largestPage);
    asked.push(cursor);
    const page = pages[cursor] as Page<number>;
    await Promise.resolve();
    if (isTold && page.next !== null) next?.(page.next);
    asked.push(`${cursor} is read`);
    if (cursor === failing) throw new Error(`no ${cursor}`);
    return page;
  };
  return { list: listing(ask), asked };
}

test('the next page is asked for before the one before is read, where the answer says where it is', async () => {
  const { list, asked } = scripted(true);
  expect(await list.all()).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual(['first', 'second', 'first is read', 'third', 'second is read', 'third is read']);
});

test('and after it, where it does not', async () => {
  const { list, asked } = scripted(false);
  expect(await list.all()).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual(['first', 'first is read', 'second', 'second is read', 'third', 'third is read']);
});

test.each(['first', 'second', 'third'])('the %s page that fails is the failure of the list', async (failing) => {
  for (const isTold of [true, false])
    await expect(scripted(isTold, failing).list.all()).rejects.toThrow(`no ${failing}`);
});
