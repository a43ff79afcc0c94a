import { Node } from '../../model/node.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { findNode } from '../find.ts';
import { NodeParameter } from '../parameters.ts';

export const nodeShow = endpoint({
  operation: 'showNode',
  method: 'GET',
  path: '/nodes/{reference}',
  role: 'read',
  about: 'node',
  summary: 'One node',
  subject: nodeSubject,
  params: NodeParameter,
  answer: Node,
  handle: ({ params }, { store }) => findNode(store, params.reference),
});
