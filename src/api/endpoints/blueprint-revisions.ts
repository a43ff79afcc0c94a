import { z } from 'zod';
import { Revision } from '../../model/blueprint.ts';
import { endpoint } from '../endpoint.ts';
import { all, find } from '../find.ts';
import { NameParameter } from '../parameters.ts';

export const blueprintRevisions = endpoint({
  operation: 'listRevisions',
  method: 'GET',
  path: '/blueprints/{name}/revisions',
  role: 'read',
  about: 'blueprint',
  summary: 'Every revision of a blueprint, oldest first',
  params: NameParameter,
  answer: z.array(Revision),
  async handle({ params: { name } }, { store }) {
    await find(store, 'blueprint', name);
    return (await all(store, 'revision', name)).sort((one, other) => one.number - other.number);
  },
});
