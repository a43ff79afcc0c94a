/**
 * A small Neutron: networks and subnets that are there, and security groups with their rules, ports and floating IPs that
 * come and go, in pages with `<collection>_links`. Names may repeat; what is in use does not go; a rule is there once; a new
 * group lets everything out; a port that was there before its server outlives it; a floating IP loses a port that goes.
 * Source: https://docs.openstack.org/api-ref/network/v2/
 */
import { randomUUID } from 'node:crypto';
import type { JsonAnswer } from './json-server.ts';

/** Anything that is kept. */
export interface Thing extends Readonly<Record<string, unknown>> {
  readonly id: string;
}

/** What is asked, below `/v2.0`. */
export interface NeutronRequest {
  readonly method: string;
  readonly url: URL;
  readonly path: readonly string[];
  readonly body: unknown;
}

/** How it differs from one without limits. */
export interface NeutronOptions {
  /** things on a page; 1000 when absent */
  readonly pageSize?: number;
  /** security groups that the project may have; 1000 when absent */
  readonly groups?: number;
  /** how many addresses of each subnet are somebody's already; 0 when absent */
  readonly taken?: number;
}

type Collection = 'networks' | 'subnets' | 'ports' | 'security-groups' | 'security-group-rules' | 'floatingips';

const project = 'a1a1a1a1a1a141a1a1a1a1a1a1a1a1a1';
const dated = { created_at: '2026-01-10T12:00:00Z', updated_at: '2026-01-10T12:00:00Z' };
const owned = { project_id: project, tenant_id: project };
const [inner, outer, first, second, beyond] = Array.from({ length: 5 }, (_, index) => uuid(index + 1));

function uuid(nth: number): string {
  return `${String(nth).repeat(8)}-0000-4000-8000-000000000000`;
}

/** Errors have a type, words and a detail. */
export function refuseNeutron(status: number, type: string, message: string): JsonAnswer {
  return { status, body: { NeutronError: { type, message, detail: '' } } };
}

/** The network service of one region. */
export class SmallNeutron {
  readonly things: Readonly<Record<Collection, Map<string, Thing>>>;
  /** its URL, with its version */
  origin = '';
  readonly #options: NeutronOptions;
  /** ports by the server that has them */
  readonly #byDevice = new Map<string, Thing[]>();
  #addresses = 0;

