import { ProviderView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { providerSubject } from '../subject.ts';
import { find } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { providerView } from '../provider-view.ts';

export const providerShow = endpoint({
  operation: 'showProvider',
  method: 'GET',
  path: '/providers/{name}',
  role: 'read',
  about: 'provider',
  summary: 'One provider, with what it offered when last asked',
  subject: providerSubject,
  params: NameParameter,
  answer: ProviderView,
  handle: async ({ params }, { store }) => providerView(store, (await find(store, 'provider', params.name)).value),
});
