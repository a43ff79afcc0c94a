/**
 * What is deployed: pools of fifty nodes in full meshes, five of them to a blueprint on as few machines as have the memory,
 * which is five; the blueprints in turn at five providers. The first node of each pool is its gateway; that of a blueprint's
 * first pool is linked, by hidden connections, to that of the blueprint above it: a tree.
 */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { FamilyDefinition } from '../../src/model/family.ts';

/** Nodes of a pool and pools of a blueprint. */
export const shape = { pool: 50, pools: 5, branches: 4 } as const;

/** What all documents have in common. */
export interface Common {
  readonly digest: string;
  readonly hostKey: string;
  readonly providers: readonly string[];
  /** another number makes every node another version */
  readonly round: number;
}

/** The documents for so many nodes, whole pools, those that are linked to first. */
export function documentsFor(nodes: number, common: Common): BlueprintDocument[] {
  const pools = Math.ceil(nodes / shape.pool);
  const count = Math.ceil(pools / shape.pools);
  return Array.from({ length: count }, (_, at) =>
    documentOf(at, Math.min(shape.pools, pools - at * shape.pools), common),
  );
}

function nameOf(at: number): string {
  return `area-${String(at).padStart(3, '0')}`;
}

function documentOf(at: number, pools: number, { digest, hostKey, providers, round }: Common): BlueprintDocument {
  const name = nameOf(at);
  const above = at === 0 ? undefined : nameOf(Math.floor((at - 1) / shape.branches));
  const families = Array.from({ length: pools }, (_, pool) => familiesOf(pool, round, pool === 0 ? above : undefined));
  return {
    wombat: 1,
    name,
    domains: {
      [`${name}-place`]: {
        provider: providers[at % providers.length] ?? '',
        region: 'fsn1',
        image: 'debian-13',
        machineTypes: ['ccx13'],
        publicAddress: true,
        login: { user: 'wombat', hostKey },
      },
    },
    releases: { shop: { digest } },
    families: Object.assign({}, ...families) as BlueprintDocument['families'],
  };
}

/** The gateway and the workers of one pool. */
function familiesOf(pool: number, round: number, above: string | undefined): Record<string, FamilyDefinition> {
  const common = {
    release: 'shop',
    demands: ['memory >= 160M'],
    place: { consolidate: 'host' as const },
    config: { env: { ROUND: String(round) } },
    update: { parallel: 3, minHealthySeconds: 0 },
  };
  const gateway = `gateway_${pool + 1}`;
  const upwards =
    above === undefined ? {} : { [`${above}/gateway_1`]: { select: 'all', action: 'distributed_erlang_hidden' } };
  return {
    [gateway]: {
      ...common,
      nodes: 1,
      bootstrap: { with: upwards as NonNullable<FamilyDefinition['bootstrap']>['with'] },
    },
    [`worker_${pool + 1}`]: {
      ...common,
      nodes: shape.pool - 1,
      mesh: 'full',
      bootstrap: {
        within: { select: 'random', action: 'distributed_erlang', parallel: true },
        with: { [gateway]: { select: 'all', action: 'distributed_erlang', parallel: true } },
      },
    },
  };
}
