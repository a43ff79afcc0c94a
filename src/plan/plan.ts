/**
 * The planner: what must be done to get from the facts to the blueprint, with the reason of everything (I9). Pure: the
 * same question has the same answer (I10), and a world that is as it should be has an empty plan.
 *
 *   diff            which nodes stay, go, are lacking or must be somewhere else
 *   place/          where the lacking ones go
 *   draft           steps with names, ports, addresses
 *   report          what was not possible, and why
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { startOrder } from '../model/component.ts';
import { usableDomains } from '../model/effective-domains.ts';
import type { Facts, Planned } from '../model/plan.ts';
import { differencesOf } from './diff.ts';
import type { Difference } from './diff.ts';
import { Draft } from './draft.ts';
import { needsOf } from './need.ts';
import type { Need } from './need.ts';
import { boardOf } from './place/board.ts';
import { placeAll } from './place/place-all.ts';
import { reportOf } from './report.ts';

export { relevantFacts } from './relevant-facts.ts';

/** What the planner must know of where the blueprint stands. */
export interface PlanHead {
  /** ordinals are never used twice: the next one by family, 1 when absent */
  readonly nextOrdinal: Readonly<Record<string, number>>;
  readonly destroying: boolean;
}

/** Plans. `moment.seed` decides the ids that are given; nothing else depends on it. */
export function makePlan(
  document: BlueprintDocument,
  head: PlanHead,
  facts: Facts,
  moment: { readonly seed: number },
): Planned {
  const needs = needsOf(document, facts.releases);
  const domains = new Map(usableDomains(document, facts.domains).map((domain) => [domain.name, domain]));
  const differences = differencesOf({ document, destroying: head.destroying, needs, domains }, facts);
  const going = new Set(
    differences.flatMap(({ displaced, surplus }) => [...displaced, ...surplus].map(({ node }) => node.id)),
  );
  const board = () => boardOf(facts, domains, going);
  const staying = differences.flatMap(({ stay }) => stay);
  const placing = placeAll(ordersOf(document, needs, differences), board, { staying, seed: moment.seed });
  const draft = new Draft({
    document,
    head,
    facts,
    needs,
    placing,
    differences,
    board: board(),
    domains,
    seed: moment.seed,
  });
  return { steps: draft.steps(), report: reportOf({ facts, domains, differences, needs, placing }), ...draft.costs() };
}

/** Families in the order in which they are placed: behind those they must be near, else as they start. */
function ordersOf(document: BlueprintDocument, needs: ReadonlyMap<string, Need>, differences: readonly Difference[]) {
  const counts = new Map(differences.map(({ family, lacking, displaced }) => [family, lacking + displaced.length]));
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (family: string): void => {
    const near = needs.get(family)?.rules.near?.family;
    if (visiting.has(family)) return;
    visiting.add(family);
    if (near !== undefined && needs.has(near)) visit(near);
    ordered.add(family);
  };
  startOrder(document).forEach(visit);
  return [...ordered].flatMap((family) => {
    const need = needs.get(family);
    // without a known release there is nothing to run
    return need?.release === undefined ? [] : [{ need, count: counts.get(family) ?? 0 }];
  });
}
