/**
 * OpenStack: Keystone v3, Nova, Neutron, Glance. A machine is a server with the owner's key pair and security group; where
 * its domain asks for a public address or for one subnet of several, it has a port of ours besides, and a floating IP.
 * The adapter holds a token and nothing else.
 */
import { faultCodeOf } from '../../base/fault.ts';
import type { Cloud, OpenCloud, Traits } from '../cloud.ts';
import { checkOpenStack } from './faults.ts';
import { allowInOpenStack, createInOpenStack, destroyInOpenStack, listOpenStack } from './machines.ts';
import { offersOfOpenStack } from './offers.ts';
import { OpenStackSite } from './site.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: false,
  tags: true,
  firewall: 'security groups',
  zones: true,
  priceFeed: false,
  batchCreate: false,
  bootMs: 300_000,
};

/** The projects of OpenStack clouds. */
export const openOpenStack: OpenCloud = (context) => {
  const site = new OpenStackSite(context);
  return openSite(site);
};

function openSite(site: OpenStackSite): Cloud {
  return {
    kind: 'openstack',
    traits,
    check: (signal) => checkOpenStack(site, signal),
    offers: (signal) => offersOfOpenStack(site, signal),
    create: (orders, signal) => createInOpenStack(site, orders, signal),
    allow: (owner, rules, signal) => allowInOpenStack(site, { owner, rules }, signal),
    list: (owner, signal) => listOpenStack(site, owner, signal),
    destroy: (owned, signal) => destroyInOpenStack(site, owned, signal),
    // every error is a Fault already, by the table in nova/answers.ts
    faultOf: faultCodeOf,
  };
}
