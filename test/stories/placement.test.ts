/**
 * The language of placement, one story a feature: the world, the blueprint's family lines, and what the planner makes of
 * them. They are the documentation's examples, too.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openSolver } from '../../src/solver.ts';
import { planStory } from '../kit/plan-story.ts';
import { documentOf, PlannerWorld } from '../kit/planner-world.ts';
import type { HostSketch } from '../kit/planner-world.ts';

const solve = await openSolver();

/** Two providers in three zones; machines of two sizes each, as many as one likes. */
const sky: HostSketch[] = [
  { domain: 'north-a', host: 'small', cores: 2, memoryBytes: 2 ** 32, left: 20, pricePerHour: 0.1 },
  { domain: 'north-a', host: 'large', cores: 8, memoryBytes: 2 ** 34, left: 20, pricePerHour: 0.35 },
  { domain: 'north-b', host: 'small', cores: 2, memoryBytes: 2 ** 32, left: 20, pricePerHour: 0.11 },
  { domain: 'south', host: 'small', cores: 2, memoryBytes: 2 ** 32, left: 20, pricePerHour: 0.08 },
];

function worldText(): string {
  const lines = sky.map(
    ({ domain, host, cores, pricePerHour }) =>
      `  ${domain}/${host}: ${String(cores)} cores, ${String(pricePerHour)} an hour`,
  );
  return [
    'the world: aws has north-a (gold, Stockholm) and north-b (tin, Oslo), gce has south (gold, Madrid)',
    ...lines,
  ].join('\n');
}

/** What the machines do at the moment: only a story about that looks at it. */
const doing = [
  { load: 0, memory_free: 2 ** 32, measured_ago: 0 },
  { load: 3.2, memory_free: 2 ** 33, measured_ago: 4 },
  { load: 0.4, memory_free: 2 ** 29, measured_ago: 7 },
  { load: 0.1, memory_free: 2 ** 31, measured_ago: 2 },
];

function planned(rules: string): string {
  const blueprint = `
wombat: 1
name: shop
providers: { aws: { kind: memory }, gce: { kind: memory } }
domains:
  north-a: { provider: aws, region: north, zone: a, capabilities: { tier: gold, location: "59.33, 18.07", clock: 3GHz, features: "gpu, nvme", until: 2027-06-01, otp: "26.2.5" } }
  north-b: { provider: aws, region: north, zone: b, capabilities: { tier: tin, location: "59.91, 10.75", clock: 2GHz, features: nvme, until: 2030-01-01, otp: "27.3" } }
  south: { provider: gce, region: south, capabilities: { tier: gold, location: "40.42, -3.70", clock: 2GHz, features: gpu, until: 2030-01-01, otp: "28.2" } }
releases: { shop: { file: shop.tar.gz } }
${rules}
`;
  const world = new PlannerWorld(
    documentOf(blueprint),
    sky.map((sketch, at) => ({ ...sketch, attributes: doing[at] ?? {} })),
  );
  world.solve = solve;
  return planStory('the plan', world.plan());
}

