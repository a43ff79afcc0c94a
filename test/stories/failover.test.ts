/**
 * Failover while placing: orders that providers refuse one after another, and where the node goes each time: another offer
 * of the same zone, another zone of the region, another region of the provider, another provider.
 */
import { expect, test } from 'vitest';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Offer } from '../../src/model/machine.ts';
import { openSolver } from '../../src/solver.ts';
import { planStory } from '../kit/plan-story.ts';
import { documentOf, PlannerWorld } from '../kit/planner-world.ts';
import type { HostSketch } from '../kit/planner-world.ts';
import { sampleTime } from '../kit/records.ts';

const solve = await openSolver();

/** The farther away, the cheaper: only nearness speaks for what is near. */
const sky: HostSketch[] = [
  { domain: 'north-a', host: 'small', cores: 2, left: 20, pricePerHour: 0.05 },
  { domain: 'north-a', host: 'large', cores: 8, left: 20, pricePerHour: 0.4 },
  { domain: 'north-b', host: 'small', cores: 2, left: 20, pricePerHour: 0.3 },
  { domain: 'west', host: 'small', cores: 2, left: 20, pricePerHour: 0.2 },
  { domain: 'south', host: 'small', cores: 2, left: 20, pricePerHour: 0.1 },
];

const noCapacity = { code: 'no-capacity', why: 'InsufficientInstanceCapacity: no capacity in the zone you requested' };

/** What orders are answered with. */
const answers: Readonly<Record<string, NonNullable<Offer['fault']>>> = {
  'north-a/small': noCapacity,
  'north-a/large': noCapacity,
  'north-b/small': { code: 'quota', why: 'VcpuLimitExceeded: more vCPU capacity than your limit of 8' },
  'west/small': { code: 'no-capacity', why: 'Unsupported: not supported in your requested zone' },
};

function shop(lines: string, family: string): BlueprintDocument {
  return documentOf(`
wombat: 1
name: shop
providers: { aws: { kind: memory }, gce: { kind: memory } }
domains:
  north-a: { provider: aws, region: north, zone: a }
  north-b: { provider: aws, region: north, zone: b }
  west: { provider: aws, region: west }
  south: { provider: gce, region: south }
releases: { shop: { file: shop.tar.gz } }
${lines}
families: { web: { release: shop, ${family} } }
`);
}

/** The plans of a blueprint whose orders are refused one after another. */
function storyOf(lines: string, family: string): string {
  const world = new PlannerWorld(shop(lines, family), sky);
  world.solve = solve;
  const told = [planStory('first', world.apply())];
  const faults = new Map<string, NonNullable<Offer['fault']>>();
  for (;;) {
    const id = world.machines.at(-1)?.offer ?? '';
    const fault = answers[id];
    if (fault === undefined) break;
    world.setMachine(id, { phase: 'lost', since: sampleTime, why: fault.why });
    faults.set(id, { ...fault, why: `the last order was refused: ${fault.why}` });
    world.setHosts(sky.map((host) => ({ ...host, fault: faults.get(`${host.domain}/${host.host}`) ?? null })));
    told.push(planStory(`${id} was refused`, world.apply()));
    // the machine that never came is off the books
    world.apply();
  }
  return told.join('\n');
}

test.each([
  ['exactly', 'the nearest first, whatever it costs', '', 'nodes: 1, uses: { cores: 1 }'],
  ['one-by-one', 'placed one by one', '', 'nodes: 1, demands: ["domain = north-a or cores = 2"]'],
  ['priced', 'a blueprint that says that cost counts', 'optimise: [cost]', 'nodes: 1, uses: { cores: 1 }'],
  [
    'preferred',
    'what is preferred comes before',
    '',
    'nodes: 1, uses: { cores: 1 }, prefer: [{ that: "domain = north-a or domain = south", weight: 10 }]',
  ],
  ['ceiling', 'a ceiling on cost holds', 'limits: { costPerHour: 0.35 }', 'nodes: 1'],
])('%s', async (golden, title, lines, family) => {
  const blueprint = [lines, `families: { web: { release: shop, ${family} } }`].filter((line) => line !== '').join('\n');
  const text = `${title}\n\n${blueprint}\n\n${storyOf(lines, family)}`;
  await expect(text).toMatchFileSnapshot(`golden/failover/${golden}.txt`);
});

/** Orders that a provider answers with "unavailable" for long: their nodes go where there is a place, else they stay. */
test('refused-for-long', async () => {
  const busy = 'RequestLimitExceeded: the API is not available at the moment';
  const told = [['with another provider', sky] as const, ['with nothing else', sky.slice(0, 3)] as const].map(
    ([title, hosts]) => {
      const world = new PlannerWorld(shop('', 'nodes: 2, uses: { cores: 1 }'), hosts);
      world.solve = solve;
      world.apply();
      for (const { offer } of world.machines)
        world.setMachine(offer, { phase: 'wanted', why: busy, excludes: { what: 'domain', code: 'unavailable' } });
      const fault = { code: 'unavailable', why: `the last order was refused: ${busy}` };
      world.setHosts(hosts.map((host) => (host.domain.startsWith('north') ? { ...host, fault } : host)));
      return planStory(title, world.plan());
    },
  );
  await expect(`orders refused for long\n\n${told.join('\n')}`).toMatchFileSnapshot(
    'golden/failover/refused-for-long.txt',
  );
});
