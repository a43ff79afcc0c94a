/**
 * A small OpenStack: Keystone v3 with a catalogue of two regions, and in each of them Nova, Neutron and Glance, as the API
 * reference has them and as the lab's real one answers: tags and networks of an order only from the versions on that know
 * them, a quota that is 403, images in pages of their own.
 * Sources: https://docs.openstack.org/api-ref/identity/v3/, …/compute/, …/image/v2/
 */
import { randomUUID } from 'node:crypto';
import { openJsonServer } from './json-server.ts';
import type { JsonAnswer, JsonRequest } from './json-server.ts';
import { SmallNeutron } from './neutron-server.ts';
import type { NeutronOptions } from './neutron-server.ts';
import { refuse, SmallNova } from './nova-server.ts';
import type { KeptServer, NovaOptions, Ordered, ServedFlavor } from './nova-server.ts';

/** How it differs from a large and empty one. */
export type OpenStackOptions = NovaOptions & NeutronOptions;

/** What a region has. */
export interface Region {
  readonly nova: SmallNova;
  readonly neutron: SmallNeutron;
}

/** The cloud, listening. */
export interface OpenStackServer {
  /** Keystone's, with its version */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string; readonly project: string };
  readonly applicationCredential: {
    readonly applicationCredentialId: string;
    readonly applicationCredentialSecret: string;
  };
  readonly one: Region;
  readonly two: Region;
  /** what the user has in the project */
  readonly roles: string[];
  /** Every token that was given out is refused from now on. */
  expireTokens(): void;
  /** What builds has been built, and what goes is gone. */
  settle(): void;
  /** Everything that exists, in both regions. */
  standing(): string[];
  stop(): Promise<void>;
}

/** The regions' names in the catalogue. */
export const regions = ['RegionOne', 'RegionTwo'] as const;
/** An image, by name. */
export const image = 'debian-12';

const project = { id: 'a1a1a1a1a1a141a1a1a1a1a1a1a1a1a1', name: 'ants' };
const flavors = [
  { id: '1', name: 'm1.tiny', ram: 512, disk: 1, vcpus: 1 },
  { id: '2', name: 'm1.small', ram: 2_048, disk: 20, vcpus: 1 },
  { id: '3', name: 'm1.medium', ram: 4_096, disk: 40, vcpus: 2 },
];
const images = [
  imageOf('0f0f0f0f-0000-4000-8000-000000000001', image, '2026-01-10T12:00:00Z', 'active'),
  imageOf('0f0f0f0f-0000-4000-8000-000000000002', 'debian-11', '2024-01-10T12:00:00Z', 'active'),
  imageOf('0f0f0f0f-0000-4000-8000-000000000003', 'debian-10', '2022-01-10T12:00:00Z', 'deactivated'),
];

function imageOf(id: string, name: string, created_at: string, status: string) {
  const dates = { created_at, updated_at: created_at };
  const plain = { min_disk: 1, min_ram: 256, size: 2 ** 28, visibility: 'public', container_format: 'bare' };
  return { id, name, status, ...dates, ...plain, disk_format: 'qcow2', os_type: 'linux', architecture: 'x86_64' };
}

/** Opens it on a free port of the loopback. */
export async function openOpenStackServer(options: OpenStackOptions = {}): Promise<OpenStackServer> {
  const cloud = new SmallOpenStack(options);
  const { origin, stop } = await openJsonServer((request) => cloud.answer(request));
  cloud.place(origin);
  const [one, two] = cloud.regions;
  return {
    url: `${origin}/identity/v3`,
    credentials: cloud.credentials,
    applicationCredential: cloud.applicationCredential,
    ...{ one: one as Region, two: two as Region, roles: cloud.roles, stop },
    expireTokens: () => cloud.tokens.clear(),
    settle: () => cloud.regions.forEach(({ nova }) => nova.settle()),
    standing: () =>
      cloud.regions.flatMap(({ nova, neutron }) => [
        ...nova.servers.keys(),
        ...nova.keys.keys(),
        ...neutron.standing(),
      ]),
  };
}

/** Nova, where the network is a service of its own. */
class Nova extends SmallNova {
  readonly #neutron: SmallNeutron;

  constructor(options: NovaOptions, neutron: SmallNeutron) {
    super(options, flavors);
    this.#neutron = neutron;
  }

