import { z } from 'zod';
import { blueprintOfSecret } from '../access.ts';
import { sees } from '../caller.ts';
import { endpoint } from '../endpoint.ts';

/** Values are never answered, by this or any other endpoint (I8). */
export const secretList = endpoint({
  operation: 'listSecrets',
  method: 'GET',
  path: '/secrets',
  role: 'read',
  about: 'list',
  summary: 'Names of the secrets that are kept; never their values',
  answer: z.array(z.string()),
  handle: async ({ caller }, { store }) =>
    (await store.secrets.names()).filter((name) => {
      const blueprint = blueprintOfSecret(name);
      return blueprint === null ? caller.blueprints === null : sees(caller, blueprint);
    }),
});
