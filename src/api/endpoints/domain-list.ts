import { z } from 'zod';
import { DomainView } from '../../model/exchange.ts';
import { domainViews } from '../domain-view.ts';
import { endpoint } from '../endpoint.ts';

export const domainList = endpoint({
  operation: 'listDomains',
  method: 'GET',
  path: '/domains',
  role: 'read',
  about: 'list',
  summary: 'All deployment domains with their offers and machines, by name',
  answer: z.array(DomainView),
  handle: ({ caller }, { store }) => domainViews(store, caller),
});
