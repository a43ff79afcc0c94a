import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentOf, PlannerWorld } from '../../test/kit/planner-world.ts';
import type { HostSketch } from '../../test/kit/planner-world.ts';
import { failedPhase, sampleTime } from '../../test/kit/records.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Planned } from '../model/plan.ts';
import { needsOf } from './need.ts';

const gib = 2 ** 30;

/** A world drawn at random: a few hosts in two domains, two linked families with rules. */
interface Drawn {
  readonly hosts: readonly HostSketch[];
  readonly sizes: readonly [number, number];
  readonly memory: number;
  readonly place: string;
  readonly prefer: string;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  hosts: fc
    .array(
      fc.record({
        domain: fc.constantFrom('one', 'two'),
        memoryBytes: fc.constantFrom(gib, 2 * gib, 8 * gib),
        tier: fc.constantFrom('gold', 'tin'),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((sketches) =>
      sketches.map(({ domain, memoryBytes, tier }, at) => ({
        domain,
        memoryBytes,
        host: `10.0.0.${at + 1}`,
        attributes: { tier },
      })),
    ),
  sizes: fc.tuple(fc.nat(4), fc.nat(12)),
  memory: fc.constantFrom(0, 1, 2),
  place: fc.constantFrom(
    '{}',
    '{ apart: host }',
    '{ together: provider }',
    '{ near: { family: first, within: host } }',
    '{ spread: { over: provider } }',
    '{ consolidate: host }',
  ),
  prefer: fc.constantFrom('[]', '[{ that: "tier = gold", weight: 50 }]', '[{ that: "tier = tin", weight: -30 }]'),
});

/** The document of a drawn world; ports are scarce: three a host. */
function drawnDocument({ sizes, memory, place, prefer }: Drawn, second = sizes[1]): BlueprintDocument {
  const demands = memory === 0 ? '[]' : `["memory >= ${memory}G"]`;
  return documentOf(`
wombat: 1
name: drawn
providers: { p: { kind: memory }, q: { kind: memory } }
domains:
  one: { provider: p, ports: 9100-9102, capabilities: { tier: none } }
  two: { provider: q, ports: 9200-9202 }
releases: { app: { file: a.tgz } }
families:
  first: { release: app, nodes: ${sizes[0]} }
  second:
    release: app
    nodes: ${second}
    demands: ${demands}
    place: ${place}
    prefer: ${prefer}
    bootstrap: { with: { first: { select: all, action: none } } }
`);
}

const adds = ({ steps }: Planned) => steps.flatMap((step) => (step.do === 'add node' ? [step] : []));

describe('for any world', () => {
  test('every node has a place or a reason, and what is hard holds', () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const world = new PlannerWorld(drawnDocument(one), one.hosts);
        const planned = world.apply();
        const missing = planned.report.shortages.reduce((sum, { wanted, placed }) => sum + wanted - placed, 0);
        expect(adds(planned).length + missing).toBe(one.sizes[0] + one.sizes[1]);
        expect(planned.report.shortages.every(({ why }) => why.length > 0)).toBe(true);
        checkHard(world, one);
      }),
      { numRuns: 300 },
    );
  });

  test('planning again changes nothing', () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const world = new PlannerWorld(drawnDocument(one), one.hosts);
        world.apply();
        expect(world.plan().steps).toEqual([]);
      }),
    );
  });

  test('one node more moves none, one less removes one', () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const world = new PlannerWorld(drawnDocument(one), one.hosts);
        if (world.apply().report.shortages.length > 0) return;
        const more = world.apply(drawnDocument(one, one.sizes[1] + 1));
        const kinds = more.steps.map((step) => step.do).filter((what) => what !== 'acquire machine');
        expect(kinds.filter((what) => what !== 'add node')).toEqual([]);
        if (more.report.shortages.length > 0) return;
        const less = world.plan(drawnDocument(one, one.sizes[1]));
        expect(less.steps.map((step) => step.do)).toEqual(['remove node']);
      }),
    );
  });

  test.each([
    ['lost', { phase: 'lost', since: sampleTime, why: 'gone' }],
    ['refused for long', { phase: 'wanted', why: 'busy', excludes: { what: 'domain', code: 'unavailable' } }],
  ] as const)('a domain that is %s moves only what was there', (_what, state) => {
    let moved = 0;
    fc.assert(
      fc.property(drawn, (one) => {
        const world = new PlannerWorld(drawnDocument(one), one.hosts);
        world.apply();
        const there = new Set(world.nodes.filter(({ placement }) => placement.domain === 'one').map(({ id }) => id));
        for (const { offer, domain } of world.machines) if (domain === 'one') world.setMachine(offer, state);
        const fault = { code: 'unavailable', why: 'it is gone' };
        world.setHosts(one.hosts.map((host) => (host.domain === 'one' ? { ...host, fault } : host)));
        const planned = world.plan();
        for (const step of planned.steps) if (step.do === 'remove node') expect(there).toContain(step.node);
        for (const { replaces, placement } of adds(planned)) {
          expect(placement.domain).toBe('two');
          if (replaces !== null) expect(there).toContain(replaces);
        }
        moved += adds(planned).length;
      }),
    );
    expect(moved).toBeGreaterThan(0);
  });

  test('the same question has the same answer, whatever the order of the facts', () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const plan = (hosts: readonly HostSketch[]) => new PlannerWorld(drawnDocument(one), hosts).plan();
        expect(plan([...one.hosts].reverse()).steps).toEqual(plan(one.hosts).steps);
      }),
    );
  });

  test('the facts that a plan rests on do not change by applying it twice or by time', () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const world = new PlannerWorld(drawnDocument(one), one.hosts);
        world.apply();
        const before = world.relevant;
        for (const { name } of world.nodes) world.setNode(name, failedPhase('killed'));
        for (const { offer } of world.machines)
          world.setMachine(offer, { phase: 'booting', since: sampleTime, hostKey: null });
        expect(world.relevant).toBe(before);
      }),
    );
  });
});

