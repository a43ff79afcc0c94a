import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

/** Values are never answered, by this or any other endpoint (I8). */
export const secretList = endpoint({
  operation: 'listSecrets',
  method: 'GET',
  path: '/secrets',
  summary: 'Names of the secrets that are kept; never their values',
  answer: z.array(z.string()),
  handle: async (_, { store }) => [...(await store.secrets.names())],
});
