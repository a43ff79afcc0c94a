import { BlueprintStatus } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { NameParameter } from '../parameters.ts';
import { recordsOf } from '../status-records.ts';
import { blueprintStatus } from '../../model/blueprint-status.ts';

export const blueprintStatusShow = endpoint({
  operation: 'showBlueprintStatus',
  method: 'GET',
  path: '/blueprints/{name}/status',
  role: 'read',
  about: 'blueprint',
  summary: 'Where a blueprint is on its way to what it declares: one snapshot',
  subject: blueprintSubject,
  params: NameParameter,
  answer: BlueprintStatus,
  handle: async ({ params }, { store }) => blueprintStatus(await recordsOf(store, params.name)),
});
