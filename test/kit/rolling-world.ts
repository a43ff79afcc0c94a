/**
 * A world for changes of running nodes: the real loops of blueprints, nodes, components and rollouts over a store in
 * memory and one simulated host, whose processes boot, serve, fail their checks or die as the version that they run is
 * told to. What lives is counted on the host itself, every tenth of a second, whatever the control plane believes. The
 * control plane may die at any moment and be opened again from what was written down.
 */
import { Fault, faultCodeOf } from '../../src/base/fault.ts';
import { noLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Cloud } from '../../src/cloud/cloud.ts';
import type { Cluster, ProofMember } from '../../src/cluster/cluster.ts';
import type { Host, HostState, NodeOrder } from '../../src/host/host.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { FamilyDefinition } from '../../src/model/family.ts';
import type { Node, NodeSpecification, ProcessIdentity } from '../../src/model/node.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { proofSubject } from '../../src/model/topology.ts';
import type { Proof } from '../../src/model/topology.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { adoptPlan, planFor } from '../../src/reconcile/adopt.ts';
import { reconcileBlueprint } from '../../src/reconcile/blueprint.ts';
import { reconcileComponent } from '../../src/reconcile/component.ts';
import { Hosts } from '../../src/reconcile/hosts.ts';
import { Listings } from '../../src/reconcile/listings.ts';
import { reconcileNode } from '../../src/reconcile/node/node-loop.ts';
import { Offers } from '../../src/reconcile/offers.ts';
import { reconcileRollouts } from '../../src/reconcile/rollout/rollout-loop.ts';
import { emptyMemory } from '../../src/reconcile/world.ts';
import type { World } from '../../src/reconcile/world.ts';
import { openMemoryStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock, settle } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { sampleDomain, sampleMachine, sampleProof, sampleProvider, sampleRelease } from './records.ts';

const tickMs = 100;

/** How nodes of a version behave. */
export interface Behaviour {
  readonly bootMs?: number;
  /** how long after its start a process dies by itself */
  readonly diesAfterMs?: number;
  /** never answers */
  readonly isMute?: boolean;
  /** what its own view lacks */
  readonly complaint?: string;
  readonly checkFails?: boolean;
}

interface Running {
  readonly process: ProcessIdentity;
  readonly specification: NodeSpecification;
  readonly startedMs: number;
  /** when it ends because it was asked to */
  endsMs: number;
}

/** Digest of the version called so: `v1`, `v2`. */
export function digestOf(version: string): string {
  return `sha256:${version.padStart(64, '0')}`;
}

/** One family on one host, the loops that look after it, and a count of what lives. */
export class RollingWorld {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly random: Random;
  readonly behaviours = new Map<string, Behaviour>();
  /** processes on the host, by node id */
  readonly processes = new Map<string, Running>();
  /** the fewest that served at one time since `watch`, and when that was */
  fewest = Infinity;
  world: World;
  /** hooks that were called, with the version that the process ran */
  readonly hooks: string[] = [];
  #nextPid = 1_000;
  #life = 0;
  readonly #busy = new Set<string>();

  private constructor(clock: FakeClock, store: Store, seed: number) {
    this.clock = clock;
    this.store = store;
    this.random = seededRandom(seed);
    this.world = this.#open();
  }

  /** A world in which these versions can be run. */
  static async open(versions: readonly string[], seed = 1): Promise<RollingWorld> {
    const clock = fakeClock();
    const store = await openMemoryStore(clock);
    const { access: _, ...machine } = sampleMachine('m-1');
    await store.commit([
      { put: 'provider', key: 'here', value: sampleProvider(), expect: 0 },
      { put: 'domain', key: 'here', value: sampleDomain(), expect: 0 },
      {
        put: 'machine',
        key: 'm-1',
        value: {
          ...machine,
          access: { method: 'local', directory: '/nowhere' },
          capacity: { ...machine.capacity, cores: 64 },
        },
        expect: 0,
      },
      ...versions.map((version) => ({
        put: 'release' as const,
        key: digestOf(version),
        value: sampleRelease({ digest: digestOf(version), version }),
        expect: 0,
      })),
    ]);
    return new RollingWorld(clock, store, seed);
  }

  /** The blueprint of one family at a version. */
  document(version: string, nodes: number, over: Partial<FamilyDefinition> = {}): BlueprintDocument {
    return {
      wombat: 1,
      name: 'ants',
      releases: { ants: { digest: digestOf(version) } },
      families: { colony: { release: 'ants', nodes, stopSeconds: 5, ...over } },
    };
  }