/** No port twice, no memory promised twice, no demand broken, no node of an apart family beside another. */
function checkHard(world: PlannerWorld, { memory, place }: Drawn): void {
  const ports = world.nodes.map(({ placement }) => `${placement.machine}:${placement.port}`);
  expect(new Set(ports).size).toBe(ports.length);
  const names = world.nodes.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const machine of world.machines) {
    const here = world.nodes.filter(
      ({ placement, family }) => placement.machine === machine.token && family === 'second',
    );
    expect(here.length * memory * gib).toBeLessThanOrEqual(machine.capacity.memoryBytes);
    if (place.includes('apart')) expect(here.length).toBeLessThanOrEqual(1);
    if (place.includes('near') && here.length > 0)
      expect(
        world.nodes.some(({ family, placement }) => family === 'first' && placement.machine === machine.token),
      ).toBe(true);
  }
  const providers = new Set(
    world.nodes.filter(({ family }) => family === 'second').map(({ placement }) => placement.provider),
  );
  if (place.includes('together')) expect(providers.size).toBeLessThanOrEqual(1);
}

const plain: Drawn = { hosts: [], sizes: [0, 3], memory: 0, place: '{}', prefer: '[]' };
const threeHosts: HostSketch[] = [1, 2, 3].map((at) => ({ domain: 'one', host: `10.0.0.${at}` }));

describe('what goes first when there are too many', () => {
  test('a node that failed goes before one with a higher ordinal', () => {
    const world = new PlannerWorld(drawnDocument(plain), threeHosts);
    world.apply();
    world.setNode('second-1@10.0.0.1', failedPhase('it crashed'));
    expect(world.plan(drawnDocument(plain, 2)).steps).toMatchObject([{ do: 'remove node', name: 'second-1@10.0.0.1' }]);
  });

  test('a node on a lost machine goes, and no other takes its part', () => {
    const world = new PlannerWorld(drawnDocument(plain), threeHosts);
    world.apply();
    world.setMachine('one/10.0.0.2', { phase: 'lost', since: sampleTime, why: 'gone' });
    expect(world.plan(drawnDocument(plain, 2)).steps).toMatchObject([{ do: 'remove node', name: 'second-2@10.0.0.2' }]);
  });
});

describe('machines', () => {
  test('one that bears a node of another blueprint is never given back', () => {
    const world = new PlannerWorld(drawnDocument(plain), threeHosts);
    world.apply();
    world.nodes = world.nodes.slice(0, 1).map((node) => ({ ...node, blueprint: 'another' }));
    const { steps } = world.plan(drawnDocument(plain, 0));
    const kept = world.nodes[0]?.placement.machine;
    const released = steps.flatMap((step) => (step.do === 'release machine' ? [step.token] : []));
    expect(released).toHaveLength(2);
    expect(released).not.toContain(kept);
  });

  test('one that is to be used again is not given back', () => {
    const world = new PlannerWorld(drawnDocument(plain), threeHosts);
    world.apply();
    world.nodes = [];
    expect(new Set(world.plan().steps.map((step) => step.do))).toEqual(new Set(['add node']));
  });

  test('ports that something else listens on are left alone', () => {
    const busy = threeHosts.slice(0, 1).map((host) => ({ ...host, listening: [9100] }));
    const planned = new PlannerWorld(drawnDocument({ ...plain, sizes: [0, 2] }), busy).plan();
    expect(adds(planned).map(({ placement }) => placement.port)).toEqual([9101, 9102]);
  });
});

