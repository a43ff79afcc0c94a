import { z } from 'zod';
import { NodeActed, nodeActs } from '../../model/exchange.ts';
import { actOnNode } from '../act-on-node.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { NodeParameter, OperationQuery, askedBy } from '../parameters.ts';

export const nodeAct = endpoint({
  operation: 'actOnNode',
  method: 'POST',
  path: '/nodes/{reference}/{act}',
  role: 'operate',
  about: 'node',
  summary: 'Starts, stops or restarts a node: records the wish and returns the node',
  subject: nodeSubject,
  params: NodeParameter.extend({ act: z.enum(nodeActs).exclude(['terminate']) }),
  query: OperationQuery,
  answer: NodeActed,
  begins: ({ operation }) => operation,
  status: 202,
  handle: ({ params: { reference, act }, query, caller }, context) =>
    actOnNode(context, reference, act, askedBy(caller, query)),
});
