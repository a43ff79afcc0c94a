/** The control plane of a simulated world: the real loops over the seams, started, killed and started again from its store. */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Log } from '../../src/base/log.ts';
import { createMeter, wrapCloud } from '../../src/cloud/cloud.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { loginKeySecretName } from '../../src/model/secret.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { openReconcile } from '../../src/reconcile/reconcile.ts';
import type { PlanQuestion, Reconciler, ReconcileDependencies } from '../../src/reconcile/reconcile.ts';
import type { Store } from '../../src/store/store.ts';
import { CloudSeam } from './cloud-seam.ts';
import { ErlangSeam } from './erlang-seam.ts';
import { HostSeam } from './host-seam.ts';
import { Life } from './life.ts';
import type { Doom } from './life.ts';
import { mortalStore } from './mortal-store.ts';
import type { Road } from './mortal-store.ts';
import type { SimulatedWorld } from './world.ts';

/** How long a plan takes to come back from its thread, milliseconds. */
const planMs = 30;

/** A control plane that is running. */
export interface Running {
  readonly life: Life;
  readonly loops: Reconciler;
  /** as its life sees it */
  readonly store: Store;
}

/** Starts the control plane from what is on its disk; `doom` says where it is to die. */
export function startControlPlane(world: SimulatedWorld, seed: number, doom: Doom | null = null): Running {
  const life = new Life(world);
  if (doom !== null) life.dieAt(doom);
  world.trace.add('the control plane starts');
  const chance = seededRandom(seed);
  const road: Road = {
    isFar: () => world.storeSlowMs > 0,
    slowMs: () => chance.below(world.storeSlowMs),
    isCut: () => world.storeIsAway,
  };
  const store = mortalStore(world.disk, life, world.invariants, road);
  const loops = openReconcile(dependenciesOf(world, life, store, chance));
  loops.start();
  return { life, loops, store };
}

function dependenciesOf(world: SimulatedWorld, life: Life, store: Store, chance: Random): ReconcileDependencies {
  const { park, erlang, releases, wire, invariants } = world;
  const { clock, timeline } = life;
  const log = watchedLog(world);
  const hosts = new HostSeam({ park, wire, witness: invariants, held: world.disk.held }, life, chance);
  const nodes = new ErlangSeam({ erlang, park, releases, witness: invariants }, life, chance);
  return {
    store,
    artifacts: noArtifacts,
    planner: {
      plan: (question) => life.look(() => timeline.pause(1 + chance.below(planMs)).then(() => planned(question))),
      close: () => Promise.resolve(),
    },
    openCloud: cloudOpener(world, life, store, chance),
    openHost: (access) => Promise.resolve(hosts.openHost(access)),
    openLogin: (access, privateKey) => hosts.openLogin(access, privateKey),
    openHostRoot: (access) => Promise.resolve(hosts.openRoot(access)),
    openCluster: (needs) => openCluster({ ...needs, clock, log }, { connect: (options) => nodes.connect(options) }),
    clock,
    random: chance,
    log,
  };
}

function planned({ document, head, facts, seed, rebalance }: PlanQuestion) {
  return makePlan(document, head, facts, { seed, rebalance });
}

/** What is installed comes from nowhere: simulated machines take no bytes. */
const noArtifacts = {
  read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }) }),
} as unknown as ReconcileDependencies['artifacts'];

function cloudOpener(
  world: SimulatedWorld,
  life: Life,
  store: Store,
  chance: Random,
): ReconcileDependencies['openCloud'] {
  const { clock } = life;
  return (provider, domains) => {
    const site = world.site(provider.name);
    const adapter = new CloudSeam(site, life, chance, world.invariants).open({
      ...{
        provider,
        domains,
        owner: store.owner,
        directory: '/nowhere',
        clock,
        random: chance,
        log: watchedLog(world),
      },
      secret: () => Promise.resolve('a key that opens the rack'),
      secretName: (reference) => reference,
      keySecret: loginKeySecretName(provider.name),
    });
    return wrapCloud(adapter, { provider: provider.name, clock, random: chance, meter: createMeter() });
  };
}

/** A log of which nothing is kept but whether a secret stood in it (I8). */
function watchedLog(world: SimulatedWorld): Log {
  const look = (fields: object, message: string) => {
    world.logged(`${JSON.stringify(fields)} ${message}`);
  };
  return { debug: look, info: look, warn: look, error: look };
}
