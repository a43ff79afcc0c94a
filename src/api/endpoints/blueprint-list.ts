import { z } from 'zod';
import { BlueprintView } from '../../model/exchange.ts';
import { sees } from '../caller.ts';
import { endpoint } from '../endpoint.ts';
import { allCurrent } from '../find.ts';

export const blueprintList = endpoint({
  operation: 'listBlueprints',
  method: 'GET',
  path: '/blueprints',
  role: 'read',
  about: 'list',
  summary: 'All blueprints with their current documents, by name',
  answer: z.array(BlueprintView),
  handle: async ({ caller }, { store }) =>
    (await allCurrent(store))
      .filter(({ head }) => sees(caller, head.name))
      .map(({ head, revision: { document, createdAt } }) => ({ head, document, createdAt })),
});