  /** Plans and adopts. */
  async apply(document: BlueprintDocument): Promise<void> {
    const plan = await planFor(this.world, { document, cause: 'apply', basedOn: null });
    await adoptPlan(this.world, plan.id, { by: 'a test' });
  }

  get nodes(): Promise<Node[]> {
    return this.store.list('node').then((records) => records.map(({ value }) => value));
  }

  get rollout(): Promise<Rollout | undefined> {
    return this.store.get('rollout', 'ants/colony').then((record) => record?.value);
  }

  /** Names of the processes that serve, with the version that each runs. */
  get serving(): string[] {
    return [...this.processes.values()].filter((one) => this.#serves(one)).map((one) => versionOf(one.specification));
  }

  /** Counts anew from here on. */
  watch(): void {
    this.fewest = this.serving.length;
  }

  /** The control plane dies now; another one begins from what is on record. */
  reopen(): void {
    this.#life += 1;
    this.#busy.clear();
    this.world = this.#open();
  }

  /** Lets time pass until `reached`, at most so long; false when it was not reached. */
  async until(reached: () => Promise<boolean>, ms: number): Promise<boolean> {
    for (let passed = 0; passed < ms; passed += tickMs) {
      if (await reached()) return true;
      await this.tick();
    }
    return reached();
  }

  /** A tenth of a second: the host goes on, and some loops look at some keys, in any order. */
  async tick(): Promise<void> {
    const nodes = await this.nodes;
    const passes = [
      () => this.#pass('blueprint', () => reconcileBlueprint(this.world, 'ants', goOn)),
      () => this.#pass('component', () => reconcileComponent(this.world, 'ants', goOn)),
      () => this.#pass('rollout', () => reconcileRollouts(this.world, 'ants', goOn)),
      ...nodes.map(
        ({ id }) =>
          () =>
            this.#pass(id, () => reconcileNode(this.world, id, goOn)),
      ),
    ];
    while (passes.length > 0) {
      const [pass] = passes.splice(this.random.below(passes.length), 1);
      if (this.random.below(3) > 0) pass?.();
      if (this.random.below(4) === 0) await settle();
      this.#count();
    }
    await this.clock.advance(tickMs);
    this.#age();
    this.#count();
  }

  /** One pass, never two of a key at once; what a dead control plane or a lost race throws is nobody's concern. */
  #pass(key: string, look: () => Promise<unknown>): void {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    const life = this.#life;
    look().then(
      () => life === this.#life && this.#busy.delete(key),
      (error: unknown) => {
        if (life === this.#life) this.#busy.delete(key);
        if (!(error instanceof Death) && faultCodeOf(error) === 'unknown') throw error;
      },
    );
  }

  #count(): void {
    this.fewest = Math.min(this.fewest, this.serving.length);
  }

