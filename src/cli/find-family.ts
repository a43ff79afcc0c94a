/** Which family `BLUEPRINT/FAMILY` or `FAMILY` names. */
import { CliFailure } from './failure.ts';
import type { Client } from '../client/client.ts';
import type { FamilyView } from '../model/exchange.ts';

/** The family of that name. CliFailure not-found, or invalid when several blueprints have one. */
export async function findFamily(client: Client, reference: string, signal: AbortSignal): Promise<FamilyView> {
  const [name = '', blueprint] = reference.split('/').reverse();
  if (blueprint !== undefined) return client.families.show(blueprint, name, signal);
  const all = await client.families.list({}, signal).all();
  const found = all.filter((family) => family.name === name);
  const [only] = found;
  if (only === undefined) throw noFamily(reference, all);
  if (found.length === 1) return only;
  throw new CliFailure('invalid', 'is the name of several families', {
    object: reference,
    next: `name one of ${found.map((family) => `${family.blueprint}/${family.name}`).join(', ')}`,
  });
}

function noFamily(reference: string, all: readonly FamilyView[]): CliFailure {
  const names = all.slice(0, 10).map((family) => `${family.blueprint}/${family.name}`);
  return new CliFailure('not-found', names.length === 0 ? 'there is no family at all' : 'there is no such family', {
    object: reference,
    next: names.length === 0 ? 'wombat apply -f FILE' : `name one of ${names.join(', ')}`,
  });
}
