/** One OpenStack provider: its session, its domains, its regions; and what is asked of its Nova. */
import { Fault } from '../../base/fault.ts';
import { openHttp } from '../../base/http.ts';
import type { Domain } from '../../model/domain.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import { besideName } from '../cloud.ts';
import type { CloudContext } from '../cloud.ts';
import { Session } from '../nova/session.ts';
import { keystone } from './identity.ts';

/**
 * What is asked of Nova beyond its first version: tags at creation (2.52), flavors with their extra specs (2.61). Every
 * OpenStack since Rocky (2018) has them. Source: https://docs.openstack.org/nova/latest/reference/api-microversion-history.html
 */
export const microversion = { 'OpenStack-API-Version': 'compute 2.61', 'X-OpenStack-Nova-API-Version': '2.61' };

/** One provider with its domains. */
export class OpenStackSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'openstack' }>;
  readonly session: Session;
  /** every region that has, or may have, something of ours */
  readonly regions: readonly string[];

  constructor(context: CloudContext) {
    const { name, definition } = context.provider;
    if (definition.kind !== 'openstack') throw new Fault('invalid', `provider ${name} is not of kind openstack`);
    this.context = context;
    this.definition = definition;
    const { endpoint, credentials, allowPrivate = false, interface: wanted = 'public' } = definition;
    const http = openHttp({ clock: context.clock, allowPrivate });
    const secret = () => context.secret(credentials);
    const identity = { http, endpoint, interface: wanted, credentials: secret, object: `provider ${name}` };
    this.session = new Session(http, context.clock, keystone(identity));
    this.regions = [...new Set([...context.domains.map((domain) => this.regionOf(domain)), definition.region])];
  }

  /** The name of an owner's group, ports and floating IPs, and the beginning of those of its key pairs. */
  nameFor(owner: string): string {
    return besideName(this.context, owner);
  }

  /** The region of a domain. */
  regionOf(domain: Domain): string {
    return domain.definition.region ?? this.definition.region;
  }

  /** The domains of a region. */
  domainsIn(region: string): Domain[] {
    return this.context.domains.filter((domain) => this.regionOf(domain) === region);
  }
}
