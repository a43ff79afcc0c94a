import { Fault } from '../../base/fault.ts';
import type { Provider } from '../../model/provider.ts';
import { secretName, secretScope } from '../../model/secret.ts';
import type { Change, Store } from '../../store/store.ts';
import { endpoint } from '../endpoint.ts';
import { providerSubject } from '../subject.ts';
import { all, allCurrent, find } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { within } from '../within.ts';

export const providerRemove = endpoint({
  operation: 'removeProvider',
  method: 'DELETE',
  path: '/providers/{name}',
  role: 'admin',
  about: 'installation',
  summary: 'Forgets a provider that nothing uses, with its domains and secrets',
  subject: providerSubject,
  params: NameParameter,
  async handle({ params: { name }, matched, signal }, context) {
    const { store, ports } = context;
    const { value: provider, version } = await find(store, 'provider', name);
    await refuseIfUsed(store, provider);
    const what = `a last look at provider ${name}`;
    await within(context, what, signal, (inner) => ports.emptyProvider(name, inner));
    const event = { level: 'info', kind: 'provider', object: name, blueprint: null, what: 'removed' } as const;
    await store.commit(
      [{ remove: 'provider', key: name, expect: matched ?? version }, ...(await belongings(store, name))],
      [{ ...event, words: `provider ${name} was removed` }],
    );
    await forgetSecrets(store, provider);
    ports.wake();
  },
});

async function refuseIfUsed(store: Store, provider: Provider): Promise<void> {
  const use = await useOf(store, provider);
  if (use === undefined) return;
  throw new Fault('conflict', `provider ${provider.name} is in use: ${use.why}`, {
    object: `provider ${provider.name}`,
    next: use.next,
  });
}

async function useOf(store: Store, { name, declaredBy }: Provider): Promise<{ why: string; next: string } | undefined> {
  if (declaredBy !== null)
    return {
      why: `blueprint ${declaredBy} declares it`,
      next: `take it out of the blueprint, or: wombat destroy ${declaredBy}`,
    };
  const machines = (await all(store, 'machine')).filter(({ provider }) => provider === name);
  if (machines.length > 0)
    return { why: `it has ${machines.length} machines of ours`, next: 'destroy the blueprints whose nodes are there' };
  const user = (await allCurrent(store)).find(({ revision }) =>
    Object.values(revision.document.domains ?? {}).some((domain) => domain.provider === name),
  );
  return user && { why: `blueprint ${user.head.name} has a domain there`, next: `wombat destroy ${user.head.name}` };
}

/** What was on record only because of the provider. */
async function belongings(store: Store, provider: string): Promise<Change[]> {
  const domains = (await all(store, 'domain')).filter(({ definition }) => definition.provider === provider);
  return [
    ...domains.map(({ name }): Change => ({ remove: 'domain', key: name, expect: null })),
    { remove: 'offers', key: provider, expect: null },
  ];
}

async function forgetSecrets(store: Store, provider: Provider): Promise<void> {
  const own = secretName(secretScope(provider), '');
  for (const name of await store.secrets.names()) if (name.startsWith(own)) await store.secrets.remove(name);
}
