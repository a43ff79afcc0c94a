import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import { Name } from '../../model/name.ts';
import { Alarm, alarmKey } from '../../model/sweep.ts';
import { repairSubject } from '../subject.ts';
import { endpoint } from '../endpoint.ts';

/** Whoever releases it takes it upon themselves that what seems dead is dead; it holds again only after a recovery. */
export const repairRelease = endpoint({
  operation: 'releaseRepair',
  method: 'POST',
  path: '/repair/{about}/{name}/release',
  role: 'admin',
  about: 'installation',
  summary: 'Repairs go on although so much seems dead: the brake that stopped them is released',
  repeatable: true,
  subject: repairSubject,
  params: z.object({
    about: z.enum(['provider', 'blueprint']).describe('what the brake holds for'),
    name: Name,
  }),
  answer: Alarm,
  async handle({ params: { about, name }, caller, matched }, { store, ports }) {
    const key = alarmKey({ brake: 'repair', about, name });
    const record = await store.get('alarm', key);
    if (record === undefined)
      throw new Fault('not-found', `repairs of ${about} ${name} are not stopped`, {
        object: `${about} ${name}`,
        next: 'wombat repair',
      });
    const { value, version } = record;
    if (value.releasedBy !== null) return value;
    const released = { ...value, releasedBy: caller.name };
    const blueprint = about === 'blueprint' ? name : null;
    const words = `${caller.name} says that it is dead indeed: ${value.words}`;
    await store.commit(
      [{ put: 'alarm', key, value: released, expect: matched ?? version }],
      [{ level: 'warning', kind: about, object: name, blueprint, what: 'repair released', words }],
    );
    ports.wake();
    return released;
  },
});
