import { z } from 'zod';
import { nodeActs } from '../../model/exchange.ts';
import { Node } from '../../model/node.ts';
import { actOnNode } from '../act-on-node.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { NodeParameter } from '../parameters.ts';

export const nodeAct = endpoint({
  operation: 'actOnNode',
  method: 'POST',
  path: '/nodes/{reference}/{act}',
  role: 'operate',
  about: 'node',
  summary: 'Starts, stops or restarts a node: records the wish and returns the node',
  subject: nodeSubject,
  params: NodeParameter.extend({ act: z.enum(nodeActs).exclude(['terminate']) }),
  answer: Node,
  status: 202,
  handle: ({ params: { reference, act } }, context) => actOnNode(context, reference, act),
});
