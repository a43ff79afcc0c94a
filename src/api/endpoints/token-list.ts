import { Token } from '../../model/access.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';
import { withoutDigests } from '../token.ts';

export const tokenList = listEndpoint({
  operation: 'listTokens',
  path: '/tokens',
  role: 'admin',
  about: 'installation',
  summary: 'Tokens by name, without their values, besides the one of the token file',
  item: Token,
  async read({ part }, { store }) {
    const found = await recordsIn(store, { kind: 'token' }, part);
    return { found: found.map(({ item, at }) => ({ item: withoutDigests(item), at })) };
  },
});
