import { FamilyView } from '../../model/exchange.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { all, revisionOf, find } from '../find.ts';
import { listEndpoint } from '../list-endpoint.ts';
import type { Part, Standing } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';
import { familyViews } from '../../model/blueprint-status.ts';

export const familyList = listEndpoint({
  operation: 'listFamilies',
  path: '/families',
  role: 'read',
  about: 'list',
  summary: 'Node families of all blueprints or of one, by blueprint and name, with their nodes counted',
  query: BlueprintQuery.shape,
  item: FamilyView,
  async read({ query: { blueprint }, caller, part }, { store }) {
    if (blueprint === undefined) return { found: await familiesOfAll(store, caller, part) };
    await find(store, 'blueprint', blueprint);
    return { found: (await familiesOf(store, blueprint, part)).slice(0, part.limit + 1) };
  },
});

/** Blueprint by blueprint, from that of the last family on, until there are enough. */
async function familiesOfAll(store: Store, caller: Caller, part: Part): Promise<Standing<FamilyView>[]> {
  const [last] = part.after ?? [];
  const found = last === undefined ? [] : await familiesOf(store, last, part);
  let after = last === undefined ? undefined : ['', last];
  while (found.length <= part.limit) {
    const [next] = await recordsIn(store, { kind: 'blueprint', seenBy: caller.blueprints }, { limit: 1, after });
    if (next === undefined) break;
    found.push(...(await familiesOf(store, next.item.name, part)));
    after = [...next.at];
  }
  return found.slice(0, part.limit + 1);
}

/** Those of a blueprint that stand behind the position; none where it has gone. */
async function familiesOf(store: Store, blueprint: string, { after }: Part): Promise<Standing<FamilyView>[]> {
  const head = (await store.get('blueprint', blueprint))?.value;
  const revision = head && (await revisionOf(store, head));
  if (revision === undefined) return [];
  const views = familyViews(revision.document, await all(store, 'node', blueprint));
  const [of, last = ''] = after ?? [];
  return views
    .filter(({ name }) => of !== blueprint || name > last)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((item) => ({ item, at: [blueprint, item.name] }));
}
