/** The deployment domains that a blueprint may use, the ones that go without saying included. */
import type { BlueprintDocument } from './blueprint.ts';
import type { Domain, DomainDefinition } from './domain.ts';

/** The domains that the document declares, and one of the provider's own name for each provider without any. */
export function effectiveDomains(document: BlueprintDocument): Record<string, DomainDefinition> {
  const declared = document.domains ?? {};
  const served = new Set(Object.values(declared).map((domain) => domain.provider));
  const implicit = Object.keys(document.providers ?? {}).filter((provider) => !served.has(provider));
  return { ...Object.fromEntries(implicit.map((provider) => [provider, { provider }])), ...declared };
}

/**
 * The registered domains on which the blueprint's nodes may be placed: those it declares; for one that declares neither
 * providers nor domains, those that were registered by hand.
 */
export function usableDomains(document: BlueprintDocument, registered: readonly Domain[]): Domain[] {
  const own = effectiveDomains(document);
  if (Object.keys(own).length === 0) return registered.filter((domain) => domain.declaredBy === null);
  return registered.filter((domain) => Object.hasOwn(own, domain.name));
}
