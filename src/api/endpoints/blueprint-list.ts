import { z } from 'zod';
import { BlueprintView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { allCurrent } from '../find.ts';

export const blueprintList = endpoint({
  operation: 'listBlueprints',
  method: 'GET',
  path: '/blueprints',
  summary: 'All blueprints with their current documents, by name',
  answer: z.array(BlueprintView),
  handle: async (_, { store }) =>
    (await allCurrent(store)).map(({ head, revision: { document, createdAt } }) => ({ head, document, createdAt })),
});
