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
    if ((await store.get('rotation', name)) !== undefined)
      throw new Fault('conflict', `secret ${name} is being replaced by another value`, {
        object: `secret ${name}`,
        next: 'wait until that is over: wombat secret list',
      });
    await store.secrets.remove(name);
    await store.commit([], [secretEvent(name, 'deleted')]);
    ports.wake();
  },
});
