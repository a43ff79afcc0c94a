import { Fault } from '../../base/fault.ts';
import { endpoint } from '../endpoint.ts';
import { SecretParameter, secretEvent } from '../secret-parameter.ts';

export const secretDelete = endpoint({
  operation: 'deleteSecret',
  method: 'DELETE',
  path: '/secrets/{name}',
  role: 'operate',
  about: 'secret',
  summary: 'Forgets a secret value',
  params: SecretParameter,
  async handle({ params: { name } }, { store, ports }) {
    if (!(await store.secrets.has(name)))
      throw new Fault('not-found', `there is no secret ${name}`, { object: `secret ${name}` });
    await store.secrets.remove(name);
    await store.commit([], [secretEvent(name, 'deleted')]);
    ports.wake();
  },
});
