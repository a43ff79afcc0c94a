import type { Replica } from '../../src/model/replica.ts';
/** Records for tests: one whole value of each kind, and what makes variations of them. */
import type { KeptToken } from '../../src/model/access.ts';
import type { Domain } from '../../src/model/domain.ts';
import type { Machine } from '../../src/model/machine.ts';
import type { Node, NodePhase } from '../../src/model/node.ts';
import type { OfferSheet } from '../../src/model/offer-sheet.ts';
import type { Offer } from '../../src/model/machine.ts';
import type { KeptOperation } from '../../src/model/operation.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Provider } from '../../src/model/provider.ts';
import type { Release } from '../../src/model/release.ts';
import type { BlueprintDocument, Revision } from '../../src/model/blueprint.ts';
import type { Head } from '../../src/model/head.ts';
import type { Alarm, Leftover, Stray } from '../../src/model/sweep.ts';
import type { NodeProgress, Quarantine, Rollout } from '../../src/model/rollout.ts';
import { proofSubject } from '../../src/model/topology.ts';
import type { CookieRotation } from '../../src/model/rotation.ts';
import type { Proof, Run } from '../../src/model/topology.ts';

/** The moment at which all samples were made. */
export const sampleTime = '2026-05-01T12:00:00.000Z';

/** Digest of the sample release. */
export const sampleDigest = `sha256:${'a'.repeat(64)}`;

/** A process that a sample node may have. */
export const sampleProcess = { pid: 4711, startTime: '99', bootId: 'boot' };

/** A blueprint with one family, `colony`, of so many nodes. */
export function sampleDocument(name = 'ants', nodes = 2): BlueprintDocument {
  return {
    wombat: 1,
    name,
    releases: { ants: { digest: sampleDigest } },
    families: { colony: { release: 'ants', nodes } },
  };
}

export function sampleHead(over: Partial<Head> = {}): Head {
  return { name: 'ants', revision: 1, plan: 'p-1', destroying: false, nextOrdinal: {}, stuck: null, ...over };
}

export function sampleRevision(document = sampleDocument(), number = 1): Revision {
  return { blueprint: document.name, number, document, createdAt: sampleTime, cause: 'apply' };
}

/** A running node of the family `colony` of `ants`, named after its ordinal. */
export function sampleNode(ordinal: number, over: Partial<Node> = {}): Node {
  return {
    id: `n-${ordinal}`,
    blueprint: 'ants',
    family: 'colony',
    ordinal,
    name: `colony-${ordinal}@127.0.0.1`,
    desired: 'running',
    generation: 1,
    placement: {
      provider: 'here',
      domain: 'here',
      machine: 'm-1',
      listen: '127.0.0.1',
      advertised: '127.0.0.1',
      port: 9100 + ordinal,
      cores: 1,
    },
    specification: {
      component: 'colony',
      release: 'ants',
      digest: sampleDigest,
      config: {},
      mesh: 'full',
      epmdPort: 4369,
      beforeStop: null,
      stopSeconds: 30,
      bootSeconds: 60,
    },
    state: { phase: 'running', since: sampleTime, process: sampleProcess },
    startedGeneration: 1,
    failures: 0,
    createdAt: sampleTime,
    ...over,
  };
}

/** The phase of a node that failed. */
export function failedPhase(why: string): NodePhase {
  return { phase: 'failed', since: sampleTime, why, log: ['{init terminating}'], retryAt: sampleTime };
}

export function sampleMachine(token: string, over: Partial<Machine> = {}): Machine {
  return {
    token,
    provider: 'here',
    domain: 'here',
    offer: 'here/this machine',
    machineType: 'this machine',
    providerId: 'this machine',
    access: { method: 'local', directory: 'hosts' },
    attributes: { cores: 2 },
    capacity: { cores: 2, memoryBytes: 2 ** 32, diskFreeBytes: 2 ** 34 },
    platform: null,
    addresses: [{ address: '127.0.0.1', prefix: 8, scope: 'loopback' }],
    pricePerHour: null,
    state: { phase: 'ready', since: sampleTime },
    ...over,
  };
}