/** Each feature with the lines that use it. */
const stories: readonly (readonly [string, string])[] = [
  [
    'all-any-not',
    'families:\n  web: { release: shop, nodes: 2, demands: ["cores >= 4 and tier = gold or not provider = aws", "not zone = b"] }',
  ],
  ['units', 'families:\n  web: { release: shop, nodes: 1, demands: ["clock >= 2500MHz", "memory >= 8G"] }'],
  [
    'comparisons',
    'families:\n  web: { release: shop, nodes: 1, demands: ["cores > 2", "tier != tin"] }\n  cache: { release: shop, nodes: 1, demands: ["cores < 8", "until before 2028-01-01", "clock = 3GHz"] }',
  ],
  [
    'has-and-matches',
    'families:\n  web: { release: shop, nodes: 1, demands: ["features has [gpu, nvme]", "domain matches \'north-*\'"] }',
  ],
  [
    'before-and-after',
    'families:\n  web: { release: shop, nodes: 1, demands: ["until after 2028-01-01", "tier = tin"] }',
  ],
  [
    'near-and-far',
    'families:\n  web: { release: shop, nodes: 1, demands: ["location near [60.17, 24.94] within 500km"] }\n  backup: { release: shop, nodes: 1, demands: ["location far [60.17, 24.94] beyond 2000km"] }',
  ],
  [
    'ordered',
    'families:\n  web: { release: shop, nodes: 2, ordered: ["tier = tin", "tier = gold"], place: { most: { zone: 1 } } }',
  ],
  [
    'priorities',
    'families:\n  web: { release: shop, nodes: 1, prefer: [{ that: "tier = tin", weight: 90 }, { that: "provider = gce", weight: 1, priority: 1 }] }\noptimise: [prefer]',
  ],
  [
    'any-of',
    'families:\n  web: { release: shop, nodes: 2, anyOf: ["cores >= 8", "tier = tin"], prefer: [{ that: "provider = gce", weight: 5 }] }',
  ],
  ['lists', 'families:\n  web: { release: shop, nodes: 1, demands: ["zone in [a, b]", "domain not in [north-a]"] }'],
  ['versions', 'families:\n  web: { release: shop, nodes: 1, demands: ["otp >= 27", "otp < 28.1"] }'],
  ['apart', 'families:\n  web: { release: shop, nodes: 3, uses: { cores: 1 }, place: { apart: zone } }'],
  [
    'together',
    'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 3, uses: { cores: 2 }, place: { together: zone } }',
  ],
  [
    'ratio-of-pairs',
    'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 1, serves: { db: 3/2 }, uses: { cores: 1 } }\n  db: { release: shop, nodes: 3, uses: { cores: 2 } }',
  ],
  [
    'activity',
    'families:\n  web: { release: shop, nodes: 3, demands: ["load <= 1", "memory_free >= 1G"], place: { apart: host } }',
  ],
  [
    'quota-of-domain',
    'limits: { domains: { south: { cores: 2 } } }\noptimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 2, uses: { cores: 2 } }',
  ],
  [
    'survives-a-region',
    'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 4, uses: { cores: 1 }, place: { least: { region: 2, provider: 2 }, most: { region: 3 } } }',
  ],
  ['uses', 'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 5, uses: { cores: 2, memory: 1G } }'],
  [
    'apart-from',
    'optimise: [cost]\nfamilies:\n  db: { release: shop, nodes: 1, uses: { cores: 1 } }\n  web: { release: shop, nodes: 2, uses: { cores: 1 }, place: { apartFrom: { db: host } } }',
  ],
  [
    'near',
    'optimise: [cost]\nfamilies:\n  db: { release: shop, nodes: 1, demands: ["tier = tin"] }\n  web: { release: shop, nodes: 2, uses: { cores: 1 }, place: { near: { family: db, within: zone } } }',
  ],
  [
    'serves',
    'optimise: [cost]\nfamilies:\n  master: { release: shop, nodes: 1, serves: { colony: 3 }, uses: { cores: 1 } }\n  colony: { release: shop, nodes: 7, uses: { cores: 1 } }',
  ],
  [
    'one-of',
    'oneOf: [[proxy, balancer]]\noptimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 4, uses: { cores: 1 } }\n  proxy: { release: shop, nodes: 3, uses: { cores: 2 } }\n  balancer: { release: shop, nodes: 1, serves: { web: 4 }, uses: { cores: 2 } }',
  ],
  [
    'most',
    'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 4, uses: { cores: 1 }, place: { most: { host: 1, provider: 2 } } }',
  ],
  [
    'spread-shares',
    'families:\n  web: { release: shop, nodes: 5, uses: { cores: 2 }, place: { spread: { over: provider, shares: { aws: 60, gce: 40 } } } }',
  ],
  ['consolidate', 'families:\n  web: { release: shop, nodes: 5, uses: { cores: 1 }, place: { consolidate: host } }'],
  [
    'least',
    'optimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 3, uses: { cores: 1 }, place: { least: { provider: 2 } } }',
  ],
  [
    'limits',
    'limits: { costPerHour: 0.4, providers: { gce: { machines: 1 } } }\noptimise: [cost]\nfamilies:\n  web: { release: shop, nodes: 4, uses: { cores: 2 } }',
  ],
  ['licences', 'licences: { oracle: 2 }\nfamilies:\n  db: { release: shop, nodes: 3, licences: [oracle] }'],
  [
    'reserved-and-pinned',
    'reserved: { large: [db] }\noptimise: [cost]\nfamilies:\n  db: { release: shop, nodes: 1, uses: { cores: 1 }, place: { pinned: [large] } }\n  web: { release: shop, nodes: 2, uses: { cores: 1 } }',
  ],
  [
    'conflict',
    'limits: { costPerHour: 0.3 }\nfamilies:\n  web: { release: shop, nodes: 2, demands: ["cores >= 4", "tier = gold"], place: { apart: host } }\n  cache: { release: shop, nodes: 1, demands: ["tier = tin"] }',
  ],
  ['relaxation', 'families:\n  web: { release: shop, nodes: 1, demands: ["memory >= 64G", "tier = gold"] }'],
];

describe('the language of placement', () => {
  test.each(stories)('%s', async (name, rules) => {
    const text = `${worldText()}\n\n${rules}\n\n${planned(rules)}`;
    await expect(text).toMatchFileSnapshot(`golden/placement/${name}.txt`);
  });
});

test('the guide shows every one of them', () => {
  const guide = readFileSync('docs/guide/placement.md', 'utf8');
  const shown = [...guide.matchAll(/golden\/placement\/([a-z-]+)\.txt/g)].map(([, name]) => name);
  expect(shown.sort()).toEqual(stories.map(([name]) => name).sort());
});
