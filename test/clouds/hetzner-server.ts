/**
 * A scripted Hetzner Cloud, after its published API documentation (https://docs.hetzner.cloud/reference/cloud): bearer tokens, pages
 * of at most 50, labels and their selectors, names that are unique in the project, errors with codes, RateLimit headers.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serve } from '../kit/sockets.ts';

/** Anything that a project has, as JSON. */
export interface Thing {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** A server of the scripted cloud: what it was ordered with, and what it is now. */
export interface HetznerServerThing extends Thing {
  readonly ordered: Readonly<Record<string, unknown>>;
  readonly status: 'initializing' | 'running' | 'deleting';
}

/** Tokens of the project: one that may write, one that may not. */
export const tokens = { write: 'token-that-may-write', read: 'token-that-may-read' } as const;

const locations = [
  {
    id: 1,
    name: 'fsn1',
    description: 'Falkenstein DC Park 1',
    country: 'DE',
    city: 'Falkenstein',
    latitude: 50.47612,
    longitude: 12.370071,
    network_zone: 'eu-central',
    labels: {},
  },
  {
    id: 3,
    name: 'hel1',
    description: 'Helsinki DC Park 1',
    country: 'FI',
    city: 'Helsinki',
    latitude: 60.169855,
    longitude: 24.938379,
    network_zone: 'eu-central',
    labels: {},
  },
];

function typeOf(id: number, name: string, more: Readonly<Record<string, unknown>>): Thing {
  const prices = locations.map(({ name: location }) => ({
    location,
    price_hourly: { net: '0.0060000000', gross: '0.0071400000' },
    price_monthly: { net: '3.7900000000', gross: '4.5101000000' },
  }));
  const plain = { cores: 2, memory: 4.0, disk: 40, architecture: 'x86', cpu_type: 'shared', deprecation: null, prices };
  return { id, name, labels: {}, description: name.toUpperCase(), storage_type: 'local', ...plain, ...more };
}

const serverTypes: readonly Thing[] = [
  typeOf(22, 'cpx11', { memory: 2.0 }),
  typeOf(45, 'cax11', { architecture: 'arm' }),
  typeOf(97, 'ccx13', { cpu_type: 'dedicated', memory: 8.0, disk: 80 }),
  typeOf(104, 'cx22', {}),
  typeOf(1, 'cx11', {
    deprecation: { announced: '2023-10-11T06:00:00+00:00', unavailable_after: '2024-09-06T10:00:00+00:00' },
  }),
];
const images: readonly Thing[] = ['x86', 'arm'].map((architecture, index) => ({
  id: 300 + index,
  name: 'debian-13',
  labels: {},
  architecture,
  os_flavor: 'debian',
  os_version: '13',
  status: 'available',
  type: 'system',
}));
const networks: readonly Thing[] = [{ id: 7, name: 'back', labels: {}, ip_range: '10.7.0.0/16' }];

/** An error as the API answers it. */
class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, words: string) {
    super(words);
    this.status = status;
    this.code = code;
  }
}

/** The cloud, listening. */
export interface HetznerServer {
  readonly url: string;
  readonly servers: ReadonlyMap<number, HetznerServerThing>;
  readonly firewalls: ReadonlyMap<number, Thing>;
  readonly keys: ReadonlyMap<number, Thing>;
  /** While it is there, orders of servers are refused so. */
  refusal: { readonly status: number; readonly code: string; readonly words: string } | null;
  /** Servers that start have started, and those that go are gone. */
  settle(): void;
  /** Makes a server that is nobody's. */
  foreign(): number;
  close(): Promise<void>;
}

/** How a project may differ. */
export interface HetznerOptions {
  /** the public address of a server by its id */
  addressOf?(id: number): string;
}

