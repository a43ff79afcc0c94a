/**
 * A small Rackspace: identity service 2.0 and Cloud Servers version 2, in memory, as their documentation describes them and
 * as clients know them: dates, `servers_links`, `overLimit`, errors wrapped by name, servers that build for a while and
 * go for a while, metadata of strings only, and on command a 500 although the server exists.
 * Sources: https://docs-ospc.rackspace.com/cloud-servers/v2 and https://docs-ospc.rackspace.com/cloud-identity/v2
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** How it differs from a large and empty one. */
export interface RackspaceOptions {
  /** servers on a page; 1000 when absent */
  readonly pageSize?: number;
  /** most servers that the account may have; 20 000 when absent */
  readonly quota?: number;
  /** MiB of memory that all servers may have together */
  readonly memory?: number;
  /** how many looks a server builds, and goes; 1 when absent */
  readonly looks?: number;
}

/** A server as it is kept. */
export interface KeptServer {
  readonly id: string;
  readonly name: string;
  readonly flavor: string;
  readonly image: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly keyName: string | null;
  readonly userData: string | null;
  readonly created: string;
  readonly address: number;
  building: number;
  /** looks until it is gone; null while nobody has deleted it */
  going: number | null;
}

/** The account that stands behind it. */
export interface RackspaceServer {
  /** of the identity service, with `/v2.0` */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly apiKey: string };
  readonly servers: ReadonlyMap<string, KeptServer>;
  readonly keys: ReadonlyMap<string, string>;
  /** The next create makes its server and answers 500 all the same. */
  failNextCreate(): void;
  /** Every token that was given out is refused from now on. */
  expireTokens(): void;
  /** What builds has been built, and what goes is gone. */
  settle(): void;
  stop(): Promise<void>;
}

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly token: string | undefined;
  readonly body: unknown;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
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
export async function openRackspaceServer(options: RackspaceOptions = {}): Promise<RackspaceServer> {
  const account = new Account(options);
  const server = createServer((message, response) => {
    handle(account, message, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  account.origin = origin;
  return {
    url: `${origin}/v2.0`,
    credentials: account.credentials,
    servers: account.servers,
    keys: account.keys,
    failNextCreate: () => void (account.failing = true),
    expireTokens: () => account.tokens.clear(),
    settle: () => account.settle(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(account: Account, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers } = message;
  const hasBody = Number(headers['content-length'] ?? 0) > 0;
  const token = headers['x-auth-token'];
  const {
    status,
    body,
    text,
    headers: own,
  } = account.answer({
    method,
    url: new URL(message.url ?? '/', account.origin),
    token: typeof token === 'string' ? token : undefined,
    body: hasBody ? await json(message) : undefined,
  });
  const content = text ?? (body === undefined ? '' : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(content),
    ...own,
  });
  response.end(content);
}

/** Errors are wrapped by their names. */
function refuse(status: number, name: string, message: string, more = {}): Answer {
  return { status, body: { [name]: { message, code: status, ...more } } };
}

const notFound = (what: string) => refuse(404, 'itemNotFound', `${what} could not be found.`);

/** What one account has. */
class Account {
  readonly credentials = { username: 'wombat', apiKey: 'aaaabbbbccccddddeeeeffff00001111' };
  readonly servers = new Map<string, KeptServer>();
  readonly keys = new Map<string, string>();
  readonly tokens = new Set<string>();
  readonly #options: RackspaceOptions;
  origin = '';
  failing = false;
  #made = 0;

  constructor(options: RackspaceOptions) {
    this.#options = options;
  }

  answer(request: Request): Answer {
    const { method, url, token, body } = request;
    if (url.pathname === '/v2.0/tokens' && method === 'POST') return this.#login(body);
    if (token === undefined || !this.tokens.has(token))
      return refuse(401, 'unauthorized', 'No valid token provided. Please make a new request with a valid token.');
    const [, , owner, ...rest] = url.pathname.split('/');
    if (owner !== tenant) return notFound('The resource');
    const [collection = '', id, sub] = rest;
    const path = `${method} ${collection}${id === undefined ? '' : id === 'detail' ? '/detail' : '/*'}`;
    switch (path) {
      case 'GET servers/detail':
      case 'GET servers':
        return this.#list(url);
      case 'POST servers':
        return this.#create(body);
      case 'GET servers/*':
        return this.#with(id, (server) => ({ status: 200, body: { server: this.#view(server, true) } }));
      case 'DELETE servers/*':
        return sub === undefined ? this.#with(id, (server) => this.#delete(server)) : notFound('The resource');
      case 'GET flavors/detail':
      case 'GET flavors':
        return { status: 200, body: { flavors: flavors.map((one) => this.#flavor(one)) } };
      case 'GET images/detail':
      case 'GET images':
        return { status: 200, body: { images: this.#images(url) } };
      case 'GET limits':
        return this.#limits();
      default:
        return collection === 'os-keypairs' ? this.#keyPairs(method, id, body) : notFound('The resource');
    }
  }

  settle(): void {
    for (const server of this.servers.values()) {
      server.building = 0;
      if (server.going !== null) this.servers.delete(server.id);
    }
  }

  #login(body: unknown): Answer {
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
      publicURL: `${this.origin}/${path}/${tenant}`,
    });
    const compute = {
      ...endpoint('v2'),
      versionId: '2',
      versionInfo: `${this.origin}/v2`,
      versionList: `${this.origin}/`,
    };
    const serviceCatalog = [
      { name: 'cloudServersOpenStack', type: 'compute', endpoints: [compute] },
      { name: 'cloudImages', type: 'image', endpoints: [endpoint('v2')] },
      { name: 'cloudFiles', type: 'object-store', endpoints: [endpoint('v1')] },
    ];
    const roles = [{ id: '3', name: 'identity:user-admin', description: 'User Admin Role.' }];
    const user = { id: '1', name: username, roles, 'RAX-AUTH:defaultRegion': 'ORD' };
    const token = { id, expires, tenant: { id: tenant, name: tenant }, 'RAX-AUTH:authenticatedBy': ['APIKEY'] };
    return { status: 200, body: { access: { token, serviceCatalog, user } } };
  }

  #with(id: string | undefined, act: (server: KeptServer) => Answer): Answer {
    const server = this.servers.get(id ?? '');
    return server === undefined ? notFound('Instance') : act(server);
  }

  #list(url: URL): Answer {
    const { pageSize = 1_000 } = this.#options;
    const limit = Math.min(Number(url.searchParams.get('limit') ?? pageSize), pageSize);
    const marker = url.searchParams.get('marker');
    const all = [...this.servers.values()];
    const at = marker === null ? 0 : all.findIndex(({ id }) => id === marker) + 1;
    if (marker !== null && at === 0) return refuse(400, 'badRequest', `marker [${marker}] not found`);
    const page = all.slice(at, at + limit);
    const last = page.at(-1);
    const hasMore = at + limit < all.length && last !== undefined;
    const href = `${this.origin}/v2/${tenant}/servers/detail?limit=${limit}&marker=${last?.id ?? ''}`;
    const servers = page.map((server) => this.#view(server, true));
    return { status: 200, body: { servers, ...(hasMore ? { servers_links: [{ href, rel: 'next' }] } : {}) } };
  }

  #create(body: unknown): Answer {
    const { server } = (body ?? {}) as { server?: Record<string, unknown> };
    const metadata = (server?.['metadata'] ?? {}) as Record<string, unknown>;
    if (typeof server?.['name'] !== 'string') return refuse(400, 'badRequest', 'Server name is not defined');
    const flavor = flavors.find(({ id }) => id === server['flavorRef']);
    if (flavor === undefined) return refuse(400, 'badRequest', 'Invalid flavorRef provided.');
    if (server['imageRef'] !== image.id) return refuse(400, 'badRequest', 'Invalid imageRef provided.');
    if (Object.values(metadata).some((value) => typeof value !== 'string' || value.length > 255))
      return refuse(400, 'badRequest', 'Invalid metadata: values must be strings of 255 characters at most');
    const keyName = (server['key_name'] as string | undefined) ?? null;
    if (keyName !== null && !this.keys.has(keyName)) return refuse(400, 'badRequest', 'Invalid key_name provided.');
    const userData = (server['user_data'] as string | undefined) ?? null;
    if (userData !== null && server['config_drive'] !== true)
      return refuse(400, 'badRequest', 'user_data needs a config_drive');
    const short = this.#shortage(flavor.ram);
    if (short !== null) return short;
    const made = this.#make(server, {
      flavor: flavor.id,
      metadata: metadata as Record<string, string>,
      keyName,
      userData,
    });
    if (this.failing) {
      this.failing = false;
      return refuse(
        500,
        'computeFault',
        'The server has either erred or is incapable of performing the requested operation.',
      );
    }
    const links = [{ rel: 'self', href: `${this.origin}/v2/${tenant}/servers/${made.id}` }];
    return {
      status: 202,
      body: { server: { id: made.id, adminPass: 'Fk3sWq9p2RzT', 'OS-DCF:diskConfig': 'AUTO', links } },
    };
  }

  #make(
    server: Record<string, unknown>,
    given: Pick<KeptServer, 'flavor' | 'metadata' | 'keyName' | 'userData'>,
  ): KeptServer {
    const address = (this.#made += 1);
    const { looks = 1 } = this.#options;
    const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const own = { id: randomUUID(), name: server['name'] as string, image: image.id, created, address };
    const made = { ...own, ...given, building: looks, going: null };
    this.servers.set(made.id, made);
    return made;
  }

  #shortage(ram: number): Answer | null {
    const { quota = 20_000, memory = Infinity } = this.#options;
    const what = this.servers.size >= quota ? 'instances' : this.#memoryUsed() + ram > memory ? 'ram' : null;
    if (what === null) return null;
    return refuse(413, 'overLimit', `Quota exceeded for ${what}: Requested 1, but already used all of it`);
  }

  #memoryUsed(): number {
    const of = (id: string) => flavors.find((one) => one.id === id)?.ram ?? 0;
    return [...this.servers.values()].reduce((sum, { flavor }) => sum + of(flavor), 0);
  }

  #delete(server: KeptServer): Answer {
    server.going ??= this.#options.looks ?? 1;
    return { status: 204 };
  }

  /** A look at a server also lets its time pass. */
  #view(server: KeptServer, isLook: boolean): unknown {
    const { id, name, flavor, metadata, keyName, created, address, building, going } = server;
    const ready = building <= 0;
    const ip = `${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`;
    if (isLook && building > 0) server.building -= 1;
    if (isLook && going !== null) {
      server.going = going - 1;
      if (going <= 1) this.servers.delete(id);
    }
    const of = (addr: string) => [{ version: 4, addr }];
    const addresses = { public: of(`104.${ip}`), private: of(`10.${ip}`) };
    const link = (what: string, which: string) => [
      { rel: 'bookmark', href: `${this.origin}/${tenant}/${what}/${which}` },
    ];
    return {
      ...{
        id,
        name,
        metadata,
        created,
        updated: created,
        tenant_id: tenant,
        user_id: '1',
        key_name: keyName,
        hostId: '',
      },
      ...{ progress: ready ? 100 : 20, config_drive: '', accessIPv4: ready ? `104.${ip}` : '', accessIPv6: '' },
      status: ready ? 'ACTIVE' : 'BUILD',
      'OS-EXT-STS:task_state': going === null ? (ready ? null : 'spawning') : 'deleting',
      'OS-EXT-STS:vm_state': ready ? 'active' : 'building',
      'OS-DCF:diskConfig': 'AUTO',
      addresses: ready ? addresses : {},
      flavor: { id: flavor, links: link('flavors', flavor) },
      image: { id: image.id, links: link('images', image.id) },
      links: link('servers', id),
    };
  }

  #flavor(one: (typeof flavors)[number]): unknown {
    const [flavorClass = ''] = one.id.split('-');
    const specs = { class: flavorClass, disk_io_index: '40', number_of_data_disks: '0' };
    const more = {
      swap: '',
      rxtx_factor: 200,
      'OS-FLV-EXT-DATA:ephemeral': 0,
      'OS-FLV-WITH-EXT-SPECS:extra_specs': specs,
    };
    return { ...one, ...more, links: [{ rel: 'self', href: `${this.origin}/v2/${tenant}/flavors/${one.id}` }] };
  }

  /** The image service and version 2 of the servers' own list share their path here; each reader finds its fields. */
  #images(url: URL): unknown[] {
    const { searchParams: query } = url;
    const fits = [query.get('name') ?? image.name, query.get('id') ?? image.id];
    if (fits[0] !== image.name || fits[1] !== image.id) return [];
    const older = {
      created: '2026-01-10T12:00:00Z',
      updated: '2026-01-10T12:00:00Z',
      progress: 100,
      minDisk: 20,
      minRam: 512,
    };
    const status = url.pathname.endsWith('/detail') ? 'ACTIVE' : 'active';
    return [{ ...image, ...older, status, os_type: 'linux', metadata: {}, links: [] }];
  }

  #limits(): Answer {
    const { quota = 20_000, memory } = this.#options;
    const absolute = {
      maxTotalInstances: quota,
      totalInstancesUsed: this.servers.size,
      maxTotalRAMSize: memory ?? -1,
      totalRAMUsed: this.#memoryUsed(),
      maxTotalCores: -1,
      totalCoresUsed: 0,
    };
    return { status: 200, body: { limits: { rate: [], absolute } } };
  }

  #keyPairs(method: string, name: string | undefined, body: unknown): Answer {
    const view = (one: string) => ({ keypair: { name: one, public_key: this.keys.get(one), fingerprint: '' } });
    const decoded = name === undefined ? undefined : decodeURIComponent(name);
    if (method === 'POST') {
      const { keypair } = body as { keypair: { name: string; public_key: string } };
      if (this.keys.has(keypair.name))
        return refuse(409, 'conflictingRequest', `Key pair '${keypair.name}' already exists.`);
      this.keys.set(keypair.name, keypair.public_key);
      return { status: 200, body: view(keypair.name) };
    }
    if (decoded === undefined) return { status: 200, body: { keypairs: [...this.keys.keys()].map(view) } };
    if (!this.keys.has(decoded)) return notFound('The keypair');
    if (method === 'GET') return { status: 200, body: view(decoded) };
    this.keys.delete(decoded);
    return { status: 202 };
  }
}
