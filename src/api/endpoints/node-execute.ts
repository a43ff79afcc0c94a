import { ExecuteAnswer, ExecuteRequest } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { nodeSubject } from '../subject.ts';
import { findNode } from '../find.ts';
import { NodeParameter } from '../parameters.ts';
import { within } from '../within.ts';

/** A status other than 0 is an answer, not an error. */
export const nodeExecute = endpoint({
  operation: 'executeBesideNode',
  method: 'POST',
  path: '/nodes/{reference}/exec',
  role: 'operate',
  about: 'node',
  summary: "Runs a command beside a node, in its folder and with its release's environment",
  attended: true,
  subject: nodeSubject,
  params: NodeParameter,
  body: ExecuteRequest,
  answer: ExecuteAnswer,
  async handle({ params, body: { command }, signal }, context) {
    const { id, name } = await findNode(context.store, params.reference);
    return within(context, `the command beside ${name}`, signal, (inner) => context.ports.execute(id, command, inner));
  },
});
