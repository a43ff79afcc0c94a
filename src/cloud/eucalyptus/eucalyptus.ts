/**
 * Eucalyptus, which speaks EC2 with less: a parameter that it does not know fails the call, so that each call says the bare
 * minimum. A machine is tagged after it was made; until then its client token and its group say whose it is. Groups are
 * found by name (EDGE networking): there are no networks to choose from. Nothing is asked for by id in a Describe: the id
 * `verbose` would mean everyone's.
 */
import { Fault, faultCodeOf } from '../../base/fault.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import type { CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { openEc2Api } from '../ec2-api/ec2-api.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import { allowInEucalyptus } from './beside.ts';
import { checkEucalyptus } from './faults.ts';
import { createInEucalyptus, destroyInEucalyptus, listEucalyptus } from './machines.ts';
import { offersOfEucalyptus } from './offers.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: true,
  tags: true,
  firewall: 'security groups',
  zones: true,
  priceFeed: false,
  batchCreate: false,
  bootMs: 600_000,
};

/** What the verbs share. */
export interface EucalyptusSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'eucalyptus' }>;
  readonly api: Ec2Api;
}

/** Machines of a Eucalyptus cloud. */
export const openEucalyptus: OpenCloud = (context) => {
  const { name, definition } = context.provider;
  if (definition.kind !== 'eucalyptus') throw new Fault('invalid', `provider ${name} is not of kind eucalyptus`);
  const { endpoint, credentials, allowPrivate = false } = definition;
  const api = openEc2Api({ context, region: 'eucalyptus', endpoint, allowPrivate, credentials });
  const site: EucalyptusSite = { context, definition, api };
  return {
    kind: 'eucalyptus',
    traits,
    check: (signal) => checkEucalyptus(site, signal),
    offers: (signal) => offersOfEucalyptus(site, signal),
    create: (orders, signal) => createInEucalyptus(site, orders, signal),
    allow: (owner, rules, signal) => allowInEucalyptus(site, owner, rules, signal),
    list: (owner, signal) => listEucalyptus(site, owner, signal),
    destroy: (owned, signal) => destroyInEucalyptus(site, owned, signal),
    faultOf: faultCodeOf,
  };
};