test('a node whose machine no longer meets its demands goes elsewhere, free disk aside', () => {
  const world = new PlannerWorld(drawnDocument({ ...plain, sizes: [0, 1] }), threeHosts.slice(0, 2));
  world.apply();
  world.machines = world.machines.map((machine) => ({
    ...machine,
    attributes: { ...machine.attributes, memory: gib },
  }));
  const planned = world.plan(drawnDocument({ ...plain, sizes: [0, 1], memory: 2 }));
  expect(planned.steps.map((step) => step.do)).toEqual(['acquire machine', 'add node', 'remove node']);
  expect(adds(planned)[0]).toMatchObject({
    replaces: world.nodes[0]?.id,
    ordinal: 2,
    placement: { memoryBytes: 2 * gib },
  });
});

test('a name that a node of another blueprint has is left to it', () => {
  const world = new PlannerWorld(drawnDocument({ ...plain, sizes: [0, 1] }), threeHosts.slice(0, 1));
  world.apply();
  world.nodes = world.nodes.map((node) => ({ ...node, id: `x-${node.id}`, blueprint: 'another' }));
  const other = new PlannerWorld(drawnDocument({ ...plain, sizes: [0, 1] }), threeHosts.slice(0, 1));
  [other.machines, other.nodes] = [world.machines, world.nodes];
  const added = adds(other.plan());
  expect(added.map(({ ordinal }) => ordinal)).toEqual([2]);
  expect(added[0]?.why).toContain('second-1@10.0.0.1 belongs to another blueprint');
});

test('a family that keeps names keeps the ordinal of a node that is replaced', () => {
  const document = drawnDocument(plain);
  const second = document.families['second'];
  if (second === undefined) throw new Error('no family');
  const world = new PlannerWorld(
    { ...document, families: { ...document.families, second: { ...second, keepName: true } } },
    threeHosts,
  );
  world.apply();
  world.setMachine('one/10.0.0.2', { phase: 'lost', since: sampleTime, why: 'gone' });
  expect(adds(world.plan())).toMatchObject([{ ordinal: 2, replaces: world.nodes[1]?.id }]);
});

test('needs read the most that is demanded', () => {
  const document = drawnDocument({ ...plain, memory: 2 });
  expect(needsOf(document, []).get('second')).toMatchObject({ memoryBytes: 2 * gib, cores: 0 });
});

test('ten thousand nodes on two thousand hosts are planned in one go', () => {
  const hosts = Array.from({ length: 2_000 }, (_, at): HostSketch => ({
    domain: 'one',
    host: `10.${at >> 8}.${at & 255}.1`,
  }));
  const world = new PlannerWorld(
    { ...drawnDocument({ ...plain, sizes: [1, 9_999] }), domains: { one: { provider: 'p' } } },
    hosts,
  );
  const planned = world.plan();
  expect(adds(planned)).toHaveLength(10_000);
  const perHost = Map.groupBy(adds(planned), ({ placement }) => placement.machine);
  expect(perHost.size).toBe(2_000);
  expect([...perHost.values()].every(({ length }) => length === 5)).toBe(true);
});

test('machines of an offer without a limit are different ones, however they are placed', () => {
  for (const place of ['{ apart: host }', '{ most: { host: 1 } }']) {
    const document = documentOf(`
wombat: 1
name: apart
providers: { sky: { kind: memory } }
domains: { sky: { provider: sky } }
releases: { app: { digest: "sha256:${'a'.repeat(64)}" } }
families: { app: { release: app, nodes: 3, place: ${place} } }
`);
    const world = new PlannerWorld(document, [{ domain: 'sky', host: 'small', left: Infinity }]);
    const acquired = world.plan().steps.flatMap((step) => (step.do === 'acquire machine' ? [step.token] : []));
    expect(new Set(acquired).size).toBe(3);
  }
});
