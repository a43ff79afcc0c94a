/**
 * A small Nova, as far as OpenStack's and Rackspace's are alike: servers that build for a while and go for a while, pages
 * with `servers_links`, metadata of strings, flavors, limits, key pairs, errors wrapped by name, and on command a 500
 * although the server exists. What differs is said by whoever is made of it.
 * Source: https://docs.openstack.org/api-ref/compute/
 */
import { randomUUID } from 'node:crypto';
import type { JsonAnswer } from './json-server.ts';

/** How it differs from a large and empty one. */
export interface NovaOptions {
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
  readonly tags: readonly string[];
  readonly keyName: string | null;
  readonly userData: string | null;
  readonly created: string;
  /** a number of its own */
  readonly nth: number;
  building: number;
  /** looks until it is gone; null while nobody has deleted it */
  going: number | null;
}

/** `ram` in MiB, `disk` in GiB. */
export interface ServedFlavor {
  readonly id: string;
  readonly name: string;
  readonly ram: number;
  readonly disk: number;
  readonly vcpus: number;
}

/** What is asked of it, below its own URL. */
export interface NovaRequest {
  readonly method: string;
  readonly url: URL;
  /** e.g. `servers`, `<id>` */
  readonly path: readonly string[];
  readonly body: unknown;
  /** 2.61 is 61; 1 where the client says nothing */
  readonly version: number;
}

/** The server that somebody orders. */
export type Ordered = Readonly<Record<string, unknown>>;

/** Errors are wrapped by their names. */
export function refuse(status: number, name: string, message: string, more = {}): JsonAnswer {
  return { status, body: { [name]: { message, code: status, ...more } } };
}

/** That there is no such thing. */
export function notFound(what: string): JsonAnswer {
  return refuse(404, 'itemNotFound', `${what} could not be found.`);
}

/** What one account has in one place. */
export abstract class SmallNova {
  readonly servers = new Map<string, KeptServer>();
  readonly keys = new Map<string, string>();
  /** the next create makes its server and answers 500 all the same */
  failing = false;
  /** its URL, with its version */
  origin = '';
  readonly options: NovaOptions;
  readonly #flavors: readonly ServedFlavor[];
  #made = 0;
  #memory = 0;

  constructor(options: NovaOptions, flavors: readonly ServedFlavor[]) {
    this.options = options;
    this.#flavors = flavors;
  }

  /** Why the order is refused here, besides what all refuse; null when it is not. */
  protected abstract objection(order: Ordered, version: number): JsonAnswer | null;
  /** What an order over the quota is answered: `what` is `instances` or `ram`. */
  protected abstract overQuota(what: string): JsonAnswer;
  /** What a ready server's view says about its addresses, and what else only this one has. */
  protected abstract seen(server: KeptServer, flavor: ServedFlavor, version: number): Record<string, unknown>;
  /** What a flavor's view has besides. */
  protected abstract flavorSeen(flavor: ServedFlavor, version: number): Record<string, unknown>;
  /** The answer to an accepted order has these besides. */
  protected accepted(_server: KeptServer, _order: Ordered): Record<string, unknown> {
    return {};
  }
  /** Called when a server is gone. */
  protected gone(_server: KeptServer): void {
    // nothing stands beside it here
  }
  /** Which servers are listed. */
  protected fits(_url: URL): (server: KeptServer) => boolean {
    return () => true;
  }

