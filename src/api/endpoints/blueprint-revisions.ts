import { Revision } from '../../model/blueprint.ts';
import { find } from '../find.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { NameParameter } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';

export const blueprintRevisions = listEndpoint({
  operation: 'listRevisions',
  path: '/blueprints/{name}/revisions',
  role: 'read',
  about: 'blueprint',
  summary: 'Every revision of a blueprint, oldest first',
  params: NameParameter,
  item: Revision,
  async read({ params: { name }, part }, { store }) {
    await find(store, 'blueprint', name);
    return { found: await recordsIn(store, { kind: 'revision', blueprint: name }, part) };
  },
});
