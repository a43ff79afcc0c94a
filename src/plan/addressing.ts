/**
 * Which address a node is known by. Loopback serves only while its whole component is on one machine; else it is a
 * routable address, one on a subnet of the component's other machines where there is one.
 */
import type { NodeAddress } from '../model/machine.ts';
import { isOnSubnetOf, networkAddresses } from '../model/reach.ts';
import type { Site } from './place/board.ts';

/** The addresses of one component's nodes. */
export class Addressing {
  readonly #byHost: ReadonlyMap<string, Site>;
  readonly #known = new Map<string, string>();

  /** `sites` are those of all its nodes, the ones that stay and the ones that are added. */
  constructor(sites: Iterable<Site>) {
    this.#byHost = new Map([...sites].map((site) => [site.hostKey, site]));
  }

  /** Whether its nodes are on several machines, which makes loopback useless. */
  get spans(): boolean {
    return this.#byHost.size > 1;
  }

  /**
   * The address of nodes on the site. A machine of which no address is known yet lends its token: such a node is given
   * its real name by a later plan, before it starts.
   */
  of(site: Site): string {
    const known = this.#known.get(site.token);
    if (known !== undefined) return known;
    const address = this.#choose(site)?.address ?? site.token;
    this.#known.set(site.token, address);
    return address;
  }

  #choose(site: Site): NodeAddress | undefined {
    const { addresses } = site.place;
    const loopback = addresses.find(({ scope }) => scope === 'loopback');
    const routable = networkAddresses(addresses);
    if (!this.spans && loopback !== undefined) return loopback;
    if (routable.length < 2) return routable[0] ?? loopback;
    const others = [...this.#byHost.values()].filter(({ hostKey }) => hostKey !== site.hostKey);
    const theirs = others.flatMap(({ place }) => networkAddresses(place.addresses));
    return routable.find((own) => theirs.some((other) => isOnSubnetOf(own, other))) ?? routable[0];
  }
}
