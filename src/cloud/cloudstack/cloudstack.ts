/**
 * Apache CloudStack. A machine type is a service offering, or a customizable one with a size (`Custom:4x8G`); an image is a
 * template, a subnet a network (isolated or shared; basic zones have none).
 *
 * It has no client tokens. A machine's host name is made of its token, and CloudStack refuses a second one of that name in
 * a network: that guards identity (I2) even when two orders cross. Whose it is and how it is entered stands in its tags,
 * and, since tags can only be given to a machine that exists already, in its display name as well.
 */
import { Fault } from '../../base/fault.ts';
import { openHttp } from '../../base/http.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import { CloudStackCredentials } from '../../model/provider/cloudstack.ts';
import { readCredentials } from '../cloud.ts';
import type { CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { CloudStackApi } from './api.ts';
import { checkCloudStack, faultOfCloudStack } from './faults.ts';
import { allowCloudStack } from './firewall.ts';
import { createCloudStack, destroyCloudStack, listCloudStack } from './machines.ts';
import { offersOfCloudStack } from './offers.ts';

const traits: Omit<Traits, 'firewall'> = {
  machines: 'made',
  clientTokens: false,
  tags: true,
  zones: true,
  priceFeed: false,
  batchCreate: false,
  // the template is copied to the first host of a cluster that runs it
  bootMs: 600_000,
};

/** What the verbs share. */
export interface CloudStackSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'cloudstack' }>;
  readonly api: CloudStackApi;
  /** what every machine that ends would ask anew; null until it was asked */
  readonly known: { mayExpunge: boolean | null };
}

/** Machines of a CloudStack. */
export const openCloudStack: OpenCloud = (context) => {
  const site = siteOf(context);
  return {
    kind: 'cloudstack',
    traits: { ...traits, firewall: site.definition.firewall ?? 'security groups' },
    check: (signal) => checkCloudStack(site, signal),
    offers: (signal) => offersOfCloudStack(site, signal),
    create: (orders, signal) => createCloudStack(site, orders, signal),
    allow: (owner, rules, signal) => allowCloudStack(site, owner, rules, signal),
    list: (owner, signal) => listCloudStack(site, owner, signal),
    destroy: (owned, signal) => destroyCloudStack(site, owned, signal),
    faultOf: faultOfCloudStack,
  };
};

function siteOf(context: CloudContext): CloudStackSite {
  const { provider, clock } = context;
  const { name, definition } = provider;
  if (definition.kind !== 'cloudstack') throw new Fault('invalid', `provider ${name} is not of kind cloudstack`);
  const { endpoint: url, allowPrivate = false } = definition;
  const http = openHttp({ clock, allowPrivate });
  const credentials = async () => credentialsIn(await context.secret(definition.credentials), name);
  return {
    context,
    definition,
    api: new CloudStackApi({ http, url, clock, credentials }),
    known: { mayExpunge: null },
  };
}

function credentialsIn(text: string, provider: string): CloudStackCredentials {
  const object = `provider ${provider}`;
  const why = `the credentials of ${object} are not as they must be`;
  return readCredentials(CloudStackCredentials, text, {
    why,
    object,
    next: 'hand in a JSON object: {"apiKey": "…", "secretKey": "…"}',
  });
}