export function sampleProvider(name = 'here', over: Partial<Provider> = {}): Provider {
  return { name, definition: { kind: 'local' }, declaredBy: null, ...over };
}

export function sampleDomain(name = 'here', over: Partial<Domain> = {}): Domain {
  return { name, definition: { provider: name }, declaredBy: null, ...over };
}

export function sampleOffer(over: Partial<Offer> = {}): Offer {
  return {
    id: 'here/this machine',
    provider: 'here',
    domain: 'here',
    machineType: 'this machine',
    attributes: { cores: 2 },
    capacity: { cores: 2, memoryBytes: 2 ** 32, diskFreeBytes: 2 ** 34 },
    platform: null,
    addresses: [],
    listening: [],
    left: 1,
    pricePerHour: null,
    fault: null,
    ...over,
  };
}

export function sampleOffers(provider = 'here'): OfferSheet {
  return { provider, at: sampleTime, offers: [sampleOffer({ provider })], fault: null };
}

export function sampleRelease(over: Partial<Release> = {}): Release {
  return {
    digest: sampleDigest,
    name: 'ants',
    version: '1.0.0',
    bytes: 1000,
    uploadedAt: sampleTime,
    inspection: {
      kind: 'systools',
      name: 'ants',
      version: '1.0.0',
      erts: '13.1.5',
      ertsIncluded: true,
      otp: '25',
      applications: [{ name: 'ants', version: '1.0.0', start: 'permanent' }],
      native: null,
      boot: 'releases/1.0.0/start',
      vmArgs: null,
      sysConfig: null,
      epmd: 'erts-13.1.5/bin/epmd',
      leftOut: [],
      upgrades: { applications: [], release: null },
      files: 10,
      unpackedBytes: 5000,
    },
    ...over,
  };
}

export function samplePlan(id: string, over: Partial<Plan> = {}): Plan {
  return {
    id,
    blueprint: 'ants',
    parent: null,
    revision: 1,
    document: sampleDocument(),
    cause: 'apply',
    facts: 'facts',
    steps: [],
    report: { rejections: [], shortages: [], warnings: [] },
    createdAt: sampleTime,
    costBefore: null,
    costAfter: null,
    ...over,
  };
}

/** An apply of `ants` that runs. */
export function sampleOperation(id: string, over: Partial<KeptOperation> = {}): KeptOperation {
  return {
    id,
    kind: 'apply',
    cause: 'apply',
    blueprint: 'ants',
    family: null,
    node: null,
    revision: 1,
    former: 0,
    by: 'first',
    begun: sampleTime,
    ended: null,
    deadline: '2026-05-01T13:00:00.000Z',
    rollBack: false,
    state: 'running',
    words: '',
    undoes: null,
    followedBy: null,
    tasks: null,
    ...over,
  };
}

export function sampleRun(id: string, over: Partial<Run> = {}): Run {
  return {
    id,
    blueprint: 'ants',
    family: 'colony',
    node: 'n-2',
    nodeName: 'colony-2@127.0.0.1',
    peer: 'n-1',
    peerName: 'colony-1@127.0.0.1',
    strategy: 'within',
    step: 'join',
    outcome: 'done',
    words: 'true',
    incarnation: 'boot/4711/99',
    peerIncarnation: 'boot/4710/98',
    edge: ['colony-1@127.0.0.1', 'colony-2@127.0.0.1'],
    at: sampleTime,
    ...over,
  };
}

/** A proof of so many nodes in a full mesh. */
export function sampleProof(nodes: number, over: Partial<Proof> = {}): Proof {
  const edges = (nodes * (nodes - 1)) / 2;
  return {
    blueprint: 'ants',
    at: sampleTime,
    subject: 'subject',
    nodesExpected: nodes,
    nodesSeen: nodes,
    edgesExpected: edges,
    edgesSeen: edges,
    extraEdges: 0,
    hidden: [],
    ok: true,
    verdict: `mesh ${nodes}/${nodes} nodes, ${edges}/${edges} edges, 0 extra`,
    faults: [],
    ...over,
  };
}

