import { z } from 'zod';
import { ProviderView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { all } from '../find.ts';
import { providerView } from '../provider-view.ts';

export const providerList = endpoint({
  operation: 'listProviders',
  method: 'GET',
  path: '/providers',
  summary: 'All providers, by name',
  answer: z.array(ProviderView),
  handle: async (_, { store }) =>
    Promise.all((await all(store, 'provider')).map((provider) => providerView(store, provider))),
});
