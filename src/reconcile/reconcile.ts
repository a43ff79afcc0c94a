/**
 * The loops: they make the world match what the store says is wanted, again and again, from whatever state it is in.
 * The door of the room: opens the loops over one world, and hands out the few things that people ask of them.
 *
 *   blueprint   plans from the facts, writes intents          machine   orders, awaits, watches, gives back
 *   node        installs, starts, watches, stops, removes     component joins nodes to each other, proves the cluster
 *   rollout     has changed nodes pass their gates, or takes the version back
 *   strays      finds what is ours and on no record           firewall  opens what nodes need and families say
 *   operation   ends what requests began: done, or too late
 */
import type { Finding } from '../cloud/cloud.ts';
import type { RemoteShell } from '../cluster/cluster.ts';
import type { Adopted, CallAnswer, ExecuteAnswer, NodeAct, ShellSettings } from '../model/exchange.ts';
import type { Plan, PlanWish, RebalanceRequest } from '../model/plan.ts';
import type { Timer } from '../base/clock.ts';
import { Fault, wordsOf } from '../base/fault.ts';
import type { RollBack } from '../model/roll-back.ts';
import { cookieSecretName } from '../model/secret.ts';
import type { Rotation } from '../model/rotation.ts';
import type { Proof } from '../model/topology.ts';
import type { Notice } from '../store/store.ts';
import type { Asked, Operation, OperationView } from '../model/operation.ts';
import type { Why } from '../model/operation-tasks.ts';
import { act, destroy, hostOfNode, planRebalance, scaleFamily, startedNode, verify } from './acts.ts';
import type { FamilySize } from './acts.ts';
import { adoptPlan, planFor } from './adopt.ts';
import { blueprintNames, reconcileBlueprint } from './blueprint.ts';
import { reconcileComponent } from './component.ts';
import { rotateKey } from './key-rotation.ts';
import { wantKeyRotation } from './want-key-rotation.ts';
import { wantRotation } from './want-rotation.ts';
import { sweepAtLast } from './destroy.ts';
import { bothValues } from './both-values.ts';
import { reconcileFirewall } from './firewall.ts';
import { Hosts } from './hosts.ts';
import { Listings } from './listings.ts';
import { Loop } from './loop.ts';
import type { LoopOptions } from './loop.ts';
import { reconcileMachine } from './machine/machine-loop.ts';
import { reconcileNode } from './node/node-loop.ts';
import { Offers } from './offers.ts';
import { keepSheet } from './facts.ts';
import { operationView } from './operations.ts';
import { operationKeys, reconcileOperations } from './operation-loop.ts';
import { providerOf } from './providers.ts';
import { rollBack } from './roll-back.ts';
import { reconcileRollouts } from './rollout/rollout-loop.ts';
import { reconcileStrays } from './strays.ts';
import { cancel } from './take-back.ts';
import { emptyMemory } from './world.ts';
import type { ClusterNeeds, ReconcileDependencies, Wake, World } from './world.ts';

export type { Planner, PlanQuestion, ReconcileDependencies } from './world.ts';

