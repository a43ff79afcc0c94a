/**
 * The loops: they make the world match what the store says is wanted, again and again, from whatever state it is in.
 * The door of the room: opens the loops over one world, and hands out the few things that people ask of them.
 *
 *   blueprint   plans from the facts, writes intents          machine   orders, awaits, watches, gives back
 *   node        installs, starts, watches, stops, removes     component joins nodes to each other, proves the cluster
 *   rollout     has changed nodes pass their gates, or takes the version back
 *   strays      finds what is ours and on no record           firewall  opens what nodes need and families say
 *   operation   ends what requests began: done, or too late
 *   brake       has repairs go on that were stopped, when the view has recovered
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
import type { Stray, SweepRequest, SweepView } from '../model/sweep.ts';
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
import { repairBrakes, reviewRepairBrake } from './repair-brake.ts';
import { rollBack } from './roll-back.ts';
import { reconcileRollouts } from './rollout/rollout-loop.ts';
import { sweepAtLast } from './sweep/last-look.ts';
import { lookForStrays, removeStrays } from './sweep/asked.ts';
import { forgetMachines } from './sweep/forget.ts';
import { reconcileStrays } from './sweep/strays.ts';
import { cancel } from './take-back.ts';
import { Retaining } from './retention.ts';
import { Sharing, shareNames } from './shares.ts';
import type { LoopName, Shares } from './shares.ts';
import { cloudActs, hostActs, whileSure } from './while-sure.ts';
import { emptyMemory, forgetAll } from './world.ts';
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
  /** Answers what is left there and why. */
  emptyProvider(name: string, signal: AbortSignal): Promise<readonly string[]>;
  forgetMachines(provider: string, by: string): Promise<readonly string[]>;
  lookForStrays(provider: string | null, signal: AbortSignal): Promise<SweepView>;
  removeStrays(request: SweepRequest, by: string, signal: AbortSignal): Promise<readonly Stray[]>;
  logs(node: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  followLog(node: string, lines: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const periodMs = 30_000;
const firewallMs = 1_000;
/** Shares come several at once: their keys are looked at together, milliseconds. */
const takenMs = 20;

type Loops = Readonly<Record<LoopName, Loop>>;

/** Opens the loops; they begin with `start`. */
export function openReconcile(dependencies: ReconcileDependencies): Reconciler {
  const world: World = openWorld(dependencies, {
    loops: () => loops,
    woke: (loop, key) => sharing.woke(loop, key),
  });
  const sharing = new Sharing(world);
  const loops: Loops = openLoops(world, sharing);
  const bell = firewallBell(world, () => loops);
  const retaining = new Retaining(world);
  const unsubscribe = dependencies.store.subscribe((notice) => wakeChanged(loops, bell, notice));
  return {
    ...acts(world),
    start() {
      for (const loop of Object.values(loops)) loop.start();
      dependencies.shares?.start(shareHooks(world, loops, sharing));
      retaining.start();
    },
    wakeAll: () => loops.blueprint.look(),
    async close() {
      unsubscribe();
      bell.stop();
      await retaining.close();
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
    forgetMachines: (provider, by) => forgetMachines(world, provider, by),
    lookForStrays: (provider, signal) => lookForStrays(world, provider, signal),
    removeStrays: (request, by, signal) => removeStrays(world, request, by, signal),
    logs: async (node, lines, signal) => (await hostOfNode(world, node)).logs(node, lines, signal),
    async *followLog(node, lines, signal) {
      yield* (await hostOfNode(world, node)).followLog(node, lines, signal);
    },
  };
}

/** The loops as the world wakes them. */
interface Wakeable {
  readonly loops: () => Loops;
  readonly woke: (loop: LoopName, key: string) => void;
}

function openWorld(dependencies: ReconcileDependencies, { loops, woke }: Wakeable): World {
  const { openCloud, openHost, openCluster, ...rest } = dependencies;
  const memory = emptyMemory();
  const wakeIn = (loop: LoopName) => (key: string) => {
    woke(loop, key);
    loops()[loop].wake(key);
  };
  const wake: Wake = {
    provider: wakeIn('strays'),
    blueprint(name) {
      memory.planned.delete(name);
      wakeIn('blueprint')(name);
    },
    component: wakeIn('component'),
    machine: wakeIn('machine'),
    node: wakeIn('node'),
    operation: wakeIn('operation'),
  };
  const why: Why = (loop, key) => loops()[loop].why(key) ?? rest.shares?.said(loop, key) ?? null;
  const mayAct = () => sureToAct(rest.shares);
  const guarded = <T extends object>(door: T, doing: readonly (keyof T)[]): T =>
    rest.shares === undefined ? door : whileSure(door, mayAct, doing);
  const openSurely: typeof openHost = async (access) => guarded(await openHost(access), hostActs);
  const hosts = new Hosts(openSurely, rest.clock, wake.node, mayAct);
  const lost = (nodeId: string) => {
    memory.seen.delete(nodeId);
    memory.lostAt.set(nodeId, rest.clock.monotonic());
    wake.node(nodeId);
  };
  const cluster = openCluster({ ...clusterNeeds(dependencies, hosts), lost });
  const offers = new Offers((...of) => guarded(openCloud(...of), cloudActs), rest.clock, mayAct);
  return { ...rest, hosts, cluster, wake, why, memory, offers, listings: new Listings(rest.clock, rest.store.owner) };
}

/** Somebody else may act for a control plane that was away for too long: it does nothing before it has looked again. */
function sureToAct(shares: Shares | undefined): void {
  if (shares === undefined || shares.isSure()) return;
  throw new Fault('unavailable', 'nobody knows just now which control plane looks after what', { retryAfterMs: 1000 });
}

function shareHooks(world: World, loops: Loops, sharing: Sharing): Parameters<Shares['start']>[0] {
  let due: Timer | null = null;
  const look = (): void => {
    due = null;
    for (const loop of Object.values(loops)) loop.look();
  };
  const missed = (): void => {
    forgetAll(world.memory);
    sharing.forget();
    due ??= world.clock.after(takenMs, look);
  };
  return {
    names: () => shareNames(world.store),
    taken: missed,
    missed,
    told(loop, key) {
      if (loop === 'blueprint') world.memory.planned.delete(key);
      if (Object.hasOwn(loops, loop)) loops[loop as LoopName].wake(key);
    },
  };
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

function openLoops(world: World, sharing: Sharing): Loops {
  const { store, clock, random, log } = world;
  const common = { clock, random, log, periodMs };
  const keysOf = (kind: 'machine' | 'node' | 'provider', loop: LoopName) => async () =>
    sharing.ours(
      loop,
      (await store.list(kind)).map((record) => record.key),
    );
  const names = async () => sharing.ours('blueprint', await blueprintNames(store));
  return {
    blueprint: new Loop({
      ...common,
      name: 'blueprint',
      ...{ parallel: 2, rests: { times: 2, longestMs: 500 } },
      keys: names,
      reconcile: sharing.pass('blueprint', reconcileBlueprint),
    }),
    rollout: new Loop({
      ...common,
      name: 'rollout',
      ...{ parallel: 8, rests: { times: 2, longestMs: 500 } },
      keys: names,
      reconcile: sharing.pass('rollout', reconcileRollouts),
    }),
    component: new Loop({
      ...common,
      name: 'component',
      ...{ parallel: 8, rests: { times: 1, longestMs: 250 } },
      keys: names,
      reconcile: sharing.pass('component', reconcileComponent),
    }),
    machine: new Loop({
      ...common,
      name: 'machine',
      parallel: 32,
      keys: keysOf('machine', 'machine'),
      reconcile: sharing.pass('machine', reconcileMachine),
    }),
    node: new Loop({
      ...common,
      name: 'node',
      parallel: 128,
      keys: keysOf('node', 'node'),
      reconcile: sharing.pass('node', reconcileNode),
    }),
    strays: new Loop({
      ...common,
      name: 'strays',
      parallel: 4,
      keys: keysOf('provider', 'strays'),
      reconcile: sharing.pass('strays', reconcileStrays),
    }),
    firewall: new Loop({
      ...common,
      name: 'firewall',
      ...{ parallel: 4, rests: { times: 10, longestMs: 5_000 } },
      keys: keysOf('provider', 'firewall'),
      reconcile: sharing.pass('firewall', reconcileFirewall),
    }),
    login: loginLoop(world, sharing, common),
    brake: brakeLoop(world, sharing, common),
    operation: new Loop({
      ...common,
      name: 'operation',
      parallel: 4,
      keys: async () => sharing.ours('operation', await operationKeys(store)),
      reconcile: sharing.pass('operation', reconcileOperations),
    }),
  };
}

/** What all loops are made with. */
type CommonOptions = Pick<LoopOptions, 'clock' | 'random' | 'log' | 'periodMs'>;

/** Brakes of repairs that hold. */
function brakeLoop(world: World, sharing: Sharing, common: CommonOptions): Loop {
  return new Loop({
    ...common,
    name: 'brake',
    parallel: 2,
    keys: async () => sharing.ours('brake', await repairBrakes(world)),
    reconcile: sharing.pass('brake', reviewRepairBrake),
  });
}

/** Keys that are being replaced, by the name of their secret. */
function loginLoop(world: World, sharing: Sharing, common: CommonOptions): Loop {
  return new Loop({
    ...common,
    name: 'login',
    parallel: 2,
    keys: async () =>
      sharing.ours(
        'login',
        (await world.store.list('rotation')).map(({ key }) => key),
      ),
    reconcile: sharing.pass('login', rotateKey),
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
    if (kind === 'alarm' && !removed) loops.brake.wake(key);
    // from now on it is looked at as often as the others
    if (kind === 'provider' && !removed) loops.strays.wake(key);
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
