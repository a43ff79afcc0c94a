import type { KeptToken } from '../../model/access.ts';
import type { Store, Versioned } from '../../store/store.ts';
import { endpoint } from '../endpoint.ts';
import { tokenSubject } from '../subject.ts';
import { find } from '../find.ts';
import { NameParameter } from '../parameters.ts';

/** Holds from the next request on; streams and shells that are open go on until they end. */
export const tokenRevoke = endpoint({
  operation: 'revokeToken',
  method: 'DELETE',
  path: '/tokens/{name}',
  role: 'admin',
  about: 'installation',
  summary: 'Forgets a token: whoever presents it from now on is refused',
  subject: tokenSubject,
  params: NameParameter,
  async handle({ params: { name }, matched }, { store }) {
    const record = await find(store, 'token', name);
    await revokeToken(store, { ...record, version: matched ?? record.version });
  },
});

/** Forgets a token. Fault conflict when it is not under the version any more that was read. */
export async function revokeToken(store: Store, { key: name, version }: Versioned<KeptToken>): Promise<void> {
  const event = { level: 'info', kind: 'token', object: name, blueprint: null, what: 'revoked' } as const;
  await store.commit(
    [{ remove: 'token', key: name, expect: version }],
    [{ ...event, words: `token ${name} was revoked` }],
  );
}
