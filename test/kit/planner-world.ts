/** A world for the planner alone: hosts, machines and nodes as facts, and what applying a plan makes of them. */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { readBlueprint } from '../../src/model/blueprint-reader.ts';
import { checkReferences } from '../../src/model/check-references.ts';
import { nothingKnown } from '../../src/model/check-subject.ts';
import { effectiveDomains } from '../../src/model/effective-domains.ts';
import type { Machine, MachinePhase, NodeAddress, Offer, Platform } from '../../src/model/machine.ts';
import type { Node, NodePhase } from '../../src/model/node.ts';
import type { Facts, Planned, RebalanceRequest, Step } from '../../src/model/plan.ts';
import type { Inspection } from '../../src/model/release.ts';
import { makePlan, relevantFacts } from '../../src/plan/plan.ts';
import type { SolveProgram } from '../../src/plan/plan.ts';
import { sampleProcess, sampleRelease, sampleTime } from './records.ts';

/** A host as a test describes it. */
export interface HostSketch {
  readonly domain: string;
  /** host name or address; also the address that others dial, unless `addresses` says otherwise */
  readonly host: string;
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly addresses?: readonly NodeAddress[];
  readonly attributes?: Offer['attributes'];
  readonly platform?: Platform;
  readonly listening?: readonly number[];
  readonly fault?: Offer['fault'];
  /** how many machines of it there are; one, and a host of its own, when absent */
  readonly left?: number;
  readonly pricePerHour?: number;
}

export const debian12: Platform = {
  os: 'linux',
  arch: 'x86_64',
  libc: { kind: 'glibc', version: '2.36' },
  libraries: [],
};

/** Addresses of a machine that is this one: loopback, and one that others dial. */
export function localAddresses(address: string): NodeAddress[] {
  return [
    { address: '127.0.0.1', prefix: 8, scope: 'loopback' },
    { address, prefix: 16, scope: 'network' },
  ];
}

