/**
 * A small Rackspace: identity service 2.0 and Cloud Servers version 2, in memory, as their documentation describes them and
 * as clients know them: what is like OpenStack's is in nova-server.ts; of its own it has dates, `overLimit`, two addresses
 * for each server, and user-data that needs a config drive.
 * Sources: https://docs-ospc.rackspace.com/cloud-servers/v2 and https://docs-ospc.rackspace.com/cloud-identity/v2
 */
import { randomUUID } from 'node:crypto';
import { openJsonServer } from './json-server.ts';
import type { JsonAnswer, JsonRequest } from './json-server.ts';
import { notFound, refuse, SmallNova } from './nova-server.ts';
import type { KeptServer, NovaOptions, Ordered, ServedFlavor } from './nova-server.ts';

/** The account that stands behind it. */
export interface RackspaceServer {
  /** of the identity service, with `/v2.0` */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly apiKey: string };
  readonly servers: ReadonlyMap<string, KeptServer>;
  readonly keys: ReadonlyMap<string, string>;
  /** what the user may do, by the names of its roles */
  readonly roles: string[];
  /** The next create makes its server and answers 500 all the same. */
  failNextCreate(): void;
  /** Every token that was given out is refused from now on. */
  expireTokens(): void;
  /** What builds has been built, and what goes is gone. */
  settle(): void;
  stop(): Promise<void>;
}

const tenant = '010101';
const flavors = [
  { id: 'general1-1', name: '1 GB General Purpose v1', ram: 1024, disk: 20, vcpus: 1 },
  { id: 'general1-2', name: '2 GB General Purpose v1', ram: 2048, disk: 40, vcpus: 2 },
  { id: 'general1-4', name: '4 GB General Purpose v1', ram: 4096, disk: 80, vcpus: 4 },
  { id: 'compute1-4', name: '3.75 GB Compute v1', ram: 3840, disk: 0, vcpus: 2 },
];
const image = { id: '9a2a0cb6-30a5-4a2b-9a04-6a5f2c4a9d5a', name: 'Debian 12 (Bookworm) (Cloud)' };

/** Opens it on a free port of the loopback. */
export async function openRackspaceServer(options: NovaOptions = {}): Promise<RackspaceServer> {
  const account = new Account(options, flavors);
  const { origin, stop } = await openJsonServer((request) => account.answer(request));
  account.place = origin;
  account.origin = `${origin}/v2/${tenant}`;
  return {
    url: `${origin}/v2.0`,
    credentials: account.credentials,
    servers: account.servers,
    keys: account.keys,
    roles: account.roles,
    failNextCreate: () => void (account.failing = true),
    expireTokens: () => account.tokens.clear(),
    settle: () => account.settle(),
    stop,
  };
}

/** What one account has. */
class Account extends SmallNova {
  readonly credentials = { username: 'wombat', apiKey: 'aaaabbbbccccddddeeeeffff00001111' };
  readonly tokens = new Set<string>();
  readonly roles = ['identity:user-admin'];
  place = '';

  answer({ method, url, headers, body }: JsonRequest): JsonAnswer {
    if (url.pathname === '/v2.0/tokens' && method === 'POST') return this.#login(body);
    const token = headers['x-auth-token'];
    if (typeof token !== 'string' || !this.tokens.has(token))
      return refuse(401, 'unauthorized', 'No valid token provided. Please make a new request with a valid token.');
    const [, , owner, ...path] = url.pathname.split('/');
    if (owner !== tenant) return notFound('The resource');
    if (method === 'GET' && path[0] === 'images') return { status: 200, body: { images: imagesAt(url) } };
    return this.answerNova({ method, url, path, body, version: 1 }) ?? notFound('The resource');
  }

  protected override objection(order: Ordered): JsonAnswer | null {
    if (order['imageRef'] !== image.id) return refuse(400, 'badRequest', 'Invalid imageRef provided.');
    if (order['user_data'] === undefined || order['config_drive'] === true) return null;
    return refuse(400, 'badRequest', 'user_data needs a config_drive');
  }

  protected override overQuota(what: string): JsonAnswer {
    return refuse(413, 'overLimit', `Quota exceeded for ${what}: Requested 1, but already used all of it`);
  }

  protected override seen({ id, nth, flavor }: KeptServer): Record<string, unknown> {
    const ip = `${(nth >> 16) & 255}.${(nth >> 8) & 255}.${nth & 255}`;
    const of = (addr: string) => [{ version: 4, addr }];
    const link = (what: string, which: string) => [
      { rel: 'bookmark', href: `${this.place}/${tenant}/${what}/${which}` },
    ];
    return {
      ...{ accessIPv4: `104.${ip}`, addresses: { public: of(`104.${ip}`), private: of(`10.${ip}`) } },
      flavor: { id: flavor, links: link('flavors', flavor) },
      image: { id: image.id, links: link('images', image.id) },
      links: [{ rel: 'self', href: `${this.origin}/servers/${id}` }, ...link('servers', id)],
    };
  }

  protected override flavorSeen({ id }: ServedFlavor): Record<string, unknown> {
    const [flavorClass = ''] = id.split('-');
    const specs = { class: flavorClass, disk_io_index: '40', number_of_data_disks: '0' };
    return { rxtx_factor: 200, 'OS-FLV-WITH-EXT-SPECS:extra_specs': specs };
  }

  #login(body: unknown): JsonAnswer {
    const { auth } = (body ?? {}) as { auth?: Record<string, Record<string, string>> };
    const { username, apiKey } = auth?.['RAX-KSKEY:apiKeyCredentials'] ?? {};
    if (username !== this.credentials.username || apiKey !== this.credentials.apiKey)
      return refuse(401, 'unauthorized', 'Username or api key is invalid.');
    const id = randomUUID().replaceAll('-', '');
    this.tokens.add(id);
    const expires = new Date(Date.now() + 86_400_000).toISOString();
    const endpoint = (path: string) => ({
      region: 'ORD',
      tenantId: tenant,
      publicURL: `${this.place}/${path}/${tenant}`,
    });
    const versions = { versionId: '2', versionInfo: `${this.place}/v2`, versionList: `${this.place}/` };
    const compute = { ...endpoint('v2'), ...versions };
    const serviceCatalog = [
      { name: 'cloudServersOpenStack', type: 'compute', endpoints: [compute] },
      { name: 'cloudImages', type: 'image', endpoints: [endpoint('v2')] },
      { name: 'cloudFiles', type: 'object-store', endpoints: [endpoint('v1')] },
    ];
    const roles = this.roles.map((name) => ({ id: `3-${name}`, name, description: `${name} role` }));
    const user = { id: '1', name: username, roles, 'RAX-AUTH:defaultRegion': 'ORD' };
    const token = { id, expires, tenant: { id: tenant, name: tenant }, 'RAX-AUTH:authenticatedBy': ['APIKEY'] };
    return { status: 200, body: { access: { token, serviceCatalog, user } } };
  }
}

/** The image service and version 2 of the servers' own list share their path here; each reader finds its fields. */
function imagesAt({ searchParams: query, pathname }: URL): unknown[] {
  const fits = [query.get('name') ?? image.name, query.get('id') ?? image.id];
  if (fits[0] !== image.name || fits[1] !== image.id) return [];
  const dates = { created: '2026-01-10T12:00:00Z', updated: '2026-01-10T12:00:00Z' };
  const older = { ...dates, progress: 100, minDisk: 20, minRam: 512 };
  const status = pathname.endsWith('/detail') ? 'ACTIVE' : 'active';
  return [{ ...image, ...older, status, os_type: 'linux', metadata: {}, links: [] }];
}
