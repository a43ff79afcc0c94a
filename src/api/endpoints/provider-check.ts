import { z } from 'zod';
import { FindingView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { providerSubject } from '../subject.ts';
import { find } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { within } from '../within.ts';

export const providerCheck = endpoint({
  operation: 'checkProvider',
  method: 'POST',
  path: '/providers/{name}/check',
  role: 'operate',
  about: 'provider',
  summary: 'Asks the provider now whether it can be used, and if not why',
  repeatable: true,
  subject: providerSubject,
  params: NameParameter,
  answer: z.array(FindingView),
  async handle({ params: { name }, signal }, context) {
    await find(context.store, 'provider', name);
    const what = `the check of provider ${name}`;
    return [...(await within(context, what, signal, (inner) => context.ports.checkProvider(name, inner)))];
  },
});
