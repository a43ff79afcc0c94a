/**
 * OpenNebula. A machine type is one of its VM templates, or a template with a size of one's own (`ubuntu:4x8G`); a zone
 * is one of its clusters, a subnet one of its virtual networks, an image replaces the template's first disk.
 *
 * It has no client tokens, and names may repeat: what a machine carries in its USER_TEMPLATE decides (I2). The oldest of
 * a token is the machine; ids only grow, so that everybody agrees which one that is. Younger twins are ended.
 */
import { Fault } from '../../base/fault.ts';
import { openHttp } from '../../base/http.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import { OpenNebulaCredentials } from '../../model/provider/opennebula.ts';
import { readCredentials } from '../cloud.ts';
import type { CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { OpenNebulaApi } from './api.ts';
import { checkOpenNebula, faultOfOpenNebula } from './faults.ts';
import { allowOpenNebula } from './firewall.ts';
import { createOpenNebula, destroyOpenNebula, listOpenNebula } from './machines.ts';
import { offersOfOpenNebula } from './offers.ts';
import { bootMs } from './vm.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: false,
  tags: true,
  firewall: 'security groups',
  zones: true,
  priceFeed: false,
  batchCreate: false,
  bootMs,
};

/** What the verbs share. */
export interface OpenNebulaSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'opennebula' }>;
  readonly api: OpenNebulaApi;
}

/** Machines of an OpenNebula. */
export const openOpenNebula: OpenCloud = (context) => {
  const site = siteOf(context);
  return {
    kind: 'opennebula',
    traits,
    check: (signal) => checkOpenNebula(site, signal),
    offers: (signal) => offersOfOpenNebula(site, signal),
    create: (orders, signal) => createOpenNebula(site, orders, signal),
    allow: (owner, rules, signal) => allowOpenNebula(site, owner, rules, signal),
    list: (owner, signal) => listOpenNebula(site, owner, signal),
    destroy: (owned, signal) => destroyOpenNebula(site, owned, signal),
    faultOf: faultOfOpenNebula,
  };
};

function siteOf(context: CloudContext): OpenNebulaSite {
  const { name, definition } = context.provider;
  if (definition.kind !== 'opennebula') throw new Fault('invalid', `provider ${name} is not of kind opennebula`);
  const { endpoint, allowPrivate = false } = definition;
  const http = openHttp({ clock: context.clock, allowPrivate });
  return {
    context,
    definition,
    api: new OpenNebulaApi(http, endpoint, () => sessionOf(context, definition.credentials)),
  };
}

async function sessionOf(context: CloudContext, reference: string): Promise<string> {
  const { user, password } = credentialsIn(await context.secret(reference), context.provider.name);
  return `${user}:${password}`;
}

function credentialsIn(text: string, provider: string): OpenNebulaCredentials {
  const object = `provider ${provider}`;
  const why = `the credentials of ${object} are not as they must be`;
  return readCredentials(OpenNebulaCredentials, text, {
    why,
    object,
    next: 'hand in a JSON object: {"user": "…", "password": "…"}',
  });
}
