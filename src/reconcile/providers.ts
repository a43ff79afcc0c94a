/** Which providers and domains a blueprint may use, and which are on record. */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Domain } from '../model/domain.ts';
import type { Provider } from '../model/provider.ts';
import type { Store } from '../store/store.ts';

/** A provider with all its domains. */
export interface Place {
  readonly provider: Provider;
  readonly domains: readonly Domain[];
}

/** A registered provider and its domains; undefined when there is none of that name. */
export async function providerOf(store: Store, name: string): Promise<Place | undefined> {
  const record = await store.get('provider', name);
  if (record === undefined) return undefined;
  const domains = (await store.list('domain'))
    .map((one) => one.value)
    .filter((one) => one.definition.provider === name);
  return { provider: record.value, domains: domains.length > 0 ? domains : [ownDomain(record.value)] };
}

/** A provider of which no domain is declared has one of its own name. */
export function ownDomain(provider: Provider): Domain {
  return { name: provider.name, definition: { provider: provider.name }, declaredBy: provider.declaredBy };
}

/**
 * Everything that a blueprint may use: what it declares, and of what was registered by hand the providers that its
 * domains name, or all of it when it declares neither providers nor domains.
 */
export async function placesOf(store: Store, document: BlueprintDocument): Promise<Place[]> {
  const registered = await registeredPlaces(store);
  const declaresNone = document.providers === undefined && document.domains === undefined;
  if (declaresNone) return registered.filter((place) => place.provider.declaredBy === null);
  const declared = declaredPlaces(document);
  const used = new Set(Object.values(document.domains ?? {}).map((domain) => domain.provider));
  const others = registered.filter(({ provider }) => provider.declaredBy === null && used.has(provider.name));
  return [
    ...declared,
    ...others
      .filter(({ provider }) => document.providers?.[provider.name] === undefined)
      .map((place) => withDomains(place, document)),
  ];
}

/** The providers that the document itself declares, with their domains. */
export function declaredPlaces(document: BlueprintDocument): Place[] {
  return Object.entries(document.providers ?? {}).map(([name, definition]) =>
    withDomains({ provider: { name, definition, declaredBy: document.name }, domains: [] }, document),
  );
}

function withDomains(place: Place, document: BlueprintDocument): Place {
  const own = Object.entries(document.domains ?? {})
    .filter(([, definition]) => definition.provider === place.provider.name)
    .map(([name, definition]) => ({ name, definition, declaredBy: document.name }));
  const domains = own.length > 0 ? own : place.domains;
  return { provider: place.provider, domains: domains.length > 0 ? domains : [ownDomain(place.provider)] };
}

async function registeredPlaces(store: Store): Promise<Place[]> {
  const providers = (await store.list('provider')).map((record) => record.value);
  const domains = (await store.list('domain')).map((record) => record.value);
  return providers.map((provider) => {
    const own = domains.filter((domain) => domain.definition.provider === provider.name);
    return { provider, domains: own.length > 0 ? own : [ownDomain(provider)] };
  });
}