  /** Servers, flavors, limits, key pairs; null for what is none of them. */
  answerNova(request: NovaRequest): JsonAnswer | null {
    const { method, url, path, body, version } = request;
    const [collection = '', id, sub] = path;
    switch (`${method} ${collection}${id === undefined ? '' : id === 'detail' ? '/detail' : '/*'}`) {
      case 'GET servers/detail':
      case 'GET servers':
        return this.#list(url, version);
      case 'POST servers':
        return this.#create(body, version);
      case 'GET servers/*':
        return this.#with(id, (one) => ({ status: 200, body: { server: this.#view(one, version) } }));
      case 'DELETE servers/*':
        return sub === undefined ? this.#with(id, (one) => this.#delete(one)) : notFound('The resource');
      case 'GET flavors/detail':
      case 'GET flavors':
        return { status: 200, body: { flavors: this.#flavors.map((one) => this.#flavor(one, version)) } };
      case 'GET limits':
        return this.#limits();
      default:
        return collection === 'os-keypairs' ? this.#keyPairs(request) : null;
    }
  }

  /** What builds has been built, and what goes is gone. */
  settle(): void {
    for (const server of this.servers.values()) {
      server.building = 0;
      if (server.going !== null) this.#remove(server);
    }
  }

  #with(id: string | undefined, act: (server: KeptServer) => JsonAnswer): JsonAnswer {
    const server = this.servers.get(id ?? '');
    return server === undefined ? notFound(`Instance ${id ?? ''}`) : act(server);
  }

  #list(url: URL, version: number): JsonAnswer {
    const { pageSize = 1_000 } = this.options;
    const limit = Math.min(Number(url.searchParams.get('limit') ?? pageSize), pageSize);
    const marker = url.searchParams.get('marker');
    const all = [...this.servers.values()].filter(this.fits(url));
    const at = marker === null ? 0 : all.findIndex(({ id }) => id === marker) + 1;
    if (marker !== null && at === 0) return refuse(400, 'badRequest', `marker [${marker}] not found`);
    const page = all.slice(at, at + limit);
    const last = page.at(-1);
    const hasMore = at + limit < all.length && last !== undefined;
    const href = `${this.origin}/servers/detail?limit=${limit}&marker=${last?.id ?? ''}`;
    const servers = page.map((server) => this.#view(server, version));
    return { status: 200, body: { servers, ...(hasMore ? { servers_links: [{ href, rel: 'next' }] } : {}) } };
  }

  #create(body: unknown, version: number): JsonAnswer {
    const { server: order = {} } = (body ?? {}) as { server?: Ordered };
    const metadata = (order['metadata'] ?? {}) as Record<string, unknown>;
    const flavor = this.#flavors.find(({ id }) => id === order['flavorRef']);
    const keyName = (order['key_name'] as string | undefined) ?? null;
    const why =
      typeof order['name'] !== 'string'
        ? 'Server name is not defined'
        : flavor === undefined
          ? 'Invalid flavorRef provided.'
          : Object.values(metadata).some((value) => typeof value !== 'string' || value.length > 255)
            ? 'Invalid metadata: values must be strings of 255 characters at most'
            : keyName !== null && !this.keys.has(keyName)
              ? 'Invalid key_name provided.'
              : null;
    if (why !== null || flavor === undefined) return refuse(400, 'badRequest', why ?? '');
    const objection = this.objection(order, version) ?? this.#shortage(flavor.ram);
    if (objection !== null) return objection;
    const made = this.#make(order, flavor);
    const more = this.accepted(made, order);
    if (this.failing) {
      this.failing = false;
      const words = 'The server has either erred or is incapable of performing the requested operation.';
      return refuse(500, 'computeFault', words);
    }
    const links = [{ rel: 'self', href: `${this.origin}/servers/${made.id}` }];
    const said = { id: made.id, adminPass: 'Fk3sWq9p2RzT', 'OS-DCF:diskConfig': 'AUTO', links };
    return { status: 202, body: { server: { ...said, ...more } } };
  }

  #make(order: Ordered, { id: flavor, ram }: ServedFlavor): KeptServer {
    const { looks = 1 } = this.options;
    this.#memory += ram;
    const made: KeptServer = {
      ...{ id: randomUUID(), flavor, nth: (this.#made += 1) },
      name: order['name'] as string,
      image: order['imageRef'] as string,
      metadata: (order['metadata'] ?? {}) as Record<string, string>,
      tags: (order['tags'] ?? []) as string[],
      keyName: (order['key_name'] as string | undefined) ?? null,
      userData: (order['user_data'] as string | undefined) ?? null,
      created: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      ...{ building: looks, going: null },
    };
    this.servers.set(made.id, made);
    return made;
  }

  #remove(server: KeptServer): void {
    if (!this.servers.delete(server.id)) return;
    this.#memory -= this.#flavorOf(server).ram;
    this.gone(server);
  }

