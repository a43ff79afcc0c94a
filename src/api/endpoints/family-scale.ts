import { Adopted, ScaleRequest } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { FamilyParameter, OperationQuery, askedBy } from '../parameters.ts';
import { within } from '../within.ts';

/** Makes the next revision of the blueprint, which differs in this number only. */
export const familyScale = endpoint({
  operation: 'scaleFamily',
  method: 'POST',
  path: '/blueprints/{blueprint}/families/{family}/scale',
  role: 'operate',
  about: 'blueprint',
  summary: 'Gives a family another number of nodes',
  subject: blueprintSubject,
  params: FamilyParameter,
  body: ScaleRequest,
  query: OperationQuery,
  answer: Adopted,
  begins: ({ operation }) => operation,
  handle: ({ params: { blueprint, family }, body: { nodes }, query, caller, signal }, context) =>
    within(context, `scaling ${family} of ${blueprint}`, signal, (inner) =>
      context.ports.scale(blueprint, family, { nodes, asked: askedBy(caller, query) }, inner),
    ),
});
