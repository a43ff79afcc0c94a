import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { leftoverSubject } from '../subject.ts';
import { find } from '../find.ts';

export const leftoverForget = endpoint({
  operation: 'forgetLeftover',
  method: 'DELETE',
  path: '/leftovers/{key}',
  role: 'admin',
  about: 'installation',
  summary: 'Somebody has seen that what was given up is gone: it is looked for no more',
  subject: leftoverSubject,
  params: z.object({ key: z.string().min(1).max(1024).describe('`provider/kind/id` of what was given up') }),
  async handle({ params: { key }, caller, matched }, { store }) {
    const { value, version } = await find(store, 'leftover', key);
    const { kind, id, blueprint, name, provider } = value;
    const words = `${name} at provider ${provider}: ${caller.name} says that it is gone`;
    await store.commit(
      [{ remove: 'leftover', key, expect: matched ?? version }],
      [{ level: 'info', kind, object: id, blueprint, what: 'gone', words }],
    );
  },
});
