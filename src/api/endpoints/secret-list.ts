import { z } from 'zod';
import { blueprintOfSecret } from '../access.ts';
import { sees } from '../caller.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { namedIn } from '../part-of.ts';

/** Values are never answered, by this or any other endpoint (I8). */
export const secretList = listEndpoint({
  operation: 'listSecrets',
  path: '/secrets',
  role: 'read',
  about: 'list',
  summary: 'Names of the secrets that are kept, in alphabetical order; never their values',
  item: z.string(),
  async read({ caller, part }, { store }) {
    const seen = (await store.secrets.names()).filter((name) => {
      const blueprint = blueprintOfSecret(name);
      return blueprint === null ? caller.blueprints === null : sees(caller, blueprint);
    });
    return { found: namedIn(seen, (name) => name, part) };
  },
});
