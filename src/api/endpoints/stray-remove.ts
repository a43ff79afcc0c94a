import { z } from 'zod';
import { Stray, SweepRequest } from '../../model/sweep.ts';
import { endpoint } from '../endpoint.ts';
import { within } from '../within.ts';

export const strayRemove = endpoint({
  operation: 'removeStrays',
  method: 'POST',
  path: '/sweep',
  role: 'admin',
  about: 'installation',
  summary: 'Exactly these strays are to go, now and whatever the brake says: records that and returns',
  repeatable: true,
  status: 202,
  body: SweepRequest,
  answer: z.object({ strays: z.array(Stray) }),
  async handle({ body, caller, signal }, context) {
    const ask = (inner: AbortSignal) => context.ports.removeStrays(body, caller.name, inner);
    return { strays: [...(await within(context, 'a look for strays', signal, ask))] };
  },
});
