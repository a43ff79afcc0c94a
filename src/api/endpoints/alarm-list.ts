import { Alarm } from '../../model/sweep.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';

export const alarmList = listEndpoint({
  operation: 'listAlarms',
  path: '/alarms',
  role: 'read',
  about: 'list',
  summary: 'Brakes that hold: what the control plane has stopped doing until a person has looked',
  query: BlueprintQuery.shape,
  item: Alarm,
  async read({ query: { blueprint }, caller, part }, { store }) {
    return { found: await recordsIn(store, { kind: 'alarm', blueprint, seenBy: caller.blueprints }, part) };
  },
});
