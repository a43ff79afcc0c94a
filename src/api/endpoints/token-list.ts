import { z } from 'zod';
import { Token } from '../../model/access.ts';
import { endpoint } from '../endpoint.ts';
import { all } from '../find.ts';

export const tokenList = endpoint({
  operation: 'listTokens',
  method: 'GET',
  path: '/tokens',
  role: 'admin',
  about: 'installation',
  summary: 'Tokens by name, without their values, besides the one of the token file',
  answer: z.array(Token),
  handle: async (_, { store }) => (await all(store, 'token')).map(({ digest: _digest, ...token }) => token),
});
