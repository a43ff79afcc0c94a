/** What a person should know of a plan's links before saying yes: whom they wait for, and whom they cannot reach. Pure. */
import { linkStates } from '../model/across.ts';
import type { Linked } from '../model/across.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { referenceTo } from '../model/link.ts';
import type { Facts, Step } from '../model/plan.ts';
import { isLoopback } from '../model/reach.ts';

/** The warnings, each once. */
export function linkWarnings(
  document: BlueprintDocument,
  linked: Linked,
  facts: Facts,
  steps: readonly Step[],
): string[] {
  const waits = linkStates(document, linked, 'all').flatMap(({ from, waits: why }) =>
    why === null ? [] : [`${from.family} waits ${why}`],
  );
  return [...new Set([...waits, ...unreachable(document, linked, facts, steps)])];
}

/** Linked nodes that are known by a loopback address, while nodes of ours are, or will be, on other hosts. */
function unreachable({ name }: BlueprintDocument, { map }: Linked, facts: Facts, steps: readonly Step[]): string[] {
  const hosts = hostsOf(facts, steps);
  const own = [
    ...facts.nodes.filter(({ blueprint, desired }) => blueprint === name && desired !== 'removed'),
    ...steps.flatMap((step) => (step.do === 'add node' ? [step] : [])),
  ];
  const ids = new Set(
    Object.values(facts.linked ?? {}).flatMap((some) => some.flatMap(({ node, to }) => (to ? [node] : []))),
  );
  return facts.nodes
    .filter(({ id, placement }) => ids.has(id) && isLoopback(placement.advertised))
    .filter((theirs) => {
      const meets = own.filter(({ family }) => map.between({ blueprint: name, family }, theirs) !== null);
      return meets.some(({ placement }) => hosts(placement.machine) !== hosts(theirs.placement.machine));
    })
    .map((theirs) => {
      const { advertised } = theirs.placement;
      return `nodes of ${referenceTo(theirs)} are known by ${advertised}, which other machines cannot dial: start them anew where their provider has an address`;
    });
}

/** Which host a machine is, by its token: machines of several providers may be one. */
function hostsOf({ machines, offers }: Facts, steps: readonly Step[]): (token: string) => string {
  const known = new Map(machines.map(({ token, attributes }) => [token, attributes['host']]));
  const offered = new Map(offers.map(({ id, attributes }) => [id, attributes['host']]));
  for (const step of steps) if (step.do === 'acquire machine') known.set(step.token, offered.get(step.offer));
  return (token) => String(known.get(token) ?? token);
}
