import { ProviderCallsView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { providerSubject } from '../subject.ts';
import { find } from '../find.ts';
import { NameParameter } from '../parameters.ts';

/** Its last calls may be about anybody's machines: not for tokens that are limited to blueprints. */
export const providerCalls = endpoint({
  operation: 'showProviderCalls',
  method: 'GET',
  path: '/providers/{name}/calls',
  role: 'read',
  about: 'installation',
  summary: 'What a provider was asked since the control plane started: figures, and the last calls without secrets',
  subject: providerSubject,
  params: NameParameter,
  answer: ProviderCallsView,
  async handle({ params: { name } }, { store, ports }) {
    await find(store, 'provider', name);
    return ports.providerCalls(name);
  },
});
