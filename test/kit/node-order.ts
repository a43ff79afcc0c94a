/** A node order for tests of hosts. */
import type { Inspection } from '../../src/model/release.ts';
import type { NodeSpecification, Placement } from '../../src/model/node.ts';
import type { NodeOrder } from '../../src/host/host.ts';

export interface OrderOverrides {
  readonly id?: string;
  readonly name?: string;
  readonly cookie?: string;
  readonly placement?: Partial<Placement>;
  readonly specification?: Partial<NodeSpecification>;
  readonly inspection?: Partial<Inspection>;
}

/** Order for `colony-1` of the ants, with what the test changes. */
export function orderOf(more: OrderOverrides = {}): NodeOrder {
  return {
    id: more.id ?? 'n-1',
    name: more.name ?? 'colony-1@127.0.0.1',
    cookie: more.cookie ?? 'cookie-canary-5531',
    placement: { ...placement, ...more.placement },
    specification: { ...specification, ...more.specification },
    inspection: { ...inspection, ...more.inspection },
  };
}

const placement: Placement = {
  provider: 'here',
  domain: 'here',
  machine: 'm-1',
  listen: '127.0.0.1',
  advertised: '127.0.0.1',
  port: 24_371,
  cores: 1,
};

const specification: NodeSpecification = {
  release: 'ants',
  digest: `sha256:${'a'.repeat(64)}`,
  config: {},
  mesh: 'full',
  component: 'colony',
  epmdPort: 24_369,
  beforeStop: null,
  stopSeconds: 30,
  bootSeconds: 60,
};

const inspection: Inspection = {
  kind: 'systools',
  name: 'ants',
  version: '1.0.0',
  erts: '13.1.5',
  ertsIncluded: true,
  otp: '25',
  applications: [],
  native: null,
  boot: 'releases/1.0.0/start',
  vmArgs: 'releases/1.0.0/vm.args',
  sysConfig: 'releases/1.0.0/sys.config',
  epmd: 'erts-13.1.5/bin/epmd',
  leftOut: [],
  upgrades: { applications: [], release: null },
  files: 1,
  unpackedBytes: 1,
};
