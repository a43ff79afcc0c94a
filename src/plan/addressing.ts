/**
 * Which address a node is known by. Loopback serves only while its whole component, and all that is linked with it, is on one machine; else it is a
 * routable address, one on a subnet of the component's other machines where there is one.
 */
import type { NodeAddress } from '../model/machine.ts';
import { isOnSubnetOf, networkAddresses } from '../model/reach.ts';
import type { Site } from './place/board.ts';

/** The addresses of one component's nodes. */
export class Addressing {
  readonly #byHost: ReadonlyMap<string, Site>;
  readonly #needed: ReadonlySet<string>;
  readonly #known = new Map<string, string>();

  /**
   * `sites` are those of all its nodes, the ones that stay and the ones that are added, and of nodes of other blueprints
   * that it links to. `linking` are those of nodes that link to it: new nodes are named so that these can dial them, but
   * none that is there is named anew for their sake.
   */
  constructor(sites: Iterable<Site>, linking: Iterable<Site> = []) {
    const own = [...sites];
    this.#byHost = new Map([...linking, ...own].map((site) => [site.hostKey, site]));
    this.#needed = new Set(own.map(({ hostKey }) => hostKey));
  }

  /** Whether nodes that are known by a loopback address must have another one. */
  get outgrows(): boolean {
    return this.#needed.size > 1;
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
