import { Fault } from '../../base/fault.ts';
import { DomainView } from '../../model/exchange.ts';
import { domainViews } from '../domain-view.ts';
import { endpoint } from '../endpoint.ts';
import { NameParameter } from '../parameters.ts';

export const domainShow = endpoint({
  operation: 'showDomain',
  method: 'GET',
  path: '/domains/{name}',
  role: 'read',
  about: 'domain',
  summary: 'One deployment domain with its offers and machines',
  params: NameParameter,
  answer: DomainView,
  async handle({ params: { name }, caller }, { store }) {
    const found = (await domainViews(store, caller)).find(({ domain }) => domain.name === name);
    if (found !== undefined) return found;
    throw new Fault('not-found', `there is no domain ${name}`, {
      object: `domain ${name}`,
      next: 'wombat domain list',
    });
  },
});