  #behaviour(specification: NodeSpecification): Behaviour {
    return this.behaviours.get(versionOf(specification)) ?? {};
  }

  #serves({ specification, startedMs }: Running): boolean {
    const { bootMs = 600, isMute = false } = this.#behaviour(specification);
    return !isMute && this.clock.monotonic() - startedMs >= bootMs;
  }

  /** What dies by itself dies; what was asked to end has ended. */
  #age(): void {
    for (const [id, running] of this.processes) {
      const { diesAfterMs = Infinity } = this.#behaviour(running.specification);
      const now = this.clock.monotonic();
      if (now >= running.endsMs || now - running.startedMs >= diesAfterMs) this.processes.delete(id);
    }
  }

  #open(): World {
    const { clock } = this;
    const store = this.#mortal(this.store);
    const nothing = () => undefined;
    return {
      ...{ store, clock, random: this.random, log: noLog, memory: emptyMemory() },
      artifacts: { read: () => [] } as never,
      planner: {
        plan: ({ document, head, facts, seed }) => Promise.try(() => makePlan(document, head, facts, { seed })),
        close: () => Promise.resolve(),
      },
      cluster: this.#mortal(this.#cluster()),
      hosts: new Hosts(() => Promise.resolve(this.#mortal(this.#host())), clock, nothing),
      openLogin: () => {
        throw new Fault('invalid', 'no key is replaced here');
      },
      openHostRoot: () => Promise.reject(new Fault('invalid', 'no root here')),
      offers: new Offers(() => ({ offers: () => Promise.resolve([]) }) as unknown as Cloud, clock),
      listings: new Listings(clock, this.store.owner),
      wake: {
        ...{ provider: nothing, blueprint: nothing, component: nothing },
        ...{ machine: nothing, node: nothing, operation: nothing },
      },
      why: () => null,
    };
  }

  #cluster(): Cluster {
    const serving = (node: Node): Running => {
      const running = this.processes.get(node.id);
      if (running !== undefined && this.#serves(running)) return running;
      throw new Fault('unavailable', `${node.name} does not answer`);
    };
    const well = { ok: true, words: 'true' };
    const cluster: Partial<Cluster> = {
      answers: (node) => Promise.try(() => (serving(node), true)),
      step: (_, { fresh }) => Promise.try(() => (serving(fresh), well)),
      call: (node, hook) =>
        Promise.try(() => (this.hooks.push(`${hook} on ${versionOf(serving(node).specification)}`), well)),
      stop: (node) => Promise.try(() => ((serving(node).endsMs = this.clock.monotonic() + 300), true)),
      complaint: ({ node }) => Promise.try(() => this.#behaviour(serving(node).specification).complaint ?? null),
      check: (node) =>
        Promise.try(() =>
          this.#behaviour(serving(node).specification).checkFails === true ? { ok: false, words: 'it says no' } : well,
        ),
      prove: (blueprint, members) => Promise.resolve(this.#proof(blueprint, members)),
      sayTheSame: (_, nodes) => Promise.resolve(nodes.every(({ id }) => this.#isServing(id))),
      forget: () => undefined,
    };
    return cluster as Cluster;
  }

  /** Who does not answer has no view of its own, and proves nothing. */
  #proof(blueprint: string, members: readonly ProofMember[]): Proof {
    const nodes = members.map(({ node }) => node);
    const faults = nodes.filter(({ id }) => !this.#isServing(id)).map(({ name }) => unseen(name));
    const [fault] = faults;
    const verdict = fault === undefined ? {} : { ok: false, verdict: fault.words, faults };
    const nodesSeen = nodes.length - faults.length;
    return sampleProof(nodes.length, { blueprint, subject: proofSubject(nodes), nodesSeen, ...verdict });
  }

  #isServing(id: string): boolean {
    const running = this.processes.get(id);
    return running !== undefined && this.#serves(running);
  }

  #host(): Host {
    const host: Partial<Host> = {
      state: () => Promise.resolve(this.#state()),
      hasRelease: () => Promise.resolve(true),
      start: (order) => Promise.try(() => this.#start(order)),
      end: (id) => Promise.try(() => (this.processes.delete(id), true)),
      removeNode: () => Promise.resolve(),
      logs: () => Promise.resolve(['its last words']),
      close: () => Promise.resolve(),
    };
    return host as Host;
  }

  #state(): HostState {
    const nodes = [...this.processes].map(([id, { process }]) => ({ id, process }));
    const epmd = { running: true, ours: true, exposed: false };
    return { activity: null, clockSeconds: null, bootId: 'boot', nodes, releases: [], epmd, unsupervised: null };
  }

  #start({ id, specification }: NodeOrder) {
    const known = this.processes.get(id);
    if (known !== undefined) return { outcome: 'was running' as const, process: known.process, stripped: [] };
    const process = { pid: (this.#nextPid += 1), startTime: '1', bootId: 'boot' };
    this.processes.set(id, { process, specification, startedMs: this.clock.monotonic(), endsMs: Infinity });
    return { outcome: 'started' as const, process, stripped: [] };
  }

  /** The same, for as long as the present control plane lives. */
  #mortal<T extends object>(of: T): T {
    const life = this.#life;
    return new Proxy(of, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (name === 'secrets') return { get: () => Promise.resolve('cookie'), has: () => Promise.resolve(true) };
        if (typeof member !== 'function') return member;
        const act = member as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => (life === this.#life ? act.apply(target, given) : Promise.reject(new Death()));
      },
    });
  }
}

class Death extends Error {}

const goOn = new AbortController().signal;

function unseen(name: string): Proof['faults'][number] {
  return { kind: 'unreachable node', nodes: [name], words: `${name} cannot be seen: it does not answer` };
}

function versionOf({ digest }: NodeSpecification): string {
  return digest.replace(/^sha256:0*/, '');
}