/** Reads a blueprint that must be free of faults. */
export function documentOf(yaml: string): BlueprintDocument {
  const read = readBlueprint(yaml, 'story.yaml');
  const faults = read.ok ? checkReferences(read.document, nothingKnown, read.locate) : read.faults;
  if (!read.ok || faults.length > 0)
    throw new Error(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return read.document;
}

export class PlannerWorld {
  document: BlueprintDocument;
  machines: Machine[] = [];
  nodes: Node[] = [];
  inspection: Inspection = sampleRelease().inspection;
  digest = sampleRelease().digest;
  destroying = false;
  /** nodes of other blueprints that are linked with components of the document */
  linked: Facts['linked'];
  /** solves integer programs, where a test wants the exact methods */
  solve: SolveProgram | undefined;
  #hosts: readonly HostSketch[];
  readonly #nextOrdinal: Record<string, number> = {};
  #seed = 0;

  constructor(document: BlueprintDocument, hosts: readonly HostSketch[]) {
    this.document = document;
    this.#hosts = hosts;
  }

  get facts(): Facts {
    const domains = Object.entries(effectiveDomains(this.document));
    const releases = Object.keys(this.document.releases);
    return {
      domains: domains.map(([name, definition]) => ({ name, definition, declaredBy: this.document.name })),
      providers: Object.keys(this.document.providers ?? {}).map((name) => ({ name, fault: null })),
      offers: this.#hosts.map((host) => this.#offerOf(host)),
      machines: this.machines,
      nodes: this.nodes,
      releases: releases.map((name) => ({ name, digest: this.digest, inspection: this.inspection })),
      ...(this.linked === undefined ? {} : { linked: this.linked }),
    };
  }

  /** What the planner says of the world as it is, with another seed each time. */
  plan(document = this.document): Planned {
    this.document = document;
    this.#seed += 1;
    const head = { nextOrdinal: this.#nextOrdinal, destroying: this.destroying };
    return makePlan(document, head, this.facts, { seed: this.#seed, solve: this.solve });
  }

  /** What the planner says of placing everything anew. */
  rebalance(request: RebalanceRequest = {}): Planned {
    this.#seed += 1;
    const head = { nextOrdinal: this.#nextOrdinal, destroying: false };
    return makePlan(this.document, head, this.facts, { seed: this.#seed, solve: this.solve, rebalance: request });
  }

  /** Does at once what a plan says. */
  take(planned: Planned): void {
    planned.steps.forEach((step) => this.#take(step));
  }

  /** Plans, and does at once what the plan says: machines are ready, nodes run, what is to go is gone. */
  apply(document = this.document): Planned {
    const planned = this.plan(document);
    planned.steps.forEach((step) => this.#take(step));
    return planned;
  }

  /** The digestible text of what plans rest on. */
  get relevant(): string {
    return relevantFacts(this.document, this.facts);
  }

  /** Other hosts, prices or rooms than before. */
  setHosts(hosts: readonly HostSketch[]): void {
    this.#hosts = hosts;
  }

  setMachine(offer: string, state: MachinePhase): void {
    this.machines = this.machines.map((machine) => (machine.offer === offer ? { ...machine, state } : machine));
  }

  setNode(name: string, state: NodePhase): void {
    this.nodes = this.nodes.map((node) => (node.name === name ? { ...node, state } : node));
  }

  #offerOf(sketch: HostSketch): Offer {
    const { domain, host, cores = 4, memoryBytes = 4 * 2 ** 30, left = 1 } = sketch;
    const provider = effectiveDomains(this.document)[domain]?.provider ?? domain;
    const id = `${domain}/${host}`;
    const taken = this.machines.filter((machine) => machine.offer === id).length;
    const own = sketch.left === undefined ? { host } : {};
    const {
      capabilities: declared = {},
      region = domain,
      zone = region,
    } = effectiveDomains(this.document)[domain] ?? {};
    return {
      id,
      provider,
      domain,
      machineType: 'host',
      attributes: {
        domain,
        provider,
        region,
        zone,
        ...own,
        cores,
        memory: memoryBytes,
        ...declared,
        ...sketch.attributes,
      },
      capacity: { cores, memoryBytes, diskFreeBytes: 2 ** 36 },
      platform: sketch.platform ?? debian12,
      addresses:
        sketch.left === undefined ? [...(sketch.addresses ?? [{ address: host, prefix: 16, scope: 'network' }])] : [],
      listening: [...(sketch.listening ?? [])],
      left: left - taken,
      pricePerHour: sketch.pricePerHour ?? null,
      fault: sketch.fault ?? null,
    };
  }

  #take(step: Step): void {
    switch (step.do) {
      case 'acquire machine':
        this.machines = [...this.machines, this.#machineOf(step)];
        break;
      case 'release machine':
        this.machines = this.machines.filter(({ token }) => token !== step.token);
        break;
      case 'add node':
        this.#nextOrdinal[step.family] = Math.max(this.#nextOrdinal[step.family] ?? 1, step.ordinal + 1);
        this.nodes = [...this.nodes, this.#nodeOf(step)];
        break;
      case 'change node':
        this.nodes = this.nodes.map((node) =>
          node.id === step.node ? { ...node, specification: step.specification } : node,
        );
        break;
      case 'remove node':
        this.nodes = this.nodes.filter(({ id }) => id !== step.node);
        break;
    }
  }

  #machineOf({ token, offer, provider, domain }: Extract<Step, { do: 'acquire machine' }>): Machine {
    const sold = this.facts.offers.find(({ id }) => id === offer);
    if (sold === undefined) throw new Error(`there is no offer ${offer}`);
    const { machineType, attributes, capacity, platform, pricePerHour } = sold;
    const nth = this.machines.length + 1;
    const addresses: NodeAddress[] =
      sold.addresses.length > 0
        ? sold.addresses
        : [{ address: `10.99.${nth >> 8}.${nth & 255}`, prefix: 16, scope: 'network' }];
    const state = { phase: 'ready', since: sampleTime } as const;
    return {
      token,
      offer,
      provider,
      domain,
      machineType,
      attributes,
      capacity,
      platform,
      addresses,
      pricePerHour,
      state,
      providerId: offer,
      access: null,
    };
  }

  #nodeOf(step: Extract<Step, { do: 'add node' }>): Node {
    const { node: id, family, ordinal, name, placement, specification, extra } = step;
    return {
      ...(extra === undefined ? {} : { extra }),
      id,
      family,
      ordinal,
      name,
      placement,
      specification,
      blueprint: this.document.name,
      desired: 'running',
      generation: 1,
      state: { phase: 'running', since: sampleTime, process: sampleProcess },
      startedGeneration: 1,
      failures: 0,
      createdAt: sampleTime,
    };
  }
}
