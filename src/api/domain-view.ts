/** Deployment domains as the API shows them: with their offers and machines. */
import type { DomainView } from '../model/exchange.ts';
import type { Domain } from '../model/domain.ts';
import type { Store } from '../store/store.ts';
import { all } from './find.ts';

/** Every domain by name. A provider of which no domain is declared has one of its own name. */
export async function domainViews(store: Store): Promise<DomainView[]> {
  const [machines, sheets] = [await all(store, 'machine'), await all(store, 'offers')];
  return (await domains(store)).map((domain) => ({
    domain,
    offers: sheets.flatMap(({ offers }) => offers.filter((offer) => offer.domain === domain.name)),
    machines: machines.filter((machine) => machine.domain === domain.name),
  }));
}

async function domains(store: Store): Promise<Domain[]> {
  const declared = await all(store, 'domain');
  const withDomains = new Set(declared.map(({ definition }) => definition.provider));
  const own = (await all(store, 'provider'))
    .filter(({ name }) => !withDomains.has(name))
    .map(({ name, declaredBy }): Domain => ({ name, definition: { provider: name }, declaredBy }));
  return [...declared, ...own].sort((one, other) => (one.name < other.name ? -1 : 1));
}
