import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { EventDraft } from '../../model/event.ts';
import { Quarantine } from '../../model/rollout.ts';
import { endpoint } from '../endpoint.ts';
import { find } from '../find.ts';
import { BlueprintParameter, ReleaseParameter } from '../parameters.ts';
import { blueprintSubject } from '../subject.ts';

/** Whoever lifts it takes it upon themselves: the next apply is not refused. */
export const quarantineLift = endpoint({
  operation: 'liftQuarantine',
  method: 'DELETE',
  path: '/blueprints/{blueprint}/quarantine/{reference}',
  role: 'operate',
  about: 'blueprint',
  summary: 'Lets versions of that release, which failed before, be applied again',
  subject: blueprintSubject,
  params: BlueprintParameter.extend(ReleaseParameter.shape),
  answer: z.array(Quarantine),
  async handle({ params: { blueprint, reference } }, { store }) {
    await find(store, 'blueprint', blueprint);
    const all = await store.list('quarantine', { blueprint });
    const lifted = all.filter(({ value }) => value.digest === reference || value.release === reference);
    if (lifted.length === 0)
      throw new Fault('not-found', `blueprint ${blueprint} has no version of ${reference} in quarantine`, {
        object: `release ${reference}`,
        next: `wombat status ${blueprint}`,
      });
    await store.commit(
      lifted.map(({ key, version }) => ({ remove: 'quarantine', key, expect: version })),
      lifted.map(({ value }) => event(value)),
    );
    return lifted.map(({ value }) => value);
  },
});

function event({ blueprint, family, release, revision }: Quarantine): EventDraft {
  const words = `${release} as of revision ${revision} may be applied to ${family} again`;
  return { level: 'info', kind: 'release', object: release, blueprint, what: 'unquarantined', words };
}
