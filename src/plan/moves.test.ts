/** Moves that were begun: made as long as the place that they lead to still is what it was chosen for. */
import { describe, expect, test } from 'vitest';
import { documentOf, PlannerWorld } from '../../test/kit/planner-world.ts';

/** Two nodes on two hosts, of which the first is on record as going to the host of the second. */
function begun(demand: string): PlannerWorld {
  const document = documentOf(`
wombat: 1
name: shop
providers: { p: { kind: memory } }
domains: { rack: { provider: p, capabilities: { tier: gold } } }
releases: { app: { file: a.tgz } }
families: { web: { release: app, nodes: 2, demands: ["${demand}"] } }
`);
  const world = new PlannerWorld(document, [
    { domain: 'rack', host: 'h1' },
    { domain: 'rack', host: 'h2' },
  ]);
  world.apply();
  const [first, second] = world.nodes;
  if (first === undefined || second === undefined) throw new Error('two nodes are needed');
  const move = { machine: second.placement.machine, revision: 0, why: 'rebalancing' };
  world.nodes = [{ ...first, move }, second];
  return world;
}

describe('a move that was begun', () => {
  test('is made', () => {
    const { steps } = begun('tier = gold').plan();
    expect(steps.map((step) => step.do)).toContain('add node');
  });

  test('waits where its place no longer meets a demand', () => {
    const world = begun('tier = gold');
    const target = world.nodes[0]?.move?.machine;
    world.nodes = world.nodes.slice(0, 1);
    world.document = { ...world.document, families: { web: { ...world.document.families['web']!, nodes: 1 } } };
    world.machines = world.machines.map((machine) =>
      machine.token === target ? { ...machine, attributes: { ...machine.attributes, tier: 'tin' } } : machine,
    );
    expect(world.plan().steps.filter((step) => step.do !== 'release machine')).toEqual([]);
  });
});
