import { z } from 'zod';
import { BlueprintStatus } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { recordsOfAll } from '../status-records.ts';
import { blueprintStatus } from '../../model/blueprint-status.ts';

export const statusShow = endpoint({
  operation: 'showStatus',
  method: 'GET',
  path: '/status',
  role: 'read',
  about: 'list',
  summary: 'The status of every blueprint, by name',
  answer: z.array(BlueprintStatus),
  handle: async ({ caller }, { store }) => (await recordsOfAll(store, caller)).map(blueprintStatus),
});
