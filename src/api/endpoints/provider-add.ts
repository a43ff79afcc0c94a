import { Fault, faultCodeOf } from '../../base/fault.ts';
import { ProviderRequest, ProviderView } from '../../model/exchange.ts';
import type { Provider } from '../../model/provider.ts';
import type { Store } from '../../store/store.ts';
import { Created } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { providerView } from '../provider-view.ts';

/** Registers a provider by hand. It is not asked anything here: the loops ask it, and `check` tells. */
export const providerAdd = endpoint({
  operation: 'addProvider',
  method: 'POST',
  path: '/providers',
  role: 'admin',
  about: 'installation',
  summary: 'Registers a provider',
  body: ProviderRequest,
  answer: ProviderView,
  creates: true,
  async handle({ body }, { store, ports }) {
    const provider: Provider = { ...body, declaredBy: null };
    await register(store, provider);
    ports.wake();
    return new Created(await providerView(store, provider));
  },
});

async function register(store: Store, provider: Provider): Promise<void> {
  const { name, definition } = provider;
  const words = `provider ${name} (${definition.kind}) was added`;
  try {
    await store.commit(
      [{ put: 'provider', key: name, value: provider, expect: 0 }],
      [{ level: 'info', kind: 'provider', object: name, blueprint: null, what: 'added', words }],
    );
  } catch (error) {
    if (faultCodeOf(error) !== 'conflict') throw error;
    throw new Fault('exists', `there is a provider ${name} already`, {
      object: `provider ${name}`,
      next: `take another name, or remove it first: wombat provider remove ${name}`,
    });
  }
}
