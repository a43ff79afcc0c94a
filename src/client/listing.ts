/**
 * Lists: read page by page, each page asked for when the one before is used up. What is there from the first page to
 * the last comes once, whatever is added or removed meanwhile.
 */

/** The most items that a page may have. */
export const largestPage = 1000;

/** A page of a list; `next` is the cursor of the one behind it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Which page: behind a cursor, at most so many items (100 when absent, 1000 at the most). */
export interface PageRequest {
  readonly limit?: number;
  readonly cursor?: string;
}

/** A list: nothing is asked before it is read. It can be read again, and is then asked for again. */
export interface Listing<T, P extends Page<T> = Page<T>> extends AsyncIterable<T> {
  /** One page. */
  page(request?: PageRequest): Promise<P>;
  /** Page after page of at most `limit` items (100 when absent), to the end. */
  pages(limit?: number): AsyncIterable<P>;
  /** All items at once, in as few requests as can be. */
  all(): Promise<readonly T[]>;
}

/** Asks for one page. Where the answer says where the next one is before it is read, `next` is told so. */
export type AskPage<P> = (request: PageRequest, next?: (cursor: string) => void) => Promise<P>;

/** A list by the way in which one page of it is asked for. */
export function listing<T, P extends Page<T>>(ask: AskPage<P>): Listing<T, P> {
  async function* pages(limit?: number): AsyncGenerator<P> {
    const size = limit === undefined ? {} : { limit };
    let page = await ask(size);
    yield page;
    while (page.next !== null) {
      page = await ask({ ...size, cursor: page.next });
      yield page;
    }
  }
  async function* items(): AsyncGenerator<T> {
    for await (const page of pages()) yield* page.items;
  }
  return {
    page: (request = {}) => ask(request),
    pages,
    async all() {
      return allAhead(ask);
    },
    [Symbol.asyncIterator]: items,
  };
}

/** All items: the next page is asked for, where it is known, while the one before is read. */
async function allAhead<T, P extends Page<T>>(ask: AskPage<P>): Promise<readonly T[]> {
  const ahead = new Map<string, Promise<P>>();
  const begin = (cursor?: string): Promise<P> => {
    const request = { limit: largestPage, ...(cursor === undefined ? {} : { cursor }) };
    const page = ask(request, (next) => ahead.set(next, begin(next)));
    // whoever comes to it hears of its failure; where one before it fails, nobody does
    page.catch(() => undefined);
    return page;
  };
  const found: T[] = [];
  for (let page = await begin(); ; page = await (ahead.get(page.next) ?? begin(page.next))) {
    for (const item of page.items) found.push(item);
    if (page.next === null) return found;
  }
}
