import { NodeActed } from '../../model/exchange.ts';
import { actOnNode } from '../act-on-node.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { NodeParameter, OperationQuery, askedBy } from '../parameters.ts';

export const nodeTerminate = endpoint({
  operation: 'terminateNode',
  method: 'DELETE',
  path: '/nodes/{reference}',
  role: 'operate',
  about: 'node',
  summary: 'The node is to go for good, and its family gets one node smaller',
  subject: nodeSubject,
  params: NodeParameter,
  query: OperationQuery,
  answer: NodeActed,
  begins: ({ operation }) => operation,
  status: 202,
  handle: ({ params, query, caller }, context) =>
    actOnNode(context, params.reference, 'terminate', askedBy(caller, query)),
});
