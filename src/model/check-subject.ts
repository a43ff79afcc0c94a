/** What the checks of a document look at: the document, and all that its names may mean. */
import type { BlueprintDocument } from './blueprint.ts';
import type { Domain, DomainDefinition } from './domain.ts';
import { effectiveDomains } from './effective-domains.ts';
import type { Provider, ProviderDefinition } from './provider.ts';

/** What is registered besides what the blueprint brings. */
export interface Known {
  readonly providers: readonly Provider[];
  readonly domains: readonly Domain[];
  /** the current documents of other blueprints, as far as they are known */
  readonly blueprints?: readonly BlueprintDocument[];
}

/** Nothing is registered, or nobody can be asked: every name must be declared in the blueprint. */
export const nothingKnown: Known = { providers: [], domains: [] };

/** The document and all that its names may mean. */
export interface Subject {
  readonly document: BlueprintDocument;
  readonly providers: ReadonlyMap<string, ProviderDefinition>;
  /** the domains on which its nodes may be placed */
  readonly domains: ReadonlyMap<string, DomainDefinition>;
  readonly known: Known;
}

/** Resolves names: what the document declares wins over what is registered. */
export function subjectOf(document: BlueprintDocument, known: Known): Subject {
  const registered = known.providers.map(({ name, definition }) => [name, definition] as const);
  const providers = new Map([...registered, ...Object.entries(document.providers ?? {})]);
  const own = Object.entries(effectiveDomains(document));
  return { document, known, providers, domains: new Map(own.length > 0 ? own : domainsByHand(known)) };
}

/** What was registered by hand; a provider without a domain has one of its own name. */
function domainsByHand({ providers, domains }: Known): (readonly [string, DomainDefinition])[] {
  const served = new Set(domains.map(({ definition }) => definition.provider));
  const implicit = providers.filter(({ name, declaredBy }) => declaredBy === null && !served.has(name));
  const declared = domains.filter(({ declaredBy }) => declaredBy === null);
  return [
    ...declared.map(({ name, definition }) => [name, definition] as const),
    ...implicit.map(({ name }) => [name, { provider: name }] as const),
  ];
}
