import { Proof } from '../../model/topology.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { find } from '../find.ts';
import { BlueprintParameter } from '../parameters.ts';
import { within } from '../within.ts';

/** A cluster that is not as declared is an answer (`ok: false`), not an error. */
export const topologyVerify = endpoint({
  operation: 'verifyTopology',
  method: 'POST',
  path: '/blueprints/{blueprint}/topology/verify',
  role: 'operate',
  about: 'blueprint',
  summary: "Proves the cluster now: every node's own view against what is declared",
  repeatable: true,
  subject: blueprintSubject,
  params: BlueprintParameter,
  answer: Proof,
  async handle({ params: { blueprint }, signal }, context) {
    await find(context.store, 'blueprint', blueprint);
    const what = `the proof of ${blueprint}`;
    return within(context, what, signal, (inner) => context.ports.verify(blueprint, inner));
  },
});
