/**
 * Rackspace's Cloud Servers: Nova version 2, an identity service of their own, no security groups (the firewall is the
 * host's matter). Every server stands on the public network and on ServiceNet, the region's private one.
 */
import { Fault, faultCodeOf } from '../../base/fault.ts';
import { openHttp } from '../../base/http.ts';
import type { Domain } from '../../model/domain.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import type { Cloud, CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { Session } from '../nova/session.ts';
import { checkRackspace } from './faults.ts';
import { rackspaceIdentity } from './identity.ts';
import { createAtRackspace, destroyAtRackspace, listRackspace } from './machines.ts';
import { offersOfRackspace } from './offers.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: false,
  tags: true,
  firewall: 'host',
  zones: false,
  priceFeed: false,
  batchCreate: false,
  bootMs: 600_000,
};

const identityEndpoint = 'https://identity.api.rackspacecloud.com/v2.0';

/** The accounts of Rackspace. */
export const openRackspace: OpenCloud = (context) => {
  const site = new RackspaceSite(context);
  return openSite(site);
};

function openSite(site: RackspaceSite): Cloud {
  return {
    kind: 'rackspace',
    traits,
    check: (signal) => checkRackspace(site, signal),
    offers: (signal) => offersOfRackspace(site, signal),
    create: (orders, signal) => createAtRackspace(site, orders, signal),
    allow: (_owner, _rules, signal) => Promise.try(() => signal.throwIfAborted()),
    list: (owner, signal) => listRackspace(site, owner, signal),
    destroy: (owned, signal) => destroyAtRackspace(site, owned, signal),
    // every error is a Fault already, by the table in nova/answers.ts
    faultOf: faultCodeOf,
  };
}

/** One provider with its domains. */
export class RackspaceSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'rackspace' }>;
  readonly session: Session;

  constructor(context: CloudContext) {
    const { name, definition } = context.provider;
    if (definition.kind !== 'rackspace') throw new Fault('invalid', `provider ${name} is not of kind rackspace`);
    this.context = context;
    this.definition = definition;
    const { endpoint = identityEndpoint, credentials, allowPrivate = false } = definition;
    const http = openHttp({ clock: context.clock, allowPrivate });
    const secret = () => context.secret(credentials);
    const identity = { http, endpoint, credentials: secret, object: `provider ${name}` };
    this.session = new Session(http, context.clock, rackspaceIdentity(identity));
  }

  /** The region of a domain: its own, else the provider's, else the user's. */
  async regionOf({ name, definition }: Domain, signal: AbortSignal): Promise<string> {
    const region = definition.region ?? (await this.#ownRegion(signal));
    if (region !== null) return region;
    const object = `domain ${name}`;
    throw new Fault('invalid', `${object}: neither it nor its provider names a region, and the user has none`, {
      object,
      next: 'give the provider `region: ORD`, say',
    });
  }

  /** Every region that has, or may have, something of ours. */
  async regions(signal: AbortSignal): Promise<string[]> {
    const own = await this.#ownRegion(signal);
    const domains = await Promise.all(this.context.domains.map((domain) => this.regionOf(domain, signal)));
    return [...new Set([...domains, ...(own === null ? [] : [own])])];
  }

  /** The domains of a region. */
  async domainsIn(region: string, signal: AbortSignal): Promise<Domain[]> {
    const regions = await Promise.all(this.context.domains.map((domain) => this.regionOf(domain, signal)));
    return this.context.domains.filter((_, index) => regions[index] === region);
  }

  async #ownRegion(signal: AbortSignal): Promise<string | null> {
    return this.definition.region ?? (await this.session.login(signal)).region;
  }
}