  constructor(options: NeutronOptions) {
    this.#options = options;
    this.#addresses = options.taken ?? 0;
    const byId = (...all: Thing[]) => new Map(all.map((one) => [one.id, one]));
    const network = (id = '', name = '', subnets: readonly unknown[] = [], external = false) => ({
      ...{ id, name, subnets, status: 'ACTIVE', shared: false, admin_state_up: true, ...owned },
      'router:external': external,
    });
    const subnet = (id = '', name = '', network_id: unknown = '', cidr = '') => ({
      ...{ id, name, network_id, cidr, ip_version: 4, enable_dhcp: true, gateway_ip: null, dns_nameservers: [] },
      ...{ allocation_pools: [], ...owned },
    });
    this.things = {
      networks: byId(network(inner, 'guests', [first, second]), network(outer, 'outside', [beyond], true)),
      subnets: byId(
        subnet(first, 'guests-a', inner, '10.77.0.0/16'),
        subnet(second, 'guests-b', inner, '10.78.0.0/16'),
        subnet(beyond, 'outside', outer, '203.0.113.0/24'),
      ),
      ports: byId(),
      'security-groups': byId({ ...this.#newGroup('default', 'Default security group') }),
      'security-group-rules': byId(),
      floatingips: byId(),
    };
  }

  /** Every port, group and floating IP but the default group, which every project has. */
  standing(): string[] {
    const { ports, 'security-groups': groups, floatingips } = this.things;
    const own = [...groups.values()].filter(({ name }) => name !== 'default');
    return [...ports.keys(), ...own.map(({ id }) => id), ...floatingips.keys()];
  }

  /** Answers; null for a collection that is not known. */
  answer({ method, url, path, body }: NeutronRequest): JsonAnswer | null {
    const [collection = '', id, ...rest] = path;
    if (!(collection in this.things) || rest.length > 0) return null;
    const of = collection as Collection;
    if (method === 'POST' && id === undefined) return this.#make(of, body);
    if (method === 'GET' && id === undefined) return this.#list(of, url);
    const thing = this.#shown(of).find((one) => one.id === id);
    const name = singular(of);
    if (thing === undefined)
      return refuseNeutron(404, `${titled(name)}NotFound`, `${titled(name)} ${id ?? ''} could not be found.`);
    if (method === 'GET') return { status: 200, body: { [name]: thing } };
    return method === 'DELETE' ? this.#delete(of, thing) : null;
  }

  /** Nova has the server be on the network: by a port that is there, or one of its own, which goes with it. */
  plug(device: string, wanted: { readonly uuid?: string; readonly port?: string }, groups: readonly string[]): void {
    const before = wanted.port === undefined ? undefined : this.things.ports.get(wanted.port);
    const port =
      before ?? this.#newPort({ network_id: wanted.uuid, security_groups: groups, device_owner: 'compute:nova' });
    const used = { ...port, device_id: device, status: 'ACTIVE' };
    this.things.ports.set(port.id, used);
    this.#byDevice.set(device, [...(this.#byDevice.get(device) ?? []), used]);
  }

  /** The server is gone: what Nova made for it goes, what was there before stays behind, free. */
  unplug(device: string): void {
    for (const port of this.#byDevice.get(device) ?? []) {
      if (port['device_owner'] === 'compute:nova') this.#deletePort(port);
      else this.things.ports.set(port.id, { ...port, device_id: '', status: 'DOWN' });
    }
    this.#byDevice.delete(device);
  }

  /** A server's addresses, as Nova shows them. */
  addressesOf(device: string): Record<string, unknown[]> {
    const ports = this.#byDevice.get(device) ?? [];
    const floating = [...this.things.floatingips.values()].filter((one) =>
      ports.some(({ id }) => id === one['port_id']),
    );
    const type = (addr: unknown, kind: string) => ({ version: 4, addr, 'OS-EXT-IPS:type': kind });
    const fixed = ports.map((port) => type((port['fixed_ips'] as { ip_address: string }[])[0]?.ip_address, 'fixed'));
    return { guests: [...fixed, ...floating.map((one) => type(one['floating_ip_address'], 'floating'))] };
  }

  /** Whether the project has such a network, port or group. */
  has(of: Collection, id: unknown): boolean {
    return typeof id === 'string' && this.things[of].has(id);
  }

  /** The group by id or name, as Nova finds it. */
  groupOf(wanted: unknown): string | undefined {
    const all = [...this.things['security-groups'].values()];
    return all.find(({ id, name }) => id === wanted || name === wanted)?.id;
  }

  /** Groups as they are shown, with their rules. */
  #shown(of: Collection): Thing[] {
    const all = [...this.things[of].values()];
    if (of !== 'security-groups') return all;
    const rules = [...this.things['security-group-rules'].values()];
    return all.map((group) => ({
      ...group,
      security_group_rules: rules.filter((rule) => rule['security_group_id'] === group.id),
    }));
  }

  #list(of: Collection, url: URL): JsonAnswer {
    const { limit, marker, ...filters } = Object.fromEntries(url.searchParams);
    const { pageSize = 1_000 } = this.#options;
    const fits = (one: Thing) => Object.entries(filters).every(([name, value]) => (one[name] ?? '') === value);
    const all = this.#shown(of).filter(fits);
    const at = marker === undefined ? 0 : all.findIndex(({ id }) => id === marker) + 1;
    const name = of.replaceAll('-', '_');
    if (marker !== undefined && at === 0)
      return refuseNeutron(404, 'BadRequest', `The resource of marker ${marker} could not be found.`);
    const size = Math.min(Number(limit ?? pageSize), pageSize);
    const page = all.slice(at, at + size);
    const next = { rel: 'next', href: `${this.origin}/${of}?limit=${size}&marker=${page.at(-1)?.id ?? ''}` };
    return { status: 200, body: { [name]: page, ...(at + size < all.length ? { [`${name}_links`]: [next] } : {}) } };
  }

