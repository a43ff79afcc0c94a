import { Streamed } from '../answer.ts';
import { endpoint } from '../endpoint.ts';

/** Entered in the audit log although it changes nothing: it is everything that there is. */
export const backupShow = endpoint({
  operation: 'backUp',
  method: 'GET',
  path: '/backup',
  role: 'admin',
  about: 'installation',
  summary: 'A copy of the store, of one moment and checked, with secrets sealed and without the key to them',
  streams: ['application/vnd.sqlite3'],
  async handle({ caller, signal }, { store }) {
    const entry = { token: caller.name, method: 'GET', path: '/api/v1/backup', operation: 'backUp' };
    await store.audit.append({ ...entry, blueprint: null, status: 200 });
    const { contentType, sha256, chunks } = await store.backup(signal);
    const digest = Buffer.from(sha256, 'hex').toString('base64');
    return new Streamed(contentType, chunks(), { 'repr-digest': `sha-256=:${digest}:` });
  },
});
