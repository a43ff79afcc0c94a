/** The private network that a domain's machines are put on. */
import { Fault } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import type { HetznerSite } from './hetzner.ts';
import { all, idIn } from './json.ts';

/** Its id; null where the domain names none. Faults: not-found; invalid where a machine would have no address at all. */
export async function networkOf({ api }: HetznerSite, domain: Domain, signal: AbortSignal): Promise<string | null> {
  const object = `domain ${domain.name}`;
  const { subnet, publicAddress } = domain.definition;
  if (subnet === undefined && publicAddress !== true) {
    const next = 'name a private network as `subnet`, or say `publicAddress: true`';
    throw new Fault('invalid', `${object}: its machines would have no address`, { object, next });
  }
  if (subnet === undefined) return null;
  const found = await all(api.all('networks', /^\d+$/.test(subnet) ? {} : { name: subnet }, signal));
  const [network] = found.filter((one) => one['name'] === subnet || idIn(one) === subnet);
  if (network === undefined)
    throw new Fault('not-found', `${object}: the project has no network ${subnet}`, { object });
  return idIn(network);
}
