/** What the planner does, told as stories: a world, a blueprint, what happens; the golden file says what must come of it. */
import { describe, expect, test } from 'vitest';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Planned } from '../../src/model/plan.ts';
import { planStory } from '../kit/plan-story.ts';
import { debian12, documentOf, localAddresses, PlannerWorld } from '../kit/planner-world.ts';
import type { HostSketch } from '../kit/planner-world.ts';
import { sampleMachine, sampleNode, sampleTime } from '../kit/records.ts';

const here: HostSketch = { domain: 'here', host: 'laptop', cores: 2, addresses: localAddresses('10.78.0.1') };
const racks: HostSketch[] = ['10.78.0.11', '10.78.0.12', '10.78.0.13'].map((host) => ({
  domain: 'lab',
  host,
  cores: 2,
}));

const hostKey = `"SHA256:${'A'.repeat(43)}"`;
const providers = `
  here: { kind: local }
  lab:
    kind: ssh
    key: secret://file/lab.key
    hosts: [${racks.map(({ host }) => `{ address: ${host}, user: erl, hostKey: ${hostKey} }`).join(', ')}]`;

/** The blueprint of the demo; `colony` holds the lines that differ from story to story. */
function ants(colony: string, declared = providers): BlueprintDocument {
  return documentOf(`
wombat: 1
name: ants
providers:${declared}
releases: { ants: { file: ./ants.tar.gz } }
families:
  master: { release: ants, nodes: 1 }
  colony:
    release: ants
    ${colony}
    bootstrap: { with: { master: { select: all, action: { join: { on: new, call: "ants_colony:join(Peer)" } } } } }
`);
}

/** Collects what a story tells. */
class Teller {
  #text = '';

  tell(title: string, planned: Planned): void {
    this.#text += `${this.#text === '' ? '' : '\n'}${planStory(title, planned)}`;
  }

