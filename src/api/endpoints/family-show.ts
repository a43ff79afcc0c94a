import { Fault } from '../../base/fault.ts';
import { FamilyView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { all, findCurrent } from '../find.ts';
import { FamilyParameter } from '../parameters.ts';
import { familyViews } from '../../model/blueprint-status.ts';

export const familyShow = endpoint({
  operation: 'showFamily',
  method: 'GET',
  path: '/blueprints/{blueprint}/families/{family}',
  role: 'read',
  about: 'blueprint',
  summary: 'One node family, with its nodes counted',
  subject: blueprintSubject,
  params: FamilyParameter,
  answer: FamilyView,
  async handle({ params: { blueprint, family } }, { store }) {
    const { document } = (await findCurrent(store, blueprint)).revision;
    const found = familyViews(document, await all(store, 'node', blueprint)).find(({ name }) => name === family);
    if (found !== undefined) return found;
    throw new Fault('not-found', `blueprint ${blueprint} has no family ${family}`, {
      object: `family ${blueprint}/${family}`,
      next: `its families are ${Object.keys(document.families).join(', ')}`,
    });
  },
});