  protected override objection(order: Ordered, version: number): JsonAnswer | null {
    const { imageRef, networks, tags, security_groups: groups = [] } = order;
    const bad = (words: string) => refuse(400, 'badRequest', words);
    if (tags !== undefined && version < 52)
      return bad(
        "Invalid input for field/attribute server. Additional properties are not allowed ('tags' was unexpected)",
      );
    const isTag = (tag: string) => tag.length <= 60 && !/[,/]/.test(tag);
    if (!((tags ?? []) as string[]).every(isTag)) return bad('Invalid input for field/attribute tags.');
    if (!images.some(({ id, status }) => id === imageRef && status === 'active'))
      return bad(`Image ${String(imageRef)} is not active or could not be found.`);
    if (networks === undefined && version >= 37) return bad("'networks' is a required property");
    const wanted = Array.isArray(networks) ? (networks as { uuid?: string; port?: string }[]) : [];
    for (const { uuid, port } of wanted) {
      const isThere = port === undefined ? this.#neutron.has('networks', uuid) : this.#neutron.has('ports', port);
      if (!isThere)
        return bad(`${port === undefined ? 'Network' : 'Port id'} ${port ?? uuid ?? ''} could not be found.`);
      const device = this.#neutron.things.ports.get(port ?? '')?.['device_id'];
      if (typeof device === 'string' && device !== '')
        return refuse(409, 'conflictingRequest', `Port ${port ?? ''} is still in use.`);
    }
    const missing = (groups as { name: string }[]).find(({ name }) => this.#neutron.groupOf(name) === undefined);
    return missing === undefined ? null : bad(`Security group ${missing.name} not found for project ${project.id}.`);
  }

  protected override overQuota(what: string): JsonAnswer {
    return refuse(403, 'forbidden', `Quota exceeded for ${what}: Requested 1, but already used all of it`);
  }

  protected override accepted({ id }: KeptServer, order: Ordered): Record<string, unknown> {
    const { networks, security_groups: groups = [{ name: 'default' }] } = order;
    const [inner] = this.#neutron.things.networks.keys();
    const wanted = Array.isArray(networks) ? (networks as { uuid?: string; port?: string }[]) : [{ uuid: inner ?? '' }];
    const ids = (groups as { name: string }[]).flatMap(({ name }) => this.#neutron.groupOf(name) ?? []);
    for (const one of wanted) this.#neutron.plug(id, one, ids);
    return { security_groups: groups };
  }

  protected override gone({ id }: KeptServer): void {
    this.#neutron.unplug(id);
  }

  protected override fits({ searchParams: query }: URL): (server: KeptServer) => boolean {
    const [all, any] = [query.get('tags'), query.get('tags-any')].map((said) => said?.split(','));
    const some = any === undefined ? undefined : new Set(any);
    return ({ tags }) =>
      (all === undefined || all.every((tag) => tags.includes(tag))) &&
      (some === undefined || tags.some((tag) => some.has(tag)));
  }

  /** Which flavor it has is told by name from 2.47 on, by id before. */
  protected override seen(server: KeptServer, flavor: ServedFlavor, version: number): Record<string, unknown> {
    const { id, tags, image: of } = server;
    const { name: original_name, ram, disk, vcpus } = flavor;
    const links = [{ rel: 'self', href: `${this.origin}/servers/${id}` }];
    return {
      addresses: this.#neutron.addressesOf(id),
      flavor: version < 47 ? { id: flavor.id, links } : { original_name, ram, disk, vcpus, ephemeral: 0, swap: 0 },
      ...{ image: { id: of, links }, links, 'OS-EXT-AZ:availability_zone': 'az1' },
      ...(version < 26 ? {} : { tags }),
    };
  }

  protected override flavorSeen(_flavor: ServedFlavor, version: number): Record<string, unknown> {
    return version < 61 ? {} : { extra_specs: {} };
  }
}

/** Keystone, and what its catalogue leads to. */
class SmallOpenStack {
  readonly credentials = { username: 'wombat', password: 'the-password', project: project.name };
  readonly applicationCredential = {
    applicationCredentialId: 'b2b2b2b2b2b242b2b2b2b2b2b2b2b2b2',
    applicationCredentialSecret: 'the-application-secret',
  };
  readonly tokens = new Set<string>();
  readonly roles = ['member', 'reader'];
  readonly regions: readonly (Region & { readonly nova: Nova })[];
  #origin = '';

  constructor(options: OpenStackOptions) {
    this.regions = regions.map(() => {
      const neutron = new SmallNeutron(options);
      return { neutron, nova: new Nova(options, neutron) };
    });
  }

  /** Everybody is told where it is. */
  place(origin: string): void {
    this.#origin = origin;
    this.regions.forEach(({ nova, neutron }, index) => {
      nova.origin = `${origin}/${regions[index] ?? ''}/compute/v2.1`;
      neutron.origin = `${origin}/${regions[index] ?? ''}/network/v2.0`;
    });
  }

  answer(request: JsonRequest): JsonAnswer {
    const { method, url, headers } = request;
    const [, place = '', ...rest] = url.pathname.split('/');
    if (place === 'identity') return this.#keystone(method, rest, request.body);
    const token = headers['x-auth-token'];
    if (typeof token !== 'string' || !this.tokens.has(token)) return unauthorized;
    const region = this.regions[regions.findIndex((name) => name === place)];
    const [service = '', version = '', ...path] = rest;
    return region === undefined ? nowhere : (this.#ask(region, `${service}/${version}`, request, path) ?? nowhere);
  }

  #ask(
    { nova, neutron }: Region,
    service: string,
    { method, url, body, headers }: JsonRequest,
    path: readonly string[],
  ): JsonAnswer | null {
    const request = { method, url, body, path };
    switch (service) {
      case 'compute/v2.1': {
        if (path[0] === 'os-availability-zone') return { status: 200, body: { availabilityZoneInfo: zones } };
        return nova.answerNova({ ...request, version: versionIn(headers) });
      }
      case 'network/v2.0':
        return neutron.answer(request);
      case 'image/v2':
        return path[0] === 'images' && method === 'GET' ? imagesAt(url) : null;
      default:
        return null;
    }
  }

  #keystone(method: string, [version, ...path]: readonly string[], body: unknown): JsonAnswer {
    const links = [{ rel: 'self', href: `${this.#origin}/identity/v3/` }];
    if (version !== 'v3') return nowhere;
    if (path.join('/') === '') return { status: 200, body: { version: { id: 'v3.14', status: 'stable', links } } };
    if (method !== 'POST' || path.join('/') !== 'auth/tokens') return nowhere;
    const { auth } = (body ?? {}) as { auth?: { identity?: Identity; scope?: { project?: { name?: string } } } };
    if (!this.#knows(auth?.identity, auth?.scope?.project?.name)) return unauthorized;
    const id = `gAAAAA${randomUUID().replaceAll('-', '')}`;
    this.tokens.add(id);
    const domain = { id: 'default', name: 'Default' };
    const dates = { issued_at: new Date().toISOString(), expires_at: new Date(Date.now() + 3_600_000).toISOString() };
    const token = {
      ...{ methods: auth?.identity?.methods, ...dates, audit_ids: [randomUUID()], is_domain: false },
      user: { id: 'c3c3', name: this.credentials.username, domain, password_expires_at: null },
      project: { ...project, domain },
      roles: this.roles.map((name) => ({ id: `d-${name}`, name })),
      catalog: this.#catalogue(),
    };
    return { status: 201, body: { token }, headers: { 'x-subject-token': id } };
  }

  #knows(identity: Identity | undefined, scope: string | undefined): boolean {
    const { username, password, project: own } = this.credentials;
    const { applicationCredentialId, applicationCredentialSecret } = this.applicationCredential;
    if (identity?.methods[0] === 'application_credential') {
      const { id, secret } = identity.application_credential ?? {};
      return id === applicationCredentialId && secret === applicationCredentialSecret && scope === undefined;
    }
    const { name, password: said } = identity?.password?.user ?? {};
    return name === username && said === password && scope === own;
  }

  /** With the interfaces that nobody asked for, and services that we do not use. */
  #catalogue(): unknown[] {
    const services = [
      ['compute', 'nova', 'compute/v2.1'],
      ['network', 'neutron', 'network'],
      ['image', 'glance', 'image'],
      ['volumev3', 'cinderv3', `volume/v3/${project.id}`],
    ] as const;
    return services.map(([type, name, path]) => ({
      ...{ id: randomUUID(), type, name },
      endpoints: regions.flatMap((region) => [
        {
          ...{ id: randomUUID(), interface: 'public', region, region_id: region },
          url: `${this.#origin}/${region}/${path}`,
        },
        { ...{ id: randomUUID(), interface: 'internal', region, region_id: region }, url: `http://10.255.0.1/${path}` },
      ]),
    }));
  }
}

