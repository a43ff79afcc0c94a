import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { Provider } from '../../model/provider.ts';
import { secretName, secretScope } from '../../model/secret.ts';
import { alarmKey } from '../../model/sweep.ts';
import type { Change, Store } from '../../store/store.ts';
import { endpoint } from '../endpoint.ts';
import { providerSubject } from '../subject.ts';
import { all, allCurrent, find } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { within } from '../within.ts';

/** characters of an account in an event */
const longestWords = 4_000;

export const providerRemove = endpoint({
  operation: 'removeProvider',
  method: 'DELETE',
  path: '/providers/{name}',
  role: 'admin',
  about: 'installation',
  summary: 'Forgets a provider that nothing uses, with its domains and secrets',
  subject: providerSubject,
  params: NameParameter,
  query: z.object({
    forget: z
      .enum(['true', 'false'])
      .default('false')
      .describe(
        'the last resort, for one that is gone: also while it is in use; its machines and their nodes are forgotten',
      ),
  }),
  answer: z.object({
    /** what may still be there, a sentence each */
    left: z.array(z.string()),
  }),
  async handle({ params: { name }, query, caller, matched, signal }, context) {
    const { store, ports } = context;
    const { value: provider, version } = await find(store, 'provider', name);
    const forget = query.forget === 'true';
    await refuseIfUsed(store, provider, forget);
    const what = `a last look at provider ${name}`;
    const left = forget
      ? await ports.forgetMachines(name, caller.name)
      : await within(context, what, signal, (inner) => ports.emptyProvider(name, inner));
    const event = { level: 'info', kind: 'provider', object: name, blueprint: null, what: 'removed' } as const;
    await store.commit(
      [{ remove: 'provider', key: name, expect: matched ?? version }, ...(await belongings(store, name))],
      [{ ...event, words: `provider ${name} was removed${leftWords(left)}` }],
    );
    await forgetSecrets(store, provider);
    ports.wake();
    return { left: [...left] };
  },
});

function leftWords(left: readonly string[]): string {
  return left.length === 0 ? '' : `. Left behind: ${left.join('; ')}`.slice(0, longestWords);
}

async function refuseIfUsed(store: Store, provider: Provider, forget: boolean): Promise<void> {
  const use = await useOf(store, provider, forget);
  if (use === undefined) return;
  throw new Fault('conflict', `provider ${provider.name} is in use: ${use.why}`, {
    object: `provider ${provider.name}`,
    next: use.next,
  });
}

async function useOf(
  store: Store,
  { name, declaredBy }: Provider,
  forget: boolean,
): Promise<{ why: string; next: string } | undefined> {
  if (declaredBy !== null)
    return {
      why: `blueprint ${declaredBy} declares it`,
      next: `take it out of the blueprint, or: wombat destroy ${declaredBy}`,
    };
  if (forget) return undefined;
  const machines = (await all(store, 'machine')).filter(({ provider }) => provider === name);
  if (machines.length > 0)
    return {
      why: `it has ${machines.length} machines of ours`,
      next: `destroy the blueprints whose nodes are there; where it is gone for good: wombat provider remove ${name} --forget`,
    };
  const user = (await allCurrent(store)).find(({ revision }) =>
    Object.values(revision.document.domains ?? {}).some((domain) => domain.provider === name),
  );
  return user && { why: `blueprint ${user.head.name} has a domain there`, next: `wombat destroy ${user.head.name}` };
}

/** What was on record only because of the provider. */
async function belongings(store: Store, provider: string): Promise<Change[]> {
  const domains = (await all(store, 'domain')).filter(({ definition }) => definition.provider === provider);
  const strays = await store.list('stray', { keyPrefix: `${provider}/` });
  const alarms = (await all(store, 'alarm')).filter(({ about, name }) => about === 'provider' && name === provider);
  return [
    ...strays.map(({ key }): Change => ({ remove: 'stray', key, expect: null })),
    ...alarms.map((alarm): Change => ({ remove: 'alarm', key: alarmKey(alarm), expect: null })),
    ...domains.map(({ name }): Change => ({ remove: 'domain', key: name, expect: null })),
    { remove: 'offers', key: provider, expect: null },
  ];
}

async function forgetSecrets(store: Store, provider: Provider): Promise<void> {
  const own = secretName(secretScope(provider), '');
  for (const name of await store.secrets.names()) if (name.startsWith(own)) await store.secrets.remove(name);
}
