import { TopologyView } from '../../model/exchange.ts';
import type { Edge } from '../../model/topology.ts';
import { expectedEdges } from '../../model/component.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { all, findCurrent } from '../find.ts';
import { BlueprintParameter } from '../parameters.ts';
import { linkViews } from '../../model/blueprint-status.ts';
import type { LinkRecords } from '../../model/across.ts';
import { linkRecordsOf } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';

export const topologyShow = endpoint({
  operation: 'showTopology',
  method: 'GET',
  path: '/blueprints/{blueprint}/topology',
  role: 'read',
  about: 'blueprint',
  summary: 'The edges that the cluster must have, the bootstrap runs behind them, and the last proof',
  subject: blueprintSubject,
  params: BlueprintParameter,
  answer: TopologyView,
  async handle({ params: { blueprint } }, { store }) {
    const { document } = (await findCurrent(store, blueprint)).revision;
    const nodes = await all(store, 'node', blueprint);
    const proof = (await store.get('proof', blueprint))?.value ?? null;
    const links = await linkRecordsOf(store, document, nodes);
    const runs = await all(store, 'run', blueprint);
    const wanted = nodes.filter(({ desired }) => desired === 'running');
    const edges = expectedEdges(document, wanted, runs).map(pair);
    const views = linkViews(links);
    return {
      proof,
      edges,
      runs: [...runs],
      ...(views.length === 0 ? {} : { links: views, across: await named(store, links) }),
    };
  },
});

/** The edges across, each with the blueprint of its other end. */
async function named(store: Store, { across }: LinkRecords): Promise<NonNullable<TopologyView['across']>> {
  if (across.edges.length + across.hidden.length === 0) return [];
  const blueprints = new Map((await all(store, 'node')).map(({ name, blueprint }) => [name, blueprint]));
  const view = (hidden: boolean) => (edge: Edge) => ({
    edge: pair(edge),
    blueprint: blueprints.get(edge[1]) ?? '',
    hidden,
  });
  return [...across.edges.map(view(false)), ...across.hidden.map(view(true))];
}

function pair([one, other]: Edge): [string, string] {
  return [one, other];
}
