/** Rebalancing, as the planner sees it: a world that has changed around running nodes, and the moves it is worth. */
import { describe, expect, test } from 'vitest';
import { openSolver } from '../../src/solver.ts';
import { planStory } from '../kit/plan-story.ts';
import { documentOf, PlannerWorld } from '../kit/planner-world.ts';
import type { HostSketch } from '../kit/planner-world.ts';

const solve = await openSolver();

function shop(rules: string, hosts: readonly HostSketch[]): PlannerWorld {
  const world = new PlannerWorld(
    documentOf(`
wombat: 1
name: shop
providers: { aws: { kind: memory }, gce: { kind: memory } }
domains: { north: { provider: aws }, south: { provider: gce } }
releases: { shop: { file: shop.tar.gz } }
${rules}
`),
    hosts,
  );
  world.solve = solve;
  return world;
}

const fixed = (domain: string, host: string): HostSketch => ({ domain, host, cores: 4 });
const sold = (domain: string, pricePerHour: number): HostSketch => {
  return { domain, host: 'small', cores: 2, left: 9, pricePerHour };
};
const story = (world: PlannerWorld, words: string, name: string, request = {}) =>
  expect(`${words}\n\n${planStory('rebalance', world.rebalance(request))}`).toMatchFileSnapshot(
    `golden/rebalance/${name}.txt`,
  );

describe('rebalance', () => {
  test('a second host: half of the nodes move to it', async () => {
    const world = shop('families:\n  web: { release: shop, nodes: 4 }', [fixed('north', '10.1.0.1')]);
    world.apply();
    world.setHosts([fixed('north', '10.1.0.1'), fixed('north', '10.1.0.2')]);
    await story(world, 'four nodes of web on 10.1.0.1; host 10.1.0.2 is new', 'new-host');
    world.take(world.rebalance());
    expect(world.rebalance().steps).toEqual([]);
  });

  test('a provider that comes back gets its share again', async () => {
    const rules =
      'families:\n  web: { release: shop, nodes: 4, uses: { cores: 1 }, place: { spread: { over: provider } } }';
    const world = shop(rules, [fixed('north', '10.1.0.1'), { ...fixed('south', '10.2.0.1'), left: 0 }]);
    world.apply();
    world.setHosts([fixed('north', '10.1.0.1'), fixed('south', '10.2.0.1')]);
    await story(world, 'spread over providers; gce had nothing when the nodes were placed', 'spread-again');
  });

  test('a cheaper offer: nodes move, and the dear machine goes back', async () => {
    const rules = 'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 2, uses: { cores: 2 } }';
    const world = shop(rules, [sold('north', 0.1)]);
    // once to order the machines, once more when their addresses are known
    for (let pass = 0; pass < 2; pass++) world.apply();
    world.setHosts([sold('north', 0.1), sold('south', 0.06)]);
    await story(world, 'two machines of north at 0.1 an hour; south sells the same for 0.06', 'cheaper');
    world.take(world.rebalance());
    const released = world.apply().steps.filter((step) => step.do === 'release machine');
    expect(released).toHaveLength(2);
    expect(world.plan().steps).toEqual([]);
  });

  test('the same family spread, and consolidated this once', async () => {
    const rules =
      'families:\n  web: { release: shop, nodes: 4, uses: { cores: 1 }, place: { spread: { over: provider } } }';
    const world = shop(rules, [fixed('north', '10.1.0.1'), fixed('south', '10.2.0.1')]);
    world.apply();
    expect(world.rebalance().steps).toEqual([]);
    await story(world, 'web is spread over aws and gce; --consolidate provider', 'consolidate', {
      consolidate: 'provider',
    });
  });

  test('nothing to gain moves nothing, and nor does what nobody can prove', () => {
    const world = shop('families:\n  web: { release: shop, nodes: 5 }', [
      fixed('north', '10.1.0.1'),
      fixed('south', '10.2.0.1'),
    ]);
    world.apply();
    expect(world.rebalance()).toMatchObject({ steps: [], report: { warnings: [] } });
    world.solve = undefined;
    expect(world.rebalance().report.warnings.join()).toContain('nothing is rebalanced');
  });

  test('nodes that would have to change places stay, and it is told why', () => {
    const rules = (tiers: readonly [string, string]) => `
families:
  web: { release: shop, nodes: 1, uses: { cores: 4 }, prefer: [{ that: "domain = ${tiers[0]}", weight: 9 }] }
  db: { release: shop, nodes: 1, uses: { cores: 4 }, prefer: [{ that: "domain = ${tiers[1]}", weight: 9 }] }`;
    const hosts = [fixed('north', '10.1.0.1'), fixed('south', '10.2.0.1')];
    const world = shop(rules(['north', 'south']), hosts);
    world.apply();
    world.document = shop(rules(['south', 'north']), hosts).document;
    const { steps, report } = world.rebalance();
    expect(steps).toEqual([]);
    expect(report.warnings.join()).toContain('change places');
  });

  test('what machines do at the moment never moves what is there, nor makes a plan stale', () => {
    const rules = 'families:\n  web: { release: shop, nodes: 2, demands: ["load <= 1", "memory_free >= 1G"] }';
    const at = (load: number) => [{ ...fixed('north', '10.1.0.1'), attributes: { load, memory_free: 2 ** 31 } }];
    const world = shop(rules, at(0.2));
    world.apply();
    const before = world.relevant;
    world.machines = world.machines.map((one) => ({
      ...one,
      attributes: { ...one.attributes, load: 9, memory_free: 0 },
    }));
    world.setHosts(at(9));
    expect(world.plan().steps).toEqual([]);
    expect(world.relevant).toBe(before);
  });
});