  #make(of: Collection, body: unknown): JsonAnswer {
    const said = body as Record<string, Record<string, unknown>>;
    const name = singular(of);
    switch (of) {
      case 'security-groups': {
        const { groups = 1_000 } = this.#options;
        if (this.things[of].size >= groups)
          return refuseNeutron(409, 'OverQuota', "Quota exceeded for resources: ['security_group'].");
        const made = this.#newGroup(said[name]?.['name'], said[name]?.['description']);
        this.things[of].set(made.id, made);
        for (const ethertype of ['IPv4', 'IPv6'])
          this.#addRule({ security_group_id: made.id, direction: 'egress', ethertype });
        return { status: 201, body: { [name]: this.#shown(of).find(({ id }) => id === made.id) } };
      }
      case 'security-group-rules':
        return this.#makeRules(said);
      case 'ports': {
        if (!this.has('networks', said[name]?.['network_id']))
          return refuseNeutron(404, 'NetworkNotFound', 'Network could not be found.');
        return { status: 201, body: { [name]: this.#newPort(said[name] ?? {}) } };
      }
      case 'floatingips': {
        const { floating_network_id: network, port_id = null, description = '' } = said[name] ?? {};
        if (network !== outer) return refuseNeutron(400, 'BadRequest', 'Bad floatingip request: no external network.');
        const made = {
          ...{ id: randomUUID(), port_id, description, floating_network_id: network, status: 'ACTIVE', ...owned },
          floating_ip_address: `203.0.113.${(this.things[of].size % 250) + 2}`,
        };
        this.things[of].set(made.id, made);
        return { status: 201, body: { [name]: made } };
      }
      default:
        return refuseNeutron(403, 'PolicyNotAuthorized', `rule:create_${name} is disallowed by policy`);
    }
  }

  /** All of them or none. */
  #makeRules(said: Readonly<Record<string, unknown>>): JsonAnswer {
    const { security_group_rule: one, security_group_rules: many } = said;
    const wanted = (many ?? [one]) as Record<string, unknown>[];
    const there = [...this.things['security-group-rules'].values()];
    const twin = there.find((rule) => wanted.some((other) => sameRule(rule, other)));
    if (twin !== undefined)
      return refuseNeutron(
        409,
        'SecurityGroupRuleExists',
        `Security group rule already exists. Rule id is ${twin.id}.`,
      );
    if (!wanted.every((rule) => this.has('security-groups', rule['security_group_id'])))
      return refuseNeutron(404, 'SecurityGroupNotFound', 'Security group does not exist.');
    const made = wanted.map((rule) => this.#addRule(rule));
    const body = many === undefined ? { security_group_rule: made[0] } : { security_group_rules: made };
    return { status: 201, body };
  }

  #addRule(said: Readonly<Record<string, unknown>>): Thing {
    const open = { protocol: null, port_range_min: null, port_range_max: null };
    const remote = { remote_ip_prefix: null, remote_group_id: null };
    const rule = { ...open, ...remote, ...said, id: randomUUID(), ...owned };
    this.things['security-group-rules'].set(rule.id, rule);
    return rule;
  }

  #newGroup(name: unknown, description: unknown): Thing {
    return { id: randomUUID(), name, description, created_at: new Date().toISOString(), ...owned };
  }

  #newPort(said: Readonly<Record<string, unknown>>): Thing {
    const [asked] = (said['fixed_ips'] ?? []) as { subnet_id?: string }[];
    const subnet_id = asked?.subnet_id ?? first;
    const nth = (this.#addresses += 1);
    const ip_address = `${subnet_id === second ? '10.78' : '10.77'}.${(nth >> 8) & 255}.${nth & 255}`;
    const plain = { name: '', description: '', device_id: '', device_owner: '', status: 'DOWN', ...owned };
    const wired = { admin_state_up: true, mac_address: 'fa:16:3e:00:00:01', allowed_address_pairs: [], ...dated };
    const bound = { 'binding:vnic_type': 'normal', 'binding:host_id': '', security_groups: [], extra_dhcp_opts: [] };
    const made = { ...plain, ...wired, ...bound, ...said, id: randomUUID(), fixed_ips: [{ subnet_id, ip_address }] };
    this.things.ports.set(made.id, made);
    return made;
  }

  #delete(of: Collection, thing: Thing): JsonAnswer {
    const { ports, 'security-group-rules': rules } = this.things;
    if (of === 'security-groups') {
      const uses = (port: Thing) => (port['security_groups'] as string[] | undefined)?.includes(thing.id) === true;
      if ([...ports.values()].some(uses))
        return refuseNeutron(409, 'SecurityGroupInUse', `Security Group ${thing.id} in use.`);
      for (const rule of rules.values()) if (rule['security_group_id'] === thing.id) rules.delete(rule.id);
    }
    if (of === 'ports') this.#deletePort(thing);
    this.things[of].delete(thing.id);
    return { status: 204 };
  }

  #deletePort({ id }: Thing): void {
    const { ports, floatingips } = this.things;
    ports.delete(id);
    for (const one of floatingips.values())
      if (one['port_id'] === id) floatingips.set(one.id, { ...one, port_id: null, status: 'DOWN' });
  }
}

function singular(of: Collection): string {
  return of.replaceAll('-', '_').replace(/s$/, '');
}

function titled(name: string): string {
  return name.replace(/(^|_)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());
}

const identity = [
  ...['security_group_id', 'direction', 'ethertype', 'protocol', 'port_range_min', 'port_range_max'],
  ...['remote_ip_prefix', 'remote_group_id'],
];

function sameRule(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  return identity.every((name) => (one[name] ?? null) === (other[name] ?? null));
}
