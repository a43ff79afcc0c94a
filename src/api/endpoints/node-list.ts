import { FamilyName } from '../../model/name.ts';
import { Node } from '../../model/node.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { placeAt, recordsIn } from '../part-of.ts';

export const nodeList = listEndpoint({
  operation: 'listNodes',
  path: '/nodes',
  role: 'read',
  about: 'list',
  summary: 'Nodes of all blueprints or of one, by blueprint, family and ordinal',
  query: { ...BlueprintQuery.shape, family: FamilyName.optional().describe('only those of families called so') },
  item: Node,
  async written({ query: { blueprint, family }, caller, part: { limit, after } }, { store }) {
    if (family !== undefined) return undefined;
    return store.writtenPage('node', { blueprint, seenBy: caller.blueprints, limit, after: placeAt(after) });
  },
  async read({ query: { blueprint, family }, caller, part }, { store }) {
    const where = (node: Node) => family === undefined || node.family === family;
    return { found: await recordsIn(store, { kind: 'node', blueprint, seenBy: caller.blueprints, where }, part) };
  },
});
