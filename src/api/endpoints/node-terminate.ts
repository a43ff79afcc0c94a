import { Node } from '../../model/node.ts';
import { actOnNode } from '../act-on-node.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { NodeParameter } from '../parameters.ts';

export const nodeTerminate = endpoint({
  operation: 'terminateNode',
  method: 'DELETE',
  path: '/nodes/{reference}',
  role: 'operate',
  about: 'node',
  summary: 'The node is to go for good, and its family gets one node smaller',
  subject: nodeSubject,
  params: NodeParameter,
  answer: Node,
  status: 202,
  handle: ({ params }, context) => actOnNode(context, params.reference, 'terminate'),
});
