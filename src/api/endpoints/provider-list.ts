import { z } from 'zod';
import { ProviderView } from '../../model/exchange.ts';
import { sees } from '../caller.ts';
import { endpoint } from '../endpoint.ts';
import { all } from '../find.ts';
import { providerView } from '../provider-view.ts';

export const providerList = endpoint({
  operation: 'listProviders',
  method: 'GET',
  path: '/providers',
  role: 'read',
  about: 'list',
  summary: 'All providers, by name',
  answer: z.array(ProviderView),
  handle: async ({ caller }, { store }) => {
    const seen = (await all(store, 'provider')).filter(({ declaredBy }) => sees(caller, declaredBy));
    return Promise.all(seen.map((provider) => providerView(store, provider)));
  },
});
