/** What every route keeps, by the table of endpoints: one that is added and does not keep it fails here. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { apiForTests } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import { settleMany } from '../../test/kit/settled.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
  await settleMany(api.store);
});
afterEach(() => api.close());

/** The path of an endpoint for something of a blueprint. */
function pathFor({ path, about }: Endpoint, name = 'ants'): string {
  const byAbout: Partial<Record<Endpoint['about'], string>> = {
    provider: `${name}-lab`,
    domain: `${name}-rack`,
    node: `node-of-${name}`,
    plan: `plan-of-${name}`,
    secret: encodeURIComponent(`${name} secret://env/KEY`),
  };
  return path
    .replace('{family}', 'colony')
    .replace('{act}', 'stop')
    .replaceAll(/\{\w+\}/g, byAbout[about] ?? name);
}

interface Page {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

const lists = endpoints.filter(({ pages }) => pages === true);

describe('every list', () => {
  async function page(path: string, query = ''): Promise<Page> {
    const { status, body } = await api.ask('GET', `${path}?${query}`);
    expect([path, query, status]).toEqual([path, query, 200]);
    return body as Page;
  }

  /** Item by item to the end; `between` is done after each page. */
  async function walk(path: string, between: (n: number) => Promise<void> = () => Promise.resolve()) {
    const found: unknown[] = [];
    let next: string | null = '';
    for (let n = 0; next !== null; n++) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const part: Page = await page(path, `limit=1${cursor}`);
      expect(part.items.length).toBeLessThanOrEqual(1);
      found.push(...part.items);
      next = part.next;
      await between(n);
      expect(n).toBeLessThan(50);
    }
    return found;
  }

  test('is read page by page: nothing else answers an array', () => {
    const bare = endpoints.filter(({ method, answer }) => method === 'GET' && answer instanceof z.ZodArray);
    expect(bare.map(({ operation }) => operation)).toEqual([]);
    const named = endpoints.filter(({ operation }) => operation.startsWith('list'));
    expect(named.filter(({ pages }) => pages !== true).map(({ operation }) => operation)).toEqual([]);
    expect(lists.length).toBeGreaterThan(10);
  });

  test.each(lists.map((one) => [one.operation, pathFor(one), one] as const))(
    '%s: the pages together are the list, in its order',
    async (operation, path) => {
      const whole = await page(path);
      expect(whole.items.length).toBeGreaterThanOrEqual(3);
      expect(whole.next).toBeNull();
      expect(await walk(path)).toEqual(whole.items);
      expect(operation).not.toBe('');
    },
  );

  test.each(lists.map((one) => [one.operation, pathFor(one)] as const))(
    '%s: what is added and removed meanwhile makes nothing come twice or be left out',
    async (_, path) => {
      const before = (await page(path)).items.map((item) => JSON.stringify(item));
      const seen = await walk(path, async (n) => {
        if (n === 0) await settleMore();
        if (n === 1) await unsettle();
      });
      const texts = seen.map((item) => JSON.stringify(item));
      expect(new Set(texts).size).toBe(texts.length);
      const after = new Set((await page(path)).items.map((item) => JSON.stringify(item)));
      const throughout = before.filter((item) => after.has(item));
      expect(throughout.filter((item) => !texts.includes(item))).toEqual([]);
    },
  );

  test.each(lists.map((one) => [one.operation, pathFor(one)] as const))(
    '%s: limits and cursors that are none are refused',
    async (operation, path) => {
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=x', `cursor=${cursorOf('listOthers')}`]) {
        const { problem } = await api.ask('GET', `${path}?${query}`);
        expect([operation, query, problem.kind]).toEqual([operation, query, 'invalid']);
      }
    },
  );

  const cursorOf = (operation: string) => Buffer.from(JSON.stringify([operation, 'a'])).toString('base64url');

  /** `aphids` comes before everything in every order by name, `zebras` behind it. */
  async function settleMore(): Promise<void> {
    for (const name of ['aphids', 'zebras']) await settleMany(api.store, [name]);
  }

  async function unsettle(): Promise<void> {
    await api.store.commit([
      { remove: 'node', key: 'node-of-bees', expect: null },
      { remove: 'blueprint', key: 'bees', expect: null },
      { remove: 'provider', key: 'bees-lab', expect: null },
      { remove: 'domain', key: 'bees-rack', expect: null },
      { remove: 'token', key: 'bees-token', expect: null },
      { remove: 'plan', key: 'plan-of-bees', expect: null },
    ]);
    await api.store.secrets.remove('bees secret://env/KEY');
  }
});