interface Identity {
  readonly methods: readonly string[];
  readonly password?: { readonly user?: { readonly name?: string; readonly password?: string } };
  readonly application_credential?: { readonly id?: string; readonly secret?: string };
}

const zones = ['az1', 'az2'].map((zoneName) => ({
  zoneName,
  zoneState: { available: zoneName === 'az1' },
  hosts: null,
}));
const nowhere: JsonAnswer = refuse(404, 'error', 'The resource could not be found.');
const unauthorized: JsonAnswer = {
  status: 401,
  body: { error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' } },
};

/** `compute 2.61` is 61; either header does. */
function versionIn(headers: JsonRequest['headers']): number {
  const said = headers['openstack-api-version'] ?? headers['x-openstack-nova-api-version'];
  return Number(/2\.(\d+)$/.exec(String(said))?.[1] ?? 1);
}

/** Two on a page, and where the next one is. */
function imagesAt({ searchParams: query }: URL): JsonAnswer {
  const names = ['id', 'name', 'status'] as const;
  const found = images.filter((one) => names.every((name) => (query.get(name) ?? one[name]) === one[name]));
  const marker = query.get('marker');
  const at = marker === null ? 0 : found.findIndex(({ id }) => id === marker) + 1;
  const page = found.slice(at, at + 2);
  const next = at + 2 < found.length ? { next: `/v2/images?marker=${page.at(-1)?.id ?? ''}` } : {};
  return { status: 200, body: { images: page, first: '/v2/images', schema: '/v2/schemas/images', ...next } };
}