  #flavorOf({ flavor }: KeptServer): ServedFlavor {
    return this.#flavors.find(({ id }) => id === flavor) as ServedFlavor;
  }

  #shortage(ram: number): JsonAnswer | null {
    const { quota = 20_000, memory = Infinity } = this.options;
    if (this.servers.size >= quota) return this.overQuota('instances');
    return this.#memory + ram > memory ? this.overQuota('ram') : null;
  }

  #delete(server: KeptServer): JsonAnswer {
    server.going ??= this.options.looks ?? 1;
    return { status: 204 };
  }

  /** A look at a server also lets its time pass. */
  #view(server: KeptServer, version: number): unknown {
    const { id, name, metadata, keyName, created, building, going } = server;
    const ready = building <= 0;
    if (building > 0) server.building -= 1;
    const seen = this.seen(server, this.#flavorOf(server), version);
    if (going !== null) {
      server.going = going - 1;
      if (going <= 1) this.#remove(server);
    }
    return {
      ...{ id, name, metadata, created, updated: created, tenant_id: '010101', user_id: '1', key_name: keyName },
      ...{ hostId: '', progress: ready ? 100 : 20, config_drive: '', accessIPv4: '', accessIPv6: '' },
      status: ready ? 'ACTIVE' : 'BUILD',
      'OS-EXT-STS:task_state': going === null ? (ready ? null : 'spawning') : 'deleting',
      'OS-EXT-STS:vm_state': ready ? 'active' : 'building',
      'OS-DCF:diskConfig': 'AUTO',
      addresses: {},
      ...(ready ? seen : { ...seen, addresses: {}, accessIPv4: '' }),
    };
  }

  #flavor(one: ServedFlavor, version: number): unknown {
    const links = [{ rel: 'self', href: `${this.origin}/flavors/${one.id}` }];
    return { ...one, swap: '', 'OS-FLV-EXT-DATA:ephemeral': 0, links, ...this.flavorSeen(one, version) };
  }

  #limits(): JsonAnswer {
    const { quota = 20_000, memory = -1 } = this.options;
    const absolute = {
      ...{ maxTotalInstances: quota, totalInstancesUsed: this.servers.size },
      ...{ maxTotalRAMSize: memory, totalRAMUsed: this.#memory },
      ...{ maxTotalCores: -1, totalCoresUsed: 0 },
    };
    return { status: 200, body: { limits: { rate: [], absolute } } };
  }

  /** Codes of success changed with version 2.2. */
  #keyPairs({ method, path: [, name], body, version }: NovaRequest): JsonAnswer {
    const view = (one: string) => ({ keypair: { name: one, public_key: this.keys.get(one), fingerprint: '' } });
    const decoded = name === undefined ? undefined : decodeURIComponent(name);
    if (method === 'POST') {
      const { keypair } = body as { keypair: { name: string; public_key: string } };
      if (this.keys.has(keypair.name))
        return refuse(409, 'conflictingRequest', `Key pair '${keypair.name}' already exists.`);
      this.keys.set(keypair.name, keypair.public_key);
      return { status: version < 2 ? 200 : 201, body: view(keypair.name) };
    }
    if (decoded === undefined) return { status: 200, body: { keypairs: [...this.keys.keys()].map(view) } };
    if (!this.keys.has(decoded)) return notFound(`Keypair ${decoded}`);
    if (method === 'GET') return { status: 200, body: view(decoded) };
    this.keys.delete(decoded);
    return { status: version < 2 ? 202 : 204 };
  }
}
