import { AuditVerdict } from '../../model/access.ts';
import { endpoint } from '../endpoint.ts';

/** A log that is not as it was written is an answer, not an error. */
export const auditVerify = endpoint({
  operation: 'verifyAudit',
  method: 'GET',
  path: '/audit/verdict',
  role: 'admin',
  about: 'installation',
  summary: 'Checks the whole audit log, and names the first entry that was changed, removed or moved',
  answer: AuditVerdict,
  handle: (_, { store }) => store.audit.verify(),
});
