import { SecretRequest } from '../../model/exchange.ts';
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
    await store.secrets.put(name, body.value);
    await store.commit([], [secretEvent(name, 'written')]);
    ports.wake();
  },
});