/** Starts an empty project on a free port of the loopback. */
export async function startHetzner({ addressOf = documented }: HetznerOptions = {}): Promise<HetznerServer> {
  const project = new Project(addressOf);
  const server = createServer((message, response) => {
    answer(project, message)
      .catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        const { status, code, message: words } = error;
        return { status, body: { error: { code, message: words, details: {} } } };
      })
      .then(
        ({ status, body }) => {
          const reset = String(Math.floor(Date.now() / 1000) + 3);
          const limits = { 'ratelimit-limit': '3600', 'ratelimit-remaining': '3597', 'ratelimit-reset': reset };
          response.writeHead(status, { 'content-type': 'application/json', ...limits });
          response.end(body === null ? '' : JSON.stringify(body));
        },
        () => response.destroy(),
      );
  });
  const { origin, close } = await serve(server);
  return Object.assign(project, {
    url: `${origin}/v1`,
    close,
  });
}

/** An address of the block that is kept for benchmarks (RFC 2544): nobody answers there. */
function documented(id: number): string {
  return `198.${18 + (id >> 16)}.${(id >> 8) & 255}.${id & 255}`;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Body = Readonly<Record<string, unknown>>;

async function answer(project: Project, message: IncomingMessage): Promise<Answer> {
  const text = (await buffer(message)).toString();
  const { method = 'GET' } = message;
  const url = new URL(message.url ?? '/', 'http://server');
  const token = /^Bearer (.+)$/.exec(message.headers.authorization ?? '')?.[1];
  if (token !== tokens.write && token !== tokens.read) throw new Refused(401, 'unauthorized', 'unable to authenticate');
  if (!url.pathname.startsWith('/v1/')) throw new Refused(404, 'not_found', 'not found');
  if (method !== 'GET' && token === tokens.read)
    throw new Refused(403, 'token_readonly', 'only allowed with a token that has write permission');
  const path = url.pathname.slice('/v1/'.length).split('/');
  if (method === 'GET') return { status: 200, body: project.read(path, url.searchParams) };
  if (method === 'DELETE') return project.remove(path);
  return { status: 201, body: project.make(path, parse(text)) };
}

function parse(text: string): Body {
  try {
    return JSON.parse(text === '' ? '{}' : text) as Body;
  } catch {
    throw new Refused(400, 'json_error', 'the body is no JSON');
  }
}

function invalid(field: string): Refused {
  return new Refused(422, 'invalid_input', `invalid input in field '${field}'`);
}

/** What stands in the project, and what can be done to it. */
class Project {
  readonly servers = new Map<number, HetznerServerThing>();
  readonly firewalls = new Map<number, Thing>();
  readonly keys = new Map<number, Thing>();
  readonly #names = new Map<string, number>();
  readonly #addressOf: (id: number) => string;
  #made = 1000;
  refusal: { readonly status: number; readonly code: string; readonly words: string } | null = null;

  constructor(addressOf: (id: number) => string) {
    this.#addressOf = addressOf;
  }

  settle(): void {
    for (const [id, server] of this.servers) {
      if (server.status === 'deleting') {
        this.servers.delete(id);
        this.#names.delete(`servers ${server.name}`);
      } else if (server.status === 'initializing') this.servers.set(id, { ...server, status: 'running' });
    }
  }

  foreign(): number {
    const body = { name: `foreign-${this.#made}`, server_type: 'cx22', image: 'debian-13' };
    return (this.#server(body) as { server: Thing }).server.id;
  }

  read([collection = '', id]: readonly string[], query: URLSearchParams): unknown {
    const things = this.#collection(collection);
    if (id === undefined) return page(collection, filtered(things, query), query);
    const found = collection === 'images' ? images.find((one) => String(one.id) === id) : this.#get(collection, id);
    if (found === undefined) throw new Refused(404, 'not_found', `${collection} with ID '${id}' not found`);
    return { [collection.slice(0, -1)]: shown(found) };
  }

  #get(collection: string, id: string): Thing | undefined {
    const known = { servers: this.servers, firewalls: this.firewalls, ssh_keys: this.keys } as const;
    return known[collection as keyof typeof known].get(Number(id));
  }

  #collection(name: string): Iterable<Thing> {
    switch (name) {
      case 'locations':
        return locations;
      case 'server_types':
        return serverTypes;
      case 'images':
        return images;
      case 'networks':
        return networks;
      case 'servers':
        return this.servers.values();
      case 'firewalls':
        return this.firewalls.values();
      case 'ssh_keys':
        return this.keys.values();
      default:
        throw new Refused(404, 'not_found', 'not found');
    }
  }

  make([collection = '', id, , action]: readonly string[], body: Body): unknown {
    if (collection === 'firewalls' && action === 'set_rules') return this.#setRules(Number(id), body);
    if (id !== undefined) throw new Refused(404, 'not_found', 'not found');
    if (collection === 'servers') return this.#server(body);
    if (collection === 'firewalls') return this.#firewall(body);
    if (collection === 'ssh_keys') return this.#key(body);
    throw new Refused(405, 'method_not_allowed', 'method not allowed');
  }

  /** Takes the name for a new thing of the collection; its id. */
  #take(collection: string, name: unknown): number {
    if (typeof name !== 'string' || name === '') throw invalid('name');
    if (this.#names.has(`${collection} ${name}`))
      throw new Refused(409, 'uniqueness_error', `${collection} name is already used`);
    this.#made += 1;
    this.#names.set(`${collection} ${name}`, this.#made);
    return this.#made;
  }

  #server(body: Body): unknown {
    const { name, server_type: type, image, location = 'fsn1', networks: on = [], public_net: net } = body;
    if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)) throw invalid('name');
    const { user_data: userData = '' } = body;
    if (typeof userData !== 'string' || userData.length > 32 * 1024) throw invalid('user_data');
    if (!serverTypes.some((one) => one.name === type)) throw invalid('server_type');
    if (!images.some((one) => one.name === image || String(one.id) === image)) throw invalid('image');
    if (!locations.some((one) => one.name === location)) throw invalid('location');
    for (const { firewall } of (body['firewalls'] ?? []) as { firewall: number }[])
      if (!this.firewalls.has(firewall)) throw new Refused(404, 'not_found', 'firewall not found');
    for (const key of (body['ssh_keys'] ?? []) as number[])
      if (!this.keys.has(key)) throw new Refused(404, 'not_found', 'SSH key not found');
    const isPublic = (net as { enable_ipv4?: boolean } | undefined)?.enable_ipv4 ?? true;
    const isPrivate = (on as number[]).length > 0;
    if (!isPublic && !isPrivate) throw invalid('public_net');
    const labels = labelsIn(body);
    if (this.#names.has(`servers ${name}`)) throw new Refused(409, 'uniqueness_error', 'server name is already used');
    if (this.refusal !== null) throw new Refused(this.refusal.status, this.refusal.code, this.refusal.words);
    const id = this.#take('servers', name);
    const tail = `${(id >> 8) & 255}.${id & 255}`;
    const server: HetznerServerThing = {
      id,
      name,
      labels,
      status: 'initializing',
      ordered: body,
      public_net: {
        ipv4: isPublic ? { id, ip: this.#addressOf(id), blocked: false, dns_ptr: 'static.example' } : null,
        ipv6: null,
        floating_ips: [],
        firewalls: ((body['firewalls'] ?? []) as { firewall: number }[]).map((one) => ({
          id: one.firewall,
          status: 'applied',
        })),
      },
      private_net: isPrivate
        ? [{ network: 7, ip: `10.7.${tail}`, alias_ips: [], mac_address: '86:00:ff:2a:7d:e1' }]
        : [],
    };
    this.servers.set(id, server);
    const action = { id, command: 'create_server', status: 'running', progress: 0, error: null };
    const password = body['ssh_keys'] === undefined ? 'a-root-password' : null;
    return { server: shown(server), action, next_actions: [], root_password: password };
  }

  #firewall(body: Body): unknown {
    const rules = rulesIn(body);
    const labels = labelsIn(body);
    const id = this.#take('firewalls', body['name']);
    const firewall: Thing = { id, name: String(body['name']), labels, rules, applied_to: [] };
    this.firewalls.set(id, firewall);
    return { firewall, actions: [] };
  }

  #setRules(id: number, body: Body): unknown {
    const firewall = this.firewalls.get(id);
    if (firewall === undefined) throw new Refused(404, 'not_found', 'firewall not found');
    this.firewalls.set(id, { ...firewall, rules: rulesIn(body) });
    return { actions: [] };
  }

  #key(body: Body): unknown {
    const text = body['public_key'];
    if (typeof text !== 'string' || !text.startsWith('ssh-')) throw invalid('public_key');
    const digest = createHash('md5')
      .update(Buffer.from(text.split(' ')[1] ?? '', 'base64'))
      .digest('hex');
    const fingerprint = digest.match(/../g)?.join(':') ?? '';
    if ([...this.keys.values()].some((one) => one['fingerprint'] === fingerprint))
      throw new Refused(409, 'uniqueness_error', 'SSH key with the same fingerprint already exists');
    const id = this.#take('ssh_keys', body['name']);
    const key: Thing = { id, name: String(body['name']), labels: labelsIn(body), fingerprint, public_key: text };
    this.keys.set(id, key);
    return { ssh_key: key };
  }

  remove([collection = '', id = '']: readonly string[]): Answer {
    const found = this.#get(collection, id);
    if (found === undefined) throw new Refused(404, 'not_found', `${collection} with ID '${id}' not found`);
    if (collection === 'servers') {
      this.servers.set(found.id, { ...(found as HetznerServerThing), status: 'deleting' });
      return { status: 200, body: { action: { id: found.id, command: 'delete_server', status: 'running' } } };
    }
    const users = [...this.servers.values()].filter(({ ordered }) =>
      ((ordered['firewalls'] ?? []) as { firewall: number }[]).some(({ firewall }) => firewall === found.id),
    );
    if (collection === 'firewalls' && users.length > 0)
      throw new Refused(409, 'resource_in_use', 'firewall is still in use');
    this.#names.delete(`${collection} ${found.name}`);
    (collection === 'firewalls' ? this.firewalls : this.keys).delete(found.id);
    return { status: 204, body: null };
  }
}

