import { z } from 'zod';
import { FamilyView } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsOf, recordsOfAll } from '../status-records.ts';
import { familyViews } from '../../model/blueprint-status.ts';

export const familyList = endpoint({
  operation: 'listFamilies',
  method: 'GET',
  path: '/families',
  role: 'read',
  about: 'list',
  summary: 'Node families of all blueprints or of one, with their nodes counted',
  query: BlueprintQuery,
  answer: z.array(FamilyView),
  async handle({ query: { blueprint }, caller }, { store }) {
    const records = blueprint === undefined ? await recordsOfAll(store, caller) : [await recordsOf(store, blueprint)];
    return records.flatMap(({ document, nodes }) => familyViews(document, nodes));
  },
});
