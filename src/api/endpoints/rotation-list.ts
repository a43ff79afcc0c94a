import { Rotation } from '../../model/rotation.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';

export const rotationList = listEndpoint({
  operation: 'listRotations',
  path: '/rotations',
  role: 'read',
  about: 'list',
  summary: 'Secrets that are being replaced, by name, and how far that is; never their values',
  query: BlueprintQuery.shape,
  item: Rotation,
  async read({ query: { blueprint }, caller, part }, { store }) {
    return { found: await recordsIn(store, { kind: 'rotation', blueprint, seenBy: caller.blueprints }, part) };
  },
});
