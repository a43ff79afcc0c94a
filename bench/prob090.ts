/**
 * CSPLib prob090: a WordPress deployment in the cloud at minimum price, written as a blueprint. Offers come from the
 * library's files where they are at hand (`../shared/data/prob090`), else from a table of the same shape.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlueprintDocument } from '../src/model/blueprint.ts';
import type { Facts } from '../src/model/plan.ts';
import { documentOf, PlannerWorld } from '../test/kit/planner-world.ts';

/** Cores, memory (MB), storage and the price of an hour. */
export type VmOffer = readonly [cores: number, memory: number, storage: number, price: number];

/** The published sizes (instances of WordPress by offers), larger ones behind them. */
export const sizes: readonly (readonly [wordpress: number, offers: number])[] = [
  ...[3, 4].flatMap((wordpress) => [20, 40, 250, 500].map((offers) => [wordpress, offers] as const)),
  ...[5, 6].flatMap((wordpress) => [20, 40].map((offers) => [wordpress, offers] as const)),
  ...[8, 12].flatMap((wordpress) => [20, 500].map((offers) => [wordpress, offers] as const)),
  [50, 500],
];

const folder = join(import.meta.dirname, '..', '..', 'shared', 'data', 'prob090');

/** So many offers. */
export function vmOffers(count: number): VmOffer[] {
  const file = join(folder, `Wordpress_Offers${count}.dzn`);
  if (!existsSync(file)) return madeUp(count);
  const text = readFileSync(file, 'utf8');
  const numbers = (pattern: RegExp) => (pattern.exec(text)?.[1]?.match(/\d+/g) ?? []).map(Number);
  const specs = numbers(/VMSpecs\s*=\s*\[\|([\s\S]*?)\|\]/);
  const prices = numbers(/VMPrice\s*=\s*\[([\s\S]*?)\]/);
  return prices.map((price, at) => [specs[3 * at] ?? 0, specs[3 * at + 1] ?? 0, specs[3 * at + 2] ?? 0, price]);
}

function madeUp(count: number): VmOffer[] {
  return Array.from({ length: count }, (_, at): VmOffer => {
    const cores = [64, 32, 16, 8, 4, 2, 1][at % 7] ?? 1;
    const memory = cores * (3750 * 2 ** (at % 3));
    return [cores, memory, 1000 * 2 ** (at % 4), Math.round(cores * 55 + memory / 250 + ((at * 37) % 23))];
  });
}

/** What one instance of each component needs, and how they relate. A machine has one instance of a component at the most. */
export function wordpressDocument(wordpress: number): BlueprintDocument {
  return documentOf(`
wombat: 1
name: wordpress
providers: { cloud: { kind: memory } }
domains: { cloud: { provider: cloud, capabilities: { storage: 0 } } }
releases: { app: { file: app.tar.gz } }
oneOf: [[dns, http]]
optimise: [cost]
families:
  wordpress: { release: app, nodes: ${wordpress}, uses: { cores: 2, memory: 512M, storage: 1000 }, place: { apart: host } }
  mysql: { release: app, nodes: 2, serves: { wordpress: 3/2 }, uses: { cores: 2, memory: 512M, storage: 2000 }, place: { apart: host } }
  dns:
    release: app
    nodes: 1
    mostNodes: 1
    serves: { wordpress: 7 }
    uses: { cores: 4, memory: 2048M, storage: 500 }
    place: { apart: host, apartFrom: { wordpress: host, mysql: host } }
  http:
    release: app
    nodes: 1
    serves: { wordpress: 3 }
    uses: { cores: 4, memory: 2048M, storage: 500 }
    place: { apart: host, apartFrom: { wordpress: host, mysql: host, dns: host } }
  varnish:
    release: app
    nodes: 2
    uses: { cores: 4, memory: 4000M, storage: 500 }
    place: { apart: host, apartFrom: { dns: host, http: host, mysql: host } }
`);
}

/** The facts of a cloud that sells these, as many as one likes. */
export function factsOf(document: BlueprintDocument, offers: readonly VmOffer[]): Facts {
  const hosts = offers.map(([cores, memory, storage, pricePerHour], at) => ({
    domain: 'cloud',
    host: `vm-${String(at).padStart(3, '0')}`,
    cores,
    memoryBytes: memory * 2 ** 20,
    attributes: { storage },
    left: 1_000_000,
    pricePerHour,
  }));
  return new PlannerWorld(document, hosts).facts;
}
