import { z } from 'zod';
import { AuditEntry } from '../../model/access.ts';
import { ownOnly } from '../caller.ts';
import { endpoint } from '../endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';

export const auditList = endpoint({
  operation: 'listAudit',
  method: 'GET',
  path: '/audit',
  role: 'admin',
  about: 'list',
  summary: 'Who changed what: the newest entries of the audit log, oldest of them first',
  query: BlueprintQuery.extend({
    limit: z.coerce.number().int().min(1).max(1000).default(100).describe('how many'),
  }),
  answer: z.array(AuditEntry),
  async handle({ query: { limit, blueprint }, caller }, { store }) {
    const selector = blueprint === undefined ? ownOnly(caller) : { blueprints: [blueprint] };
    return [...(await store.audit.recent({ limit, ...selector }))];
  },
});
