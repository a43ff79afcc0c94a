import { CallAnswer, CallRequest } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { findNode } from '../find.ts';
import { NodeParameter } from '../parameters.ts';
import { within } from '../within.ts';

/** What the function raises is an answer, not an error. */
export const nodeCall = endpoint({
  operation: 'callOnNode',
  method: 'POST',
  path: '/nodes/{reference}/rpc',
  role: 'operate',
  about: 'node',
  summary: 'Makes an Erlang call on a node; answers what it returns or raises, as Erlang text',
  attended: true,
  subject: nodeSubject,
  params: NodeParameter,
  body: CallRequest,
  answer: CallAnswer,
  async handle({ params, body: { call }, signal }, context) {
    const { id, name } = await findNode(context.store, params.reference);
    return within(context, `the call on ${name}`, signal, (inner) => context.ports.call(id, call, inner));
  },
});