/** A rollout of `colony` that has just begun. */
export function sampleRollout(over: Partial<Rollout> = {}): Rollout {
  return {
    blueprint: 'ants',
    family: 'colony',
    revision: 2,
    former: 1,
    version: 'v2',
    state: 'rolling',
    why: null,
    returned: null,
    startedAt: sampleTime,
    endedAt: null,
    nodes: {},
    doubtful: [],
    ...over,
  };
}

/** A node of a rollout that waits before the gate `healthy`, since the sample time. */
export function sampleProgress(over: Partial<NodeProgress> = {}): NodeProgress {
  const process = { incarnation: 'boot:4711:99', generation: 1, deaths: 0 };
  const healthy = { gate: 'healthy', words: 'for 5 s', healthySince: sampleTime } as const;
  return { name: 'colony-2@127.0.0.1', at: sampleTime, ...healthy, ...process, ...over };
}

export function sampleQuarantine(over: Partial<Quarantine> = {}): Quarantine {
  const what = { blueprint: 'ants', family: 'colony', version: 'v2', digest: sampleDigest, release: 'ants@1.0.0' };
  return { ...what, revision: 2, why: 'colony-1@127.0.0.1 has died 2 times', at: sampleTime, ...over };
}

/** A machine of ours that is on no record. */
export function sampleStray(over: Partial<Stray> = {}): Stray {
  const seen = { firstSeen: sampleTime, seenMs: 15_000, askedBy: null, failed: null };
  const what = { provider: 'here', kind: 'machine', id: 'i-9', token: 'm-9', where: 'north' } as const;
  return { ...what, words: 'no record of order m-9', ...seen, ...over };
}

/** A machine that was given up. */
export function sampleLeftover(over: Partial<Leftover> = {}): Leftover {
  const what = { provider: 'here', kind: 'machine', id: 'm-8', providerId: 'i-8', name: 'wombat-m-8' } as const;
  return { ...what, blueprint: 'ants', at: sampleTime, words: 'the provider does not answer', ...over };
}

/** The brake of repairs at a provider. */
export function sampleAlarm(over: Partial<Alarm> = {}): Alarm {
  const which = { brake: 'repair', about: 'provider', name: 'here' } as const;
  return {
    ...which,
    since: sampleTime,
    words: '3 of 4 machines',
    next: 'wombat repair here',
    releasedBy: null,
    ...over,
  };
}

/** The proof that these running nodes are one full mesh. */
export function sampleProofOf(nodes: readonly Node[]): Proof {
  return sampleProof(nodes.length, { subject: proofSubject(nodes) });
}

/** A token that may operate everything; nobody has its value. */
export function sampleToken(name: string, over: Partial<KeptToken> = {}): KeptToken {
  const limits = { role: 'operate', blueprints: null, expiresAt: null } as const;
  return { name, ...limits, createdAt: sampleTime, digest: 'a'.repeat(64), ...over };
}

/** The rotation of the sample blueprint's cookie, under way. */
export function sampleRotation(over: Partial<CookieRotation> = {}): CookieRotation {
  return {
    what: 'cookie',
    secret: 'ants cookie://colony',
    blueprint: 'ants',
    component: 'colony',
    switched: ['boot:4711:99'],
    since: sampleTime,
    begun: true,
    words: 'waits for colony-2@127.0.0.1: no answer',
    ...over,
  };
}

/** A control plane among others. */
export function sampleReplica(number: number): Replica {
  return {
    ...{ number, url: `http://127.0.0.1:${4680 + number}`, since: '2026-05-01T12:00:00.000Z', state: 'there' },
    ...{ isSelf: number === 1, shares: ['blueprint ants', 'provider here'] },
  };
}
