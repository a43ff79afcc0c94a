import { Fault } from '../../base/fault.ts';
import { SecretRequest } from '../../model/exchange.ts';
import { retiredSecretName } from '../../model/secret.ts';
import type { Store } from '../../store/store.ts';
import { sha256Of } from '../../base/sha256.ts';
import { endpoint } from '../endpoint.ts';
import { SecretParameter, secretEvent } from '../secret-parameter.ts';

export const secretPut = endpoint({
  operation: 'putSecret',
  method: 'PUT',
  path: '/secrets/{name}',
  role: 'operate',
  about: 'secret',
  summary: 'Keeps a secret value, encrypted; it can be replaced, never read back',
  params: SecretParameter,
  body: SecretRequest,
  async handle({ params: { name }, body }, { store, ports }) {
    await refuseRetired(store, name, body.value);
    if (await isBeingReplaced(store, name, body.value)) return;
    await store.secrets.put(name, body.value);
    await store.commit([], [secretEvent(name, 'written')]);
    ports.wake();
  },
});

/** Whoever applies a blueprint hands in what its references lead to: a key that opens nothing any more is not put back. */
async function refuseRetired({ secrets }: Store, name: string, value: string): Promise<void> {
  const retired = retiredSecretName(name);
  if (!(await secrets.has(retired)) || (await secrets.get(retired)) !== sha256Of(value.trim())) return;
  throw new Fault('conflict', `this value of secret ${name} was replaced by another, and opens nothing any more`, {
    object: `secret ${name}`,
    next: 'put the new one where its reference leads to, then do it again',
  });
}

/**
 * While a secret is being replaced, its new value is the only one: somebody may go by it already, and by no other. True when
 * that is what is handed in; Fault conflict when it is not.
 */
async function isBeingReplaced(store: Store, name: string, value: string): Promise<boolean> {
  if ((await store.get('rotation', name)) === undefined) return false;
  if ((await store.secrets.has(name)) && (await store.secrets.get(name)).trim() === value.trim()) return true;
  throw new Fault('conflict', `secret ${name} is being replaced by another value`, {
    object: `secret ${name}`,
    next: 'put the new value where its reference leads to, or wait until that is over: wombat secret list',
  });
}
