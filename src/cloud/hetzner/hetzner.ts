/**
 * The Hetzner Cloud. It has no client tokens, but a server's name is unique in its project: the name says the order, and a
 * second request of it is refused by the provider itself (I2). A domain's region is a location (`fsn1`), its subnet a private network.
 */
import { Fault, faultCodeOf } from '../../base/fault.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import type { CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { openHetznerApi } from './api.ts';
import type { HetznerApi } from './api.ts';
import { allowInHetzner } from './beside.ts';
import { checkHetzner } from './faults.ts';
import { createInHetzner, destroyInHetzner, listHetzner } from './machines.ts';
import { offersOfHetzner } from './offers.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: true,
  tags: true,
  firewall: 'security groups',
  zones: false,
  priceFeed: true,
  batchCreate: false,
  bootMs: 180_000,
};

/** What the verbs share. */
export interface HetznerSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'hetzner' }>;
  readonly api: HetznerApi;
}

/** Machines of a project of the Hetzner Cloud. */
export const openHetzner: OpenCloud = (context) => {
  const { name, definition } = context.provider;
  if (definition.kind !== 'hetzner') throw new Fault('invalid', `provider ${name} is not of kind hetzner`);
  const { endpoint, credentials, allowPrivate = false } = definition;
  const site: HetznerSite = {
    context,
    definition,
    api: openHetznerApi(context, { endpoint, credentials, allowPrivate }),
  };
  return {
    kind: 'hetzner',
    traits,
    check: (signal) => checkHetzner(site, signal),
    offers: (signal) => offersOfHetzner(site, signal),
    create: (orders, signal) => createInHetzner(site, orders, signal),
    allow: (owner, rules, signal) => allowInHetzner(site, owner, rules, signal),
    list: (owner, signal) => listHetzner(site, owner, signal),
    destroy: (owned, signal) => destroyInHetzner(site, owned, signal),
    faultOf: faultCodeOf,
  };
};
