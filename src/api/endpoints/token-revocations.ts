import { BulkAnswer, BulkRequest } from '../../model/bulk.ts';
import { singleRequest, toEach } from '../bulk.ts';
import type { Done } from '../bulk.ts';
import { endpoint } from '../endpoint.ts';
import { find } from '../find.ts';
import { revokeToken, tokenRevoke } from './token-revoke.ts';

export const tokenRevocations = endpoint({
  operation: 'revokeTokens',
  method: 'POST',
  path: '/tokens/revocations',
  role: 'admin',
  about: 'installation',
  summary: 'Forgets many tokens; answers an outcome each',
  body: BulkRequest,
  answer: BulkAnswer,
  status: 207,
  handle({ body: { names }, caller, signal }, context) {
    const as = (name: string) => singleRequest(tokenRevoke, { name }, null);
    const each = {
      ...{ caller, signal, otherwise: as },
      async act(name: string, found: (done: Done) => void) {
        const record = await find(context.store, 'token', name);
        found({ name, as: as(name) });
        await revokeToken(context.store, record);
        return null;
      },
    };
    return toEach(names, each, context);
  },
});
