/**
 * How many nodes each family is to have: what the blueprint says, and more where they are to serve more. Of alternative
 * families only the chosen one has any.
 */
import type { BlueprintDocument } from './blueprint.ts';
import type { FamilyDefinition } from './family.ts';

/** How many nodes of `family` so many nodes can serve: 7, or `3/2` for three by two. */
export interface Service {
  readonly family: string;
  /** nodes of that family ... */
  readonly served: number;
  /** ... by so many nodes of this one */
  readonly by: number;
}

/** A ratio such as 7, 1.5 or `3/2`; undefined when the text is none. */
export function parseRatio(text: string | number): readonly [served: number, by: number] | undefined {
  if (typeof text === 'number') return text > 0 ? [text, 1] : undefined;
  const [, served, by = '1'] = /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*(\d+))?\s*$/.exec(text) ?? [];
  const ratio = [Number(served), Number(by)] as const;
  return ratio.every((part) => part > 0) ? ratio : undefined;
}

/** What one family serves. Ratios that cannot be read (validation refuses them) serve nothing. */
export function servicesOf({ serves }: FamilyDefinition): Service[] {
  return Object.entries(serves ?? {}).flatMap(([family, text]) => {
    const ratio = parseRatio(text);
    return ratio === undefined ? [] : [{ family, served: ratio[0], by: ratio[1] }];
  });
}

/** How many nodes each family has, by name. */
export type Counts = ReadonlyMap<string, number>;

/** Every way to choose one of each list of alternatives, by the families that are left out; one empty choice without any. */
export function choicesOf({ oneOf }: BlueprintDocument): ReadonlySet<string>[] {
  return (oneOf ?? []).reduce<ReadonlySet<string>[]>(
    (choices, alternatives) =>
      choices.flatMap((out) =>
        alternatives.map((chosen) => new Set([...out, ...alternatives.filter((one) => one !== chosen)])),
      ),
    [new Set()],
  );
}

/** The counts of all families where those of `out` have no nodes. Serving may go on in a chain, never in a circle. */
export function countsOf({ families }: BlueprintDocument, out: ReadonlySet<string>): Counts {
  const counts = new Map(Object.entries(families).map(([name, { nodes }]) => [name, out.has(name) ? 0 : nodes]));
  const services = Object.entries(families)
    .filter(([name]) => !out.has(name))
    .flatMap(([name, family]) => servicesOf(family).map((service) => ({ name, ...service })));
  // a chain is not longer than there are families
  for (let round = 0; round < counts.size; round++)
    for (const { name, family, served, by } of services) {
      const needed = Math.ceil(((counts.get(family) ?? 0) * by) / served - 1e-9);
      counts.set(name, Math.max(counts.get(name) ?? 0, needed));
    }
  return counts;
}

/** A family that would have to have more nodes than it may; undefined when none. */
export function tooMany({ families }: BlueprintDocument, counts: Counts): string | undefined {
  return Object.keys(families).find((name) => (counts.get(name) ?? 0) > (families[name]?.mostNodes ?? Infinity));
}

/**
 * The choice that the present nodes stand for: alternatives of which a node is there stay, else the first that is
 * possible is taken. The planner may know better where nothing stands yet.
 */
export function presentChoice(document: BlueprintDocument, present: ReadonlySet<string>): ReadonlySet<string> {
  const choices = choicesOf(document).map((out, index) => ({
    out,
    index,
    gone: [...out].filter((family) => present.has(family)).length,
    isPossible: tooMany(document, countsOf(document, out)) === undefined,
  }));
  choices.sort((a, b) => Number(b.isPossible) - Number(a.isPossible) || a.gone - b.gone || a.index - b.index);
  return choices[0]?.out ?? new Set();
}
