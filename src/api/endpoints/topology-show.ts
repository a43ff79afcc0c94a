import { TopologyView } from '../../model/exchange.ts';
import type { Edge } from '../../model/topology.ts';
import { expectedEdges } from '../../model/component.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { all } from '../find.ts';
import { BlueprintParameter } from '../parameters.ts';
import { recordsOf } from '../status-records.ts';

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
    const { document, nodes, proof } = await recordsOf(store, blueprint);
    const runs = await all(store, 'run', blueprint);
    const wanted = nodes.filter(({ desired }) => desired === 'running');
    return { proof, edges: expectedEdges(document, wanted, runs).map(pair), runs };
  },
});

function pair([one, other]: Edge): [string, string] {
  return [one, other];
}
