/**
 * The world of the benchmark, in a process of its own so that its CPU is told apart: five simulated providers, their
 * machines as hosts with SSH servers, and the Erlang nodes that are started there. Spoken to by messages of its parent.
 */
import { startHetzner } from '../../test/clouds/hetzner-server.ts';
import type { HetznerServer } from '../../test/clouds/hetzner-server.ts';
import { makeSshKeyPair } from '../../src/base/ssh/key-pair.ts';
import { ErlangWorld } from './emulator.ts';
import { SimulatedHost } from './host.ts';
import { serveSsh } from './ssh-server.ts';
import type { SshServer } from './ssh-server.ts';

/** What the parent is told once all of it listens. */
export interface Opened {
  readonly providers: readonly string[];
  /** fingerprint of the key that all hosts show */
  readonly hostKey: string;
}

/** What there is at the moment. */
export interface Counted {
  readonly nodes: number;
  readonly hosts: number;
  /** emulators that were started since the beginning */
  readonly starts: number;
  /** CPU time of this process so far, seconds */
  readonly cpuSeconds: number;
  /** what a host was asked and did not understand: the run is worth nothing then */
  readonly failures: readonly string[];
}

const providerCount = 5;
const settleMs = 50;

const world = new ErlangWorld();
const key = makeSshKeyPair('hosts');
const failures: string[] = [];

/** One provider and the hosts of its machines. */
class Site {
  readonly cloud: HetznerServer;
  readonly #hosts = new Map<number, Promise<SshServer>>();

  constructor(cloud: HetznerServer) {
    this.cloud = cloud;
  }

  get count(): number {
    return this.#hosts.size;
  }

  /** Machines that were ordered boot, those that were given back go. */
  settle(): void {
    this.cloud.settle();
    for (const { id, public_net: net } of this.cloud.servers.values()) {
      if (this.#hosts.has(id)) continue;
      const { ip } = (net as { ipv4: { ip: string } }).ipv4;
      const host = new SimulatedHost(ip, (start) => world.boot(start));
      const keys = () => [...this.cloud.keys.values()].map((one) => String(one['public_key']));
      const failed = (words: string) => void failures.push(words);
      const server = serveSsh(host, { hostKey: key.privateKey, keys, failed });
      server.catch((error: unknown) => failed(`${ip} cannot be listened on: ${String(error)}`));
      this.#hosts.set(id, server);
    }
    for (const [id, server] of this.#hosts) {
      if (this.cloud.servers.has(id)) continue;
      this.#hosts.delete(id);
      void server.then((one) => one.close());
    }
  }
}

const sites = await Promise.all(
  Array.from({ length: providerCount }, async (_, at) => {
    const addressOf = (id: number) => `127.${20 + at}.${(id >> 8) & 255}.${id & 255}`;
    return new Site(await startHetzner({ addressOf }));
  }),
);
setInterval(() => sites.forEach((site) => site.settle()), settleMs);

function counted(): Counted {
  const { user, system } = process.cpuUsage();
  return {
    nodes: world.nodes.size,
    hosts: sites.reduce((sum, site) => sum + site.count, 0),
    starts: world.started,
    cpuSeconds: (user + system) / 1e6,
    failures: failures.slice(0, 5),
  };
}

process.on('message', () => process.send?.(counted()));
process.on('disconnect', () => process.exit(0));
process.send?.({ providers: sites.map(({ cloud }) => cloud.url), hostKey: key.fingerprint } satisfies Opened);
