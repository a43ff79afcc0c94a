import { z } from 'zod';
import { Name } from '../../model/name.ts';
import { SweepView } from '../../model/sweep.ts';
import { endpoint } from '../endpoint.ts';
import { find } from '../find.ts';
import { within } from '../within.ts';

export const sweepShow = endpoint({
  operation: 'showSweep',
  method: 'GET',
  path: '/sweep',
  role: 'read',
  about: 'installation',
  summary: 'Looks now for what is ours and on no record; says when and why it goes, and what was given up',
  query: z.object({ provider: Name.optional().describe('only there') }),
  answer: SweepView,
  async handle({ query: { provider }, signal }, context) {
    if (provider !== undefined) await find(context.store, 'provider', provider);
    const look = (inner: AbortSignal) => context.ports.lookForStrays(provider ?? null, inner);
    return within(context, 'a look for strays', signal, look);
  },
});
