import { Token } from '../../model/access.ts';
import { endpoint } from '../endpoint.ts';
import { find } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { tokenSubject } from '../subject.ts';
import { withoutDigests } from '../token.ts';

export const tokenShow = endpoint({
  operation: 'showToken',
  method: 'GET',
  path: '/tokens/{name}',
  role: 'admin',
  about: 'installation',
  summary: 'One token, without its value',
  subject: tokenSubject,
  params: NameParameter,
  answer: Token,
  handle: async ({ params: { name } }, { store }) => withoutDigests((await find(store, 'token', name)).value),
});
