import { DomainView } from '../../model/exchange.ts';
import { domainViews } from '../domain-view.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { namedIn } from '../part-of.ts';

export const domainList = listEndpoint({
  operation: 'listDomains',
  path: '/domains',
  role: 'read',
  about: 'list',
  summary: 'All deployment domains with their offers and machines, by name',
  item: DomainView,
  async read({ caller, part }, { store }) {
    return { found: namedIn(await domainViews(store, caller), ({ domain }) => domain.name, part) };
  },
});
