/** Providers as the API shows them: with what they offered when last asked. */
import type { ProviderView } from '../model/exchange.ts';
import type { Provider } from '../model/provider.ts';
import type { Store } from '../store/store.ts';
import { all } from './find.ts';

/** One provider's view. */
export async function providerView(store: Store, provider: Provider): Promise<ProviderView> {
  const [domains, machines] = [await all(store, 'domain'), await all(store, 'machine')];
  const own = domains.filter(({ definition }) => definition.provider === provider.name).map(({ name }) => name);
  const sheet = (await store.get('offers', provider.name))?.value;
  return {
    provider,
    domains: own.length > 0 ? own : [provider.name],
    offers: sheet?.offers.length ?? 0,
    machines: machines.filter((machine) => machine.provider === provider.name).length,
    askedAt: sheet?.at ?? null,
    fault: sheet?.fault ?? null,
  };
}