  async ends(golden: string): Promise<void> {
    await expect(this.#text).toMatchFileSnapshot(`golden/${golden}.txt`);
  }
}

describe('stories', () => {
  test('a link to another blueprint', async () => {
    const teller = new Teller();
    const document = (nodes: number) =>
      documentOf(`
wombat: 1
name: metrics
providers: { here: { kind: local } }
domains: { here: { provider: here } }
releases: { app: { file: a.tgz } }
families: { collector: { release: app, nodes: ${nodes}, demands: ["domain = here"] } }
`);
    const world = new PlannerWorld(document(1), [here]);
    teller.tell('a collector alone on this machine', world.apply());
    const gateway = sampleNode(1, {
      ...{ id: 'shop-1', blueprint: 'shop', family: 'gateway', name: 'gateway-1@10.78.0.11' },
      placement: { ...sampleNode(1).placement, machine: 'm-rack', domain: 'lab', advertised: '10.78.0.11' },
    });
    world.nodes = [...world.nodes, gateway];
    world.machines = [
      ...world.machines,
      sampleMachine('m-rack', { domain: 'lab', attributes: { host: '10.78.0.11' } }),
    ];
    world.linked = { collector: [{ node: gateway.id, to: false }] };
    teller.tell('a gateway elsewhere links to it: new ones can be dialled, the old one stays', world.plan(document(2)));
    world.linked = { collector: [{ node: gateway.id, to: true }] };
    teller.tell(
      'it links to that gateway itself: it must be known by an address of the network',
      world.plan(document(1)),
    );
    await teller.ends('linked');
  });

  test('one local family', async () => {
    const teller = new Teller();
    const document = documentOf(
      '{ wombat: 1, name: solo, providers: { here: { kind: local } }, releases: { app: { file: a.tgz } }, families: { app: { release: app, nodes: 2 } } }',
    );
    const world = new PlannerWorld(document, [here]);
    teller.tell('two nodes on this machine stay on loopback', world.apply());
    teller.tell('again', world.plan());
    world.destroying = true;
    teller.tell('destroy', world.apply());
    teller.tell('destroy, once the nodes are gone', world.apply());
    await teller.ends('one-local-family');
  });

  test('ants on this machine and three SSH hosts, up and down', async () => {
    const teller = new Teller();
    const world = new PlannerWorld(ants('nodes: 6'), [here, ...racks]);
    teller.tell('first', world.apply());
    teller.tell('again', world.plan());
    teller.tell('colony scaled up to 8', world.apply(ants('nodes: 8')));
    teller.tell('colony scaled down to 4', world.apply(ants('nodes: 4')));
    teller.tell('up again: ordinals are never used twice', world.apply(ants('nodes: 5')));
    teller.tell('another configuration', world.apply(ants('nodes: 5\n    config: { env: { TOUR: "1" } }')));
    await teller.ends('ants');
  });

  test('another version where none may be missing: one more stands in, and goes again', async () => {
    const teller = new Teller();
    const update = 'update: { minRunning: 3 }';
    const changed = `nodes: 3\n    ${update}\n    config: { env: { TOUR: "1" } }`;
    const world = new PlannerWorld(ants(`nodes: 3\n    ${update}`), [here, ...racks]);
    teller.tell('first', world.apply());
    teller.tell('another configuration', world.apply(ants(changed)));
    teller.tell('once all have it', world.apply());
    teller.tell('again', world.plan());
    const apart = `${changed.replace('"1"', '"2"')}\n    place: { apart: host, most: { host: 1 } }`;
    const full = new PlannerWorld(ants(apart.replace('"2"', '"1"')), [here, ...racks.slice(0, 2)]);
    full.apply();
    teller.tell('there is no room for one more', full.plan(ants(apart)));
    await teller.ends('one-more');
  });

  test('from this machine alone to several: loopback is outgrown', async () => {
    const teller = new Teller();
    const world = new PlannerWorld(ants('nodes: 1', '\n  here: { kind: local }'), [here, ...racks]);
    teller.tell('this machine alone', world.apply());
    teller.tell('with hosts added', world.apply(ants('nodes: 2')));
    teller.tell('again', world.plan());
    await teller.ends('loopback-outgrown');
  });

  test('a host is lost and comes back', async () => {
    const teller = new Teller();
    const world = new PlannerWorld(ants('nodes: 3\n    place: { apart: host }'), [here, ...racks]);
    teller.tell('first', world.apply());
    world.setMachine('lab/10.78.0.11', { phase: 'unreachable', since: sampleTime, why: 'no answer' });
    teller.tell('out of reach: its nodes are waited for', world.plan());
    world.setMachine('lab/10.78.0.11', { phase: 'lost', since: sampleTime, why: 'no answer for 60 s' });
    teller.tell('lost', world.apply());
    teller.tell('its machine is given back', world.apply());
    world.setMachine('lab/10.78.0.12', { phase: 'lost', since: sampleTime, why: 'no answer for 60 s' });
    world.setMachine('lab/10.78.0.13', { phase: 'lost', since: sampleTime, why: 'no answer for 60 s' });
    teller.tell('two more are lost, the first is back', world.plan());
    await teller.ends('host-lost');
  });

  test('demands that nothing meets', async () => {
    const teller = new Teller();
    const world = new PlannerWorld(ants('nodes: 2\n    demands: ["memory >= 64G"]'), [here, ...racks]);
    teller.tell('no host is so large', world.plan());
    teller.tell(
      'each is large enough, but not for so many',
      world.plan(ants('nodes: 6\n    demands: ["memory >= 3G"]')),
    );
    teller.tell('more than there are hosts, apart', world.plan(ants('nodes: 5\n    place: { apart: host }')));
    const taken = Array.from({ length: 900 }, (_, at) => 9100 + at);
    const full = new PlannerWorld(ants('nodes: 1', '\n  here: { kind: local }'), [{ ...here, listening: taken }]);
    teller.tell('no port is free', full.plan());
    await teller.ends('unsatisfiable');
  });

  test('hosts that cannot be used', async () => {
    const teller = new Teller();
    const [one, two, three] = racks as [HostSketch, HostSketch, HostSketch];
    const silent = { ...one, fault: { code: 'unavailable', why: 'connect ECONNREFUSED' } };
    const refused = { ...two, fault: { code: 'denied', why: 'the host key is another one' } };
    const apart = ants('nodes: 4\n    place: { apart: host }');
    teller.tell('one is out of reach', new PlannerWorld(apart, [here, silent, two, three]).plan());
    teller.tell('one refuses us', new PlannerWorld(apart, [here, one, refused, three]).plan());
    teller.tell(
      'one is out of reach, but is not needed',
      new PlannerWorld(ants('nodes: 2'), [here, silent, two, three]).plan(),
    );
    await teller.ends('hosts-out-of-reach');
  });

  test('a release for another architecture', async () => {
    const teller = new Teller();
    const arm: HostSketch = { domain: 'lab', host: '10.78.0.11', platform: { ...debian12, arch: 'aarch64' } };
    const old: HostSketch = {
      domain: 'lab',
      host: '10.78.0.12',
      platform: { ...debian12, libc: { kind: 'glibc', version: '2.31' } },
    };
    const bare: HostSketch = { domain: 'lab', host: '10.78.0.13', platform: { ...debian12, libraries: ['libc.so.6'] } };
    const native = { arch: 'x86_64', libc: 'glibc', glibc: '2.34', libraries: ['libc.so.6', 'libtinfo.so.6'] };
    const world = new PlannerWorld(ants('nodes: 2'), [arm, old, bare]);
    world.inspection = { ...world.inspection, native };
    teller.tell('no host can run it', world.plan());
    const mixed = new PlannerWorld(ants('nodes: 2'), [arm, { domain: 'lab', host: '10.78.0.12' }]);
    mixed.inspection = { ...mixed.inspection, native };
    teller.tell('one can', mixed.plan());
    await teller.ends('wrong-architecture');
  });

  test('families that cannot reach each other are kept where they can', async () => {
    const teller = new Teller();
    const split = `${providers}
domains:
  here: { provider: here, network: home }
  lab: { provider: lab, network: rack, capabilities: { tier: gold } }`;
    const hosts = [here, ...racks];
    teller.tell(
      'the master would be at home, were the colony not in the rack',
      new PlannerWorld(ants('nodes: 2\n    demands: ["tier = gold"]', split), hosts).plan(),
    );
    const loopback: HostSketch = {
      domain: 'here',
      host: 'laptop',
      addresses: [{ address: '127.0.0.1', prefix: 8, scope: 'loopback' }],
    };
    teller.tell(
      'a machine without any address to dial is left alone',
      new PlannerWorld(ants('nodes: 2\n    place: { apart: host }'), [loopback, ...racks]).plan(),
    );
    await teller.ends('reach');
  });

  test('preferences, spreading and packing', async () => {
    const teller = new Teller();
    const gold = racks.map((host, at) => (at === 2 ? { ...host, attributes: { tier: 'gold' } } : host));
    const tiers = `${providers}\ndomains:\n  lab: { provider: lab, capabilities: { tier: tin } }`;
    const plan = (colony: string) => new PlannerWorld(ants(colony, tiers), [here, ...gold]).plan();
    teller.tell(
      'gold is worth two nodes of unevenness',
      plan('nodes: 5\n    prefer: [{ that: "tier = gold", weight: 20 }]'),
    );
    teller.tell(
      'as few hosts as will do',
      plan('nodes: 3\n    place: { consolidate: host }\n    demands: ["memory >= 2G"]'),
    );
    teller.tell('evenly over providers', plan('nodes: 4\n    place: { spread: { over: provider } }'));
    teller.tell('near the master', plan('nodes: 3\n    place: { near: { family: master, within: host } }'));
    const large = [here, ...racks.map((host, at) => (at === 2 ? { ...host, memoryBytes: 2 ** 33 } : host))];
    const together = ants('nodes: 3\n    place: { together: host }\n    demands: ["memory >= 2G"]');
    teller.tell('together on the one host where all have room', new PlannerWorld(together, large).plan());
    await teller.ends('preferences');
  });

  test('machines that get their address when they are made', async () => {
    const teller = new Teller();
    const document = documentOf(
      '{ wombat: 1, name: sim, providers: { sky: { kind: memory } }, releases: { app: { file: a.tgz } }, families: { app: { release: app, nodes: 2 } } }',
    );
    const world = new PlannerWorld(document, [{ domain: 'sky', host: 'small', left: 10, pricePerHour: 0.25 }]);
    teller.tell('planned before the machines are there', world.apply());
    teller.tell('named once they are', world.apply());
    teller.tell('again', world.plan());
    await teller.ends('addresses-later');
  });
});
