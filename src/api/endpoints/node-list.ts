import { z } from 'zod';
import { FamilyName } from '../../model/name.ts';
import { Node } from '../../model/node.ts';
import { sees } from '../caller.ts';
import { endpoint } from '../endpoint.ts';
import { all } from '../find.ts';
import { BlueprintQuery } from '../parameters.ts';

export const nodeList = endpoint({
  operation: 'listNodes',
  method: 'GET',
  path: '/nodes',
  role: 'read',
  about: 'list',
  summary: 'Nodes of all blueprints or of one, by family and ordinal',
  query: BlueprintQuery.extend({ family: FamilyName.optional() }),
  answer: z.array(Node),
  async handle({ query: { blueprint, family }, caller }, { store }) {
    const nodes = await all(store, 'node', blueprint);
    const wanted = (node: Node) => (family === undefined || node.family === family) && sees(caller, node.blueprint);
    return nodes.filter(wanted).sort(byPlace);
  },
});

function byPlace(one: Node, other: Node): number {
  const [mine, theirs] = [`${one.blueprint} ${one.family}`, `${other.blueprint} ${other.family}`];
  return mine === theirs ? one.ordinal - other.ordinal : mine < theirs ? -1 : 1;
}
