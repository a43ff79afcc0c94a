import { BlueprintView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { findCurrent } from '../find.ts';
import { NameParameter } from '../parameters.ts';

export const blueprintShow = endpoint({
  operation: 'showBlueprint',
  method: 'GET',
  path: '/blueprints/{name}',
  role: 'read',
  about: 'blueprint',
  summary: 'One blueprint with its current document',
  subject: blueprintSubject,
  params: NameParameter,
  answer: BlueprintView,
  async handle({ params }, { store }) {
    const { head, revision } = await findCurrent(store, params.name);
    return { head, document: revision.document, createdAt: revision.createdAt };
  },
});
