import { BlueprintView } from '../../model/exchange.ts';
import { revisionOf } from '../find.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';

export const blueprintList = listEndpoint({
  operation: 'listBlueprints',
  path: '/blueprints',
  role: 'read',
  about: 'list',
  summary: 'All blueprints with their current documents, by name',
  item: BlueprintView,
  async read({ caller, part }, { store }) {
    const heads = await recordsIn(store, { kind: 'blueprint', seenBy: caller.blueprints }, part);
    const found = heads.map(async ({ item: head, at }) => {
      const revision = await revisionOf(store, head);
      return { item: revision ? { head, document: revision.document, createdAt: revision.createdAt } : null, at };
    });
    return { found: await Promise.all(found) };
  },
});