/** The loops at work, and what people may ask of them. */
export interface Reconciler {
  start(): void;
  /** Has everything looked at soon. */
  wakeAll(): void;
  plan(wish: PlanWish): Promise<Plan>;
  rebalance(blueprint: string, request: RebalanceRequest): Promise<Plan>;
  adopt(plan: string, asked: Asked): Promise<Adopted>;
  scale(blueprint: string, family: string, size: FamilySize): Promise<Adopted>;
  rotateCookies(blueprint: string, family: string | null): Promise<readonly Rotation[]>;
  rotateKey(provider: string, privateKey: string | null): Promise<Rotation>;
  destroy(blueprint: string, asked: Asked): Promise<Operation>;
  /** Makes a former revision the current one again; answers the number that it has now. */
  rollBack(wish: RollBack): Promise<Operation>;
  act(node: string, what: NodeAct, asked: Asked): Promise<Operation>;
  /** Takes an operation back; returns the one that does it. */
  cancel(operation: string, by: string): Promise<Operation>;
  /** An operation with its tasks as they are now. */
  operation(id: string): Promise<OperationView>;
  verify(blueprint: string, signal: AbortSignal): Promise<Proof>;
  checkProvider(name: string, signal: AbortSignal): Promise<readonly Finding[]>;
  execute(node: string, command: string, signal: AbortSignal): Promise<ExecuteAnswer>;
  call(node: string, text: string, signal: AbortSignal): Promise<CallAnswer>;
  shell(node: string, options: ShellSettings): Promise<RemoteShell>;
  emptyProvider(name: string, signal: AbortSignal): Promise<void>;
  logs(node: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  followLog(node: string, lines: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const periodMs = 30_000;
const firewallMs = 1_000;

interface Loops {
  readonly blueprint: Loop;
  readonly component: Loop;
  readonly machine: Loop;
  readonly node: Loop;
  readonly strays: Loop;
  readonly firewall: Loop;
  readonly rollout: Loop;
  readonly operation: Loop;
  readonly login: Loop;
}

/** Opens the loops; they begin with `start`. */
export function openReconcile(dependencies: ReconcileDependencies): Reconciler {
  const world: World = openWorld(dependencies, () => loops);
  const loops: Loops = openLoops(world);
  const bell = firewallBell(world, () => loops);
  const unsubscribe = dependencies.store.subscribe((notice) => wakeChanged(loops, bell, notice));
  return {
    ...acts(world),
    start: () => Object.values(loops).forEach((loop: Loop) => loop.start()),
    wakeAll: () => void wakeAll(world, loops),
    async close() {
      unsubscribe();
      bell.stop();
      await Promise.all(Object.values(loops).map((loop: Loop) => loop.close()));
      await world.cluster.close();
      await world.hosts.close();
    },
  };
}

function acts(world: World): Omit<Reconciler, 'start' | 'wakeAll' | 'close'> {
  return {
    plan: (wish) => planFor(world, wish),
    rebalance: (blueprint, request) => planRebalance(world, blueprint, request),
    adopt: (plan, asked) => adoptPlan(world, plan, asked),
    scale: (blueprint, family, size) => scaleFamily(world, blueprint, family, size),
    rotateCookies: (blueprint, family) => wantRotation(world, blueprint, family),
    rotateKey: (provider, privateKey) => wantKeyRotation(world, provider, privateKey),
    destroy: (blueprint, asked) => destroy(world, blueprint, asked),
    rollBack: (wish) => rollBack(world, wish),
    act: (node, what, asked) => act(world, node, what, asked),
    cancel: (operation, by) => cancel(world, operation, by),
    operation: (id) => operationView(world, id),
    verify: (blueprint, signal) => verify(world, blueprint, signal),
    checkProvider: (name, signal) => checkProvider(world, name, signal),
    execute: async (node, command, signal) => (await hostOfNode(world, node)).execute(node, command, {}, signal),
    call: async (node, text, signal) => world.cluster.value(await startedNode(world, node), text, signal),
    shell: async (node, options) => world.cluster.shell(await startedNode(world, node), options),
    emptyProvider: (name, signal) => sweepAtLast(world, name, null, signal),
    logs: async (node, lines, signal) => (await hostOfNode(world, node)).logs(node, lines, signal),
    async *followLog(node, lines, signal) {
      yield* (await hostOfNode(world, node)).followLog(node, lines, signal);
    },
  };
}

function openWorld(dependencies: ReconcileDependencies, loops: () => Loops): World {
  const { openCloud, openHost, openCluster, ...rest } = dependencies;
  const memory = emptyMemory();
  const wake: Wake = {
    provider: (name) => loops().strays.wake(name),
    blueprint(name) {
      memory.planned.delete(name);
      loops().blueprint.wake(name);
    },
    component: (name) => loops().component.wake(name),
    machine: (token) => loops().machine.wake(token),
    node: (id) => loops().node.wake(id),
    operation: (blueprint) => loops().operation.wake(blueprint),
  };
  const why: Why = (loop, key) => loops()[loop].why(key);
  const hosts = new Hosts(openHost, rest.clock, wake.node);
  const lost = (nodeId: string) => {
    memory.seen.delete(nodeId);
    memory.lostAt.set(nodeId, rest.clock.monotonic());
    wake.node(nodeId);
  };
  const cluster = openCluster({ ...clusterNeeds(dependencies, hosts), lost });
  const offers = new Offers(openCloud, rest.clock);
  return { ...rest, hosts, cluster, wake, why, memory, offers, listings: new Listings(rest.clock, rest.store.owner) };
}

function clusterNeeds({ store }: ReconcileDependencies, hosts: Hosts): Omit<ClusterNeeds, 'lost'> {
  const hostOf = async (token: string) => {
    const machine = await store.get('machine', token);
    if (machine === undefined) throw new Fault('unavailable', `machine ${token} is gone`);
    return hosts.of(machine.value);
  };
  return {
    dial: async ({ placement }, signal) =>
      (await hostOf(placement.machine)).dial(placement.listen, placement.port, signal),
    run: async ({ id, placement }, command, variables, signal) =>
      (await hostOf(placement.machine)).execute(id, command, variables, signal),
    cookies: ({ blueprint, specification }) =>
      bothValues(store.secrets, cookieSecretName(blueprint, specification.component)),
  };
}

function openLoops(world: World): Loops {
  const { store, clock, random, log } = world;
  const common = { clock, random, log, periodMs };
  const keysOf = (kind: 'machine' | 'node' | 'provider') => async () =>
    (await store.list(kind)).map((record) => record.key);
  const names = () => blueprintNames(store);
  return {
    blueprint: new Loop({
      ...common,
      name: 'blueprint',
      parallel: 2,
      keys: names,
      reconcile: (key, signal) => reconcileBlueprint(world, key, signal),
    }),
    rollout: new Loop({
      ...common,
      name: 'rollout',
      parallel: 8,
      keys: names,
      reconcile: (key, signal) => reconcileRollouts(world, key, signal),
    }),
    component: new Loop({
      ...common,
      name: 'component',
      parallel: 8,
      keys: names,
      reconcile: (key, signal) => reconcileComponent(world, key, signal),
    }),
    machine: new Loop({
      ...common,
      name: 'machine',
      parallel: 32,
      keys: keysOf('machine'),
      reconcile: (key, signal) => reconcileMachine(world, key, signal),
    }),
    node: new Loop({
      ...common,
      name: 'node',
      parallel: 64,
      keys: keysOf('node'),
      reconcile: (key, signal) => reconcileNode(world, key, signal),
    }),
    strays: new Loop({
      ...common,
      name: 'strays',
      parallel: 4,
      keys: keysOf('provider'),
      reconcile: (key, signal) => reconcileStrays(world, key, signal),
    }),
    firewall: new Loop({
      ...common,
      name: 'firewall',
      parallel: 4,
      keys: keysOf('provider'),
      reconcile: (key, signal) => reconcileFirewall(world, key, signal),
    }),
    login: loginLoop(world, common),
    operation: new Loop({
      ...common,
      name: 'operation',
      parallel: 4,
      keys: () => operationKeys(store),
      reconcile: (key, signal) => reconcileOperations(world, key, signal),
    }),
  };
}

/** Keys that are being replaced, by the name of their secret. */
function loginLoop(world: World, common: Pick<LoopOptions, 'clock' | 'random' | 'log' | 'periodMs'>): Loop {
  return new Loop({
    ...common,
    name: 'login',
    parallel: 2,
    keys: async () => (await world.store.list('rotation')).map(({ key }) => key),
    reconcile: (key, signal) => rotateKey(world, key, signal),
  });
}

/** What was deleted may be what others waited for. Changes wake whom they concern where they are made. */
function wakeChanged(loops: Loops, bell: { ring(): void }, notice: Notice): void {
  // a blueprint's revision may link it with another one
  const opening: readonly string[] = ['machine', 'node', 'revision'];
  if (notice.changes.some(({ kind }) => opening.includes(kind))) bell.ring();
  for (const { kind, key, removed } of notice.changes) {
    if (kind === 'blueprint' && !removed) loops.component.wake(key);
    // a rollout's key begins with its blueprint
    if (kind === 'rollout' && !removed) loops.rollout.wake(key.split('/')[0] ?? '');
    if (kind === 'rotation' && !removed) loops.login.wake(key);
    if (kind === 'blueprint' || kind === 'proof') loops.operation.wake(key);
  }
}

/** Nodes and machines change often and together: the firewalls that follow from them are looked at once for all. */
function firewallBell({ store, clock, log }: World, loops: () => Loops): { ring(): void; stop(): void } {
  let due: Timer | null = null;
  const wake = () => {
    due = null;
    store.list('provider').then(
      (providers) => providers.forEach(({ key }) => loops().firewall.wake(key)),
      (error: unknown) => log.warn({ error: wordsOf(error) }, 'the firewalls wait for their next period'),
    );
  };
  return { ring: () => void (due ??= clock.after(firewallMs, wake)), stop: () => due?.cancel() };
}

async function wakeAll(world: World, loops: Loops): Promise<void> {
  for (const name of await blueprintNames(world.store)) loops.blueprint.wake(name);
}

/** Asks a provider whether it is usable, and keeps what it offers. */
async function checkProvider(world: World, name: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const place = await providerOf(world.store, name);
  if (place === undefined)
    throw new Fault('not-found', `there is no provider ${name}`, {
      object: `provider ${name}`,
      next: 'wombat provider list',
    });
  const findings = await world.offers.cloud(place.provider, place.domains).check(signal);
  await keepSheet(world.store, await world.offers.ask(place.provider, place.domains, 0));
  return findings;
}
