import { AuditEntry } from '../../model/access.ts';
import { ownOnly } from '../caller.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { numberAt } from '../part-of.ts';

export const auditList = listEndpoint({
  operation: 'listAudit',
  path: '/audit',
  role: 'admin',
  about: 'list',
  summary: 'Who changed what: the entries of the audit log, newest first',
  query: BlueprintQuery.shape,
  item: AuditEntry,
  async read({ query: { blueprint }, caller, part: { limit, after } }, { store }) {
    const selector = blueprint === undefined ? ownOnly(caller) : { blueprints: [blueprint] };
    const before = after === undefined ? undefined : numberAt(after);
    const entries = await store.audit.recent({ ...selector, limit: limit + 1, before });
    return { found: entries.map((item) => ({ item, at: [String(item.sequence)] })).reverse() };
  },
});
