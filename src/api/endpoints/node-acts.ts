import { Fault } from '../../base/fault.ts';
import { BulkActRequest, BulkAnswer } from '../../model/bulk.ts';
import type { NodeSelection } from '../../model/bulk.ts';
import type { NodeAct } from '../../model/exchange.ts';
import type { Node } from '../../model/node.ts';
import type { Store } from '../../store/store.ts';
import { refuseForeign } from '../access.ts';
import { singleRequest, toEach } from '../bulk.ts';
import type { SingleRequest } from '../bulk.ts';
import { sees } from '../caller.ts';
import type { Caller } from '../caller.ts';
import { endpoint, needOf } from '../endpoint.ts';
import { all, findNode } from '../find.ts';
import { OperationQuery, askedBy } from '../parameters.ts';
import { nodeAct } from './node-act.ts';
import { nodeTerminate } from './node-terminate.ts';

/** Records the wishes and returns. */
export const nodeActs = endpoint({
  operation: 'actOnNodes',
  method: 'POST',
  path: '/nodes/acts',
  role: 'operate',
  about: 'each',
  summary:
    'Starts, stops, restarts or terminates many nodes, named or selected: records the wishes, and answers an outcome each',
  query: OperationQuery,
  body: BulkActRequest,
  answer: BulkAnswer,
  status: 207,
  async handle({ body: { act, nodes, where }, query, caller, signal }, context) {
    const { store, ports } = context;
    const objects = nodes ?? (await selected(store, caller, where ?? {}));
    const asked = askedBy(caller, query);
    const otherwise = (reference: string) => requestFor(act, reference, null);
    return toEach(
      objects,
      {
        ...{ caller, signal, otherwise },
        async act(reference, found) {
          const node = await findNode(store, reference);
          found({ name: node.name, as: requestFor(act, node.id, node.blueprint) });
          refuseForeign(caller, needOf(nodeActs), [node.blueprint]);
          return (await ports.act(node.id, act, asked)).id;
        },
      },
      context,
    );
  },
});

function requestFor(act: NodeAct, reference: string, blueprint: string | null): SingleRequest {
  return act === 'terminate'
    ? singleRequest(nodeTerminate, { reference }, blueprint)
    : singleRequest(nodeAct, { reference, act }, blueprint);
}

/** Ids of the nodes that are meant, by blueprint, family and ordinal; not of those that are going already. */
async function selected(store: Store, caller: Caller, where: NodeSelection): Promise<string[]> {
  const { blueprint, family, domain, host } = where;
  const isMeant = (node: Node) =>
    sees(caller, node.blueprint) &&
    node.desired !== 'removed' &&
    (family === undefined || node.family === family) &&
    (domain === undefined || node.placement.domain === domain) &&
    (host === undefined || node.placement.advertised === host || node.placement.machine === host);
  const meant = (await all(store, 'node', blueprint)).filter(isMeant).sort(byPlace);
  if (meant.length > 0) return meant.map(({ id }) => id);
  const words = Object.entries(where).map(([key, value]) => `${key} ${value}`);
  throw new Fault('not-found', `there is no node with ${words.join(' and ')}`, {
    object: words.join(', '),
    next: 'wombat node list',
  });
}

function byPlace(one: Node, other: Node): number {
  const [mine, theirs] = [`${one.blueprint} ${one.family}`, `${other.blueprint} ${other.family}`];
  return mine === theirs ? one.ordinal - other.ordinal : mine < theirs ? -1 : 1;
}
