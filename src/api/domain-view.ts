/** Deployment domains as the API shows them: with their offers and machines. */
import type { DomainView } from '../model/exchange.ts';
import type { Domain } from '../model/domain.ts';
import type { Machine } from '../model/machine.ts';
import { judgedBy, refusalsOf } from '../model/refusal.ts';
import type { Store } from '../store/store.ts';
import { sees } from './caller.ts';
import type { Caller } from './caller.ts';
import { all } from './find.ts';

/** The domains that a caller sees, with the offers there as plans see them, and of the machines those of its blueprints. */
export async function domainViews(store: Store, caller: Caller): Promise<DomainView[]> {
  const [everyMachine, sheets] = [await all(store, 'machine'), await all(store, 'offers')];
  const machines = await machinesOf(store, caller, everyMachine);
  const refusals = refusalsOf(everyMachine);
  const seen = (await domains(store)).filter(({ declaredBy }) => sees(caller, declaredBy));
  return seen.map((domain) => ({
    domain,
    offers: judgedBy(
      sheets.flatMap(({ offers }) => offers.filter((offer) => offer.domain === domain.name)),
      refusals,
    ),
    machines: machines.filter((machine) => machine.domain === domain.name),
  }));
}

/** Machines belong to no blueprint: those on which it has a node, or whose provider it declares, are its own. */
async function machinesOf(store: Store, caller: Caller, machines: readonly Machine[]): Promise<readonly Machine[]> {
  if (caller.blueprints === null) return machines;
  const own = (blueprint: string | null) => blueprint !== null && sees(caller, blueprint);
  const nodes = (await all(store, 'node')).filter(({ blueprint }) => own(blueprint));
  const used = new Set(nodes.map(({ placement }) => placement.machine));
  const providers = (await all(store, 'provider')).filter(({ declaredBy }) => own(declaredBy));
  const theirs = new Set(providers.map(({ name }) => name));
  return machines.filter(({ token, provider }) => used.has(token) || theirs.has(provider));
}

/** Every domain by name. A provider of which no domain is declared has one of its own name. */
export async function domains(store: Store): Promise<Domain[]> {
  const declared = await all(store, 'domain');
  const withDomains = new Set(declared.map(({ definition }) => definition.provider));
  const own = (await all(store, 'provider'))
    .filter(({ name }) => !withDomains.has(name))
    .map(({ name, declaredBy }): Domain => ({ name, definition: { provider: name }, declaredBy }));
  return [...declared, ...own].sort((one, other) => (one.name < other.name ? -1 : 1));
}
