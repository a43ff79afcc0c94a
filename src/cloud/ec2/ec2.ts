/**
 * Amazon EC2. Identity is the client token that every RunInstances carries; a machine is tagged by the same call that makes
 * it. Each region of the provider's domains is asked by itself. What an owner has beside machines: one security group in
 * each network and one imported key pair in each region, and volumes that outlive their machine.
 */
import { Fault, faultCodeOf } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import type { Cloud, CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { openEc2Api } from '../ec2-api/ec2-api.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import { allowInEc2, destroyBeside } from './beside.ts';
import { checkEc2 } from './faults.ts';
import { createInEc2, destroyMachine, listEc2 } from './machines.ts';
import { offersOfEc2 } from './offers.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: true,
  tags: true,
  firewall: 'security groups',
  zones: true,
  priceFeed: false,
  batchCreate: false,
  bootMs: 300_000,
};

/** Amazon EC2, or what speaks its API in full. */
export const openEc2: OpenCloud = (context) => {
  const site = new Ec2Site(context);
  return {
    kind: 'ec2',
    traits,
    check: (signal) => checkEc2(site, signal),
    offers: (signal) => offersOfEc2(site, signal),
    create: (orders, signal) => createInEc2(site, orders, signal),
    allow: (owner, rules, signal) => allowInEc2(site, owner, rules, signal),
    list: (owner, signal) => listEc2(site, owner, signal),
    destroy: (owned, signal) => destroyInEc2(site, owned, signal),
    faultOf: faultCodeOf,
  };
};

async function destroyInEc2(site: Ec2Site, owned: Parameters<Cloud['destroy']>[0], signal: AbortSignal): Promise<void> {
  const api = site.apiOf(owned.domain);
  await (owned.kind === 'machine' ? destroyMachine : destroyBeside)(api, owned, signal);
}

/** The regions of one provider. */
export class Ec2Site {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'ec2' }>;
  readonly #apis = new Map<string, Ec2Api>();

  constructor(context: CloudContext) {
    const { name, definition } = context.provider;
    if (definition.kind !== 'ec2') throw new Fault('invalid', `provider ${name} is not of kind ec2`);
    this.context = context;
    this.definition = definition;
  }

  /** The regions of all domains and the provider's own, each once: every region that has, or may have, something of ours. */
  get regions(): readonly string[] {
    return [...new Set([...this.context.domains.map((domain) => this.regionOf(domain)), this.definition.region])];
  }

  regionOf(domain: Domain | undefined): string {
    return domain?.definition.region ?? this.definition.region;
  }

  /** The domains of a region; the first of them stands for what stands beside machines there. */
  domainsIn(region: string): readonly Domain[] {
    return this.context.domains.filter((domain) => this.regionOf(domain) === region);
  }

  /** The region that the domain of that name is in; the provider's own where nobody knows it any more. */
  apiOf(domain: string): Ec2Api {
    return this.api(this.regionOf(this.context.domains.find(({ name }) => name === domain)));
  }

  api(region: string): Ec2Api {
    const { endpoint, allowPrivate = false, credentials } = this.definition;
    const known = this.#apis.get(region);
    if (known !== undefined) return known;
    const opened = openEc2Api({ context: this.context, region, endpoint, allowPrivate, credentials });
    this.#apis.set(region, opened);
    return opened;
  }
}
