/** Roll back: a former revision is made the current one again, as a revision of its own. Pure. */
import type { BlueprintDocument } from './blueprint.ts';

/** What is to be undone, by whom and why. */
export interface RollBack {
  readonly blueprint: string;
  /** the revision to return to; the one before the present one when absent */
  readonly to?: number;
  /** only these families and those that share a release with them; the whole document when absent */
  readonly families?: readonly string[];
  /** who wants it: `the control plane`, or the name of a token */
  readonly by: string;
  readonly why: string;
}

/**
 * The present document with these families as the former one had them, but for their number of nodes. Families that share
 * a release that is another one now return together: they were declared together. A family that the former document did
 * not have stays as it is.
 */
export function withFormer(
  present: BlueprintDocument,
  former: BlueprintDocument,
  families: readonly string[],
): BlueprintDocument {
  const returning = sharing(present, former, families);
  const definitions = Object.entries(present.families).map(([name, definition]) => {
    const before = returning.has(name) ? former.families[name] : undefined;
    return [name, before === undefined ? definition : { ...before, nodes: definition.nodes }] as const;
  });
  const names = [...returning].flatMap((name) => former.families[name]?.release ?? []);
  const references = names.flatMap((name) => {
    const reference = former.releases[name];
    return reference === undefined ? [] : [[name, reference] as const];
  });
  return {
    ...present,
    releases: { ...present.releases, ...Object.fromEntries(references) },
    families: Object.fromEntries(definitions),
  };
}

/** The families that return, those included whose release returns with that of another. */
function sharing(present: BlueprintDocument, former: BlueprintDocument, families: readonly string[]): Set<string> {
  const isOther = (release: string) =>
    JSON.stringify(present.releases[release]) !== JSON.stringify(former.releases[release]);
  const had = families.filter((name) => former.families[name] !== undefined);
  const releases = new Set(had.flatMap((name) => former.families[name]?.release ?? []).filter(isOther));
  const others = Object.entries(present.families).filter(([, { release }]) => releases.has(release));
  return new Set([...had, ...others.map(([name]) => name)]);
}
