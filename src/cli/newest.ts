/** The newest entries of a log, whose list begins with them. */
import { largestPage } from '../client/client.ts';
import type { Listing } from '../client/client.ts';

/** The newest `count`, oldest of them first; page by page where there are many. */
export async function newest<T>(listing: Listing<T>, count: number): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor: string | null | undefined;
  while (found.length < count && cursor !== null) {
    const limit = Math.min(count - found.length, largestPage);
    const page = await listing.page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.next;
  }
  return found.reverse();
}