function shown(thing: Thing): unknown {
  const { ordered: _ordered, ...rest } = thing;
  return rest;
}

const labelValue = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;

function labelsIn({ labels = {} }: Body): Record<string, string> {
  const known = labels as Record<string, string>;
  if (!Object.values(known).every((value) => typeof value === 'string' && labelValue.test(value)))
    throw invalid('labels');
  return known;
}

function rulesIn({ rules = [] }: Body): unknown {
  for (const rule of rules as Body[]) {
    const sources = rule['source_ips'];
    const isRight = Array.isArray(sources) && sources.length > 0 && sources.length <= 100;
    if (rule['direction'] !== 'in' || rule['protocol'] !== 'tcp' || !isRight) throw invalid('rules');
    if (!/^\d+(-\d+)?$/.test(String(rule['port']))) throw invalid('rules');
  }
  return rules;
}

function filtered(things: Iterable<Thing>, query: URLSearchParams): Thing[] {
  const [label, value] = query.get('label_selector')?.split('==') ?? [];
  const fields = ['name', 'fingerprint', 'status', 'architecture'].filter((field) => query.has(field));
  return [...things].filter(
    (thing) =>
      fields.every((field) => thing[field] === query.get(field)) &&
      (label === undefined || thing.labels[label] === value),
  );
}

function page(collection: string, things: readonly Thing[], query: URLSearchParams): unknown {
  const size = Math.min(50, Number(query.get('per_page') ?? 25));
  const at = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(things.length / size));
  const pagination = {
    page: at,
    per_page: size,
    previous_page: at > 1 ? at - 1 : null,
    next_page: at < last ? at + 1 : null,
    last_page: last,
    total_entries: things.length,
  };
  return { [collection]: things.slice((at - 1) * size, at * size).map(shown), meta: { pagination } };
}
