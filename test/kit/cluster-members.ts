/** Builders of what the cluster room is asked about: nodes, members of a proof, views. */
import type { NodeView, ProofMember } from '../../src/cluster/cluster.ts';
import type { Node } from '../../src/model/node.ts';
import type { Inspection } from '../../src/model/release.ts';
import type { Edge } from '../../src/model/topology.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const moment = '2026-01-01T00:00:00.000Z';

/** A running node of that Erlang name, e.g. `colony-1@127.0.0.1`; its id is the name before the @. */
export function aNode(name: string, with_: Partial<Node> = {}): Node {
  const [id = name, advertised = '127.0.0.1'] = name.split('@');
  return {
    id,
    blueprint: 'ants',
    family: id.split('-')[0] ?? id,
    ordinal: Number(id.split('-')[1] ?? 1),
    name,
    desired: 'running',
    generation: 1,
    placement: {
      provider: 'here',
      domain: 'here',
      machine: 'm-1',
      listen: advertised,
      advertised,
      port: 9100,
      cores: 1,
    },
    specification: {
      release: 'ants',
      digest,
      config: {},
      mesh: 'full',
      component: 'colony',
      epmdPort: 4369,
      beforeStop: null,
      stopSeconds: 30,
      bootSeconds: 60,
    },
    state: { phase: 'running', since: moment, process: { pid: 100, startTime: '1', bootId: 'boot' } },
    startedGeneration: 1,
    failures: 0,
    createdAt: moment,
    ...with_,
  };
}

/** What was found in the release `ants 1.0.0`, which runs one application besides kernel and stdlib. */
export const antsInspection: Inspection = {
  kind: 'systools',
  name: 'ants',
  version: '1.0.0',
  erts: '13.1.5',
  ertsIncluded: true,
  otp: '25',
  applications: [
    { name: 'kernel', version: '8.5.3', start: 'permanent' },
    { name: 'stdlib', version: '4.2', start: 'permanent' },
    { name: 'ants', version: '1.0.0', start: 'permanent' },
    { name: 'crypto', version: '5.1.2', start: 'none' },
    { name: 'runtime_tools', version: '1.19', start: 'load' },
  ],
  native: null,
  boot: 'releases/1.0.0/start',
  vmArgs: null,
  sysConfig: null,
  epmd: 'erts-13.1.5/bin/epmd',
  leftOut: [],
  upgrades: { applications: [], release: null },
  files: 1,
  unpackedBytes: 1,
};

/** A member of a proof that runs `ants 1.0.0`. */
export function aMember(name: string, inspection: Inspection = antsInspection): ProofMember {
  return { node: aNode(name), inspection };
}

/** What a healthy node that runs `ants 1.0.0` and sees those others says of itself. */
export function aView(name: string, visible: readonly string[], with_: Partial<NodeView> = {}): NodeView {
  return {
    name,
    visible,
    hidden: [],
    release: ['ants', '1.0.0'],
    applications: new Map([
      ['kernel', '8.5.3'],
      ['stdlib', '4.2'],
      ['ants', '1.0.0'],
    ]),
    pid: 100,
    ...with_,
  };
}

/** Every pair of the names, each in alphabetical order. */
export function fullMesh(names: readonly string[]): Edge[] {
  const sorted = [...names].sort();
  return sorted.flatMap((a, at) => sorted.slice(at + 1).map((b): Edge => [a, b]));
}
