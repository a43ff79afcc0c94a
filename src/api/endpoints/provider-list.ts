import { ProviderView } from '../../model/exchange.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';
import { providerView } from '../provider-view.ts';

export const providerList = listEndpoint({
  operation: 'listProviders',
  path: '/providers',
  role: 'read',
  about: 'list',
  summary: 'All providers, by name',
  item: ProviderView,
  async read({ caller, part }, { store }) {
    const seen = await recordsIn(store, { kind: 'provider', seenBy: caller.blueprints }, part);
    return {
      found: await Promise.all(seen.map(async ({ item, at }) => ({ item: await providerView(store, item), at }))),
    };
  },
});
