/**
 * Links between blueprints: a family of one bootstraps with a family of another, which makes a super-cluster of the two.
 * Pure readings of all documents together.
 *
 * A link is `visible` (the clusters of both sides become one, with one mesh), `hidden` (two clusters stay two, joined by
 * the hidden connections that bootstrap runs made, which Erlang hands on to nobody) or `none` (it connects nothing).
 *
 * Each blueprint keeps a cookie of its own. Of two nodes of different blueprints that may meet, exactly one speaks the
 * other's cookie to it (`erlang:set_cookie/2`): the one whose blueprint links to the other's, so that nothing has to
 * change on the nodes that are linked to. Blueprints do not link in a circle, so that there is always one.
 */
import type { BlueprintDocument } from './blueprint.ts';
import type { Action, Mesh, Strategy } from './bootstrap.ts';
import { componentByFamily } from './component.ts';

/** What a link makes of the connections between its two families. */
export type LinkKind = 'visible' | 'hidden' | 'none';

/** A family of some blueprint. */
export interface FamilyOf {
  readonly blueprint: string;
  readonly family: string;
}

/** A family's strategy towards a family of another blueprint. */
export interface Link {
  readonly from: FamilyOf;
  readonly to: FamilyOf;
  readonly kind: LinkKind;
}

/** The blueprint and family of `shop/gateway`; undefined for a family of the same blueprint. */
export function familyOf(reference: string): FamilyOf | undefined {
  const [blueprint = '', family] = reference.split('/');
  return family === undefined ? undefined : { blueprint, family };
}

/** `shop/gateway`. */
export function referenceTo({ blueprint, family }: FamilyOf): string {
  return `${blueprint}/${family}`;
}

/** What an action makes of the connections that it is about. */
export function linkKind(action: Action): LinkKind {
  if (action === 'none') return 'none';
  if (action === 'distributed_erlang') return 'visible';
  if (action === 'distributed_erlang_hidden') return 'hidden';
  return action.connects === 'selected' || action.connects === undefined ? 'visible' : action.connects;
}

/** The links of a document to other blueprints, as written. */
export function linksOf({ name, families }: BlueprintDocument): Link[] {
  return Object.entries(families).flatMap(([family, { bootstrap }]) =>
    Object.entries(bootstrap?.with ?? {}).flatMap(([reference, strategy]: [string, Strategy]) => {
      const to = familyOf(reference);
      if (to === undefined || to.blueprint === name) return [];
      return [{ from: { blueprint: name, family }, to, kind: linkKind(strategy.action) }];
    }),
  );
}

function isSame(one: FamilyOf, other: FamilyOf): boolean {
  return one.blueprint === other.blueprint && one.family === other.family;
}

/** How the documents of all blueprints hang together. */
export class LinkMap {
  readonly documents: ReadonlyMap<string, BlueprintDocument>;
  readonly links: readonly Link[];
  /** the mesh that each family is of, by its reference: one name for all families of one mesh */
  readonly #meshes: ReadonlyMap<string, string>;
  /** the same by blueprint and family: asked for too often to put references together */
  readonly #meshOf: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** the links that make hidden connections, by the blueprint that links */
  readonly #hidden: ReadonlyMap<string, readonly Link[]>;
  readonly #nearby: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(documents: Iterable<BlueprintDocument>) {
    this.documents = new Map([...documents].map((document) => [document.name, document]));
    this.links = [...this.documents.values()].flatMap(linksOf);
    this.#meshes = this.links.length === 0 ? new Map() : meshesOf(this.documents, this.links);
    this.#meshOf = byFamily(this.#meshes);
    const hidden = this.links.filter(({ kind }) => kind === 'hidden');
    this.#hidden = Map.groupBy(hidden, ({ from }) => from.blueprint);
    this.#nearby = this.#nearbyAll();
  }

  /** The same with this document in place of the one of its name. */
  with(document: BlueprintDocument): LinkMap {
    const others = [...this.documents.values()].filter(({ name }) => name !== document.name);
    return new LinkMap([...others, document]);
  }

  /** The other blueprints that hang together with this one, directly or by way of others, by name. */
  partners(blueprint: string): string[] {
    const found = new Set([blueprint]);
    // a set yields what is added to it while it is being walked
    for (const one of found) this.#neighbours(one).forEach((other) => found.add(other));
    found.delete(blueprint);
    return [...found].sort();
  }

  /**
   * The other blueprints whose nodes may be connected with nodes of this one, or are waited for by them, by name: those at
   * the other ends of its links, and those of its meshes. Hidden connections are handed on to nobody.
   */
  nearby(blueprint: string): string[] {
    return [...(this.#nearby.get(blueprint) ?? [])].sort();
  }

  #nearbyAll(): ReadonlyMap<string, ReadonlySet<string>> {
    const found = new Map<string, Set<string>>();
    const meet = (one: string, other: string): void => {
      if (one !== other) found.set(one, (found.get(one) ?? new Set()).add(other));
    };
    for (const { from, to } of this.links) {
      meet(from.blueprint, to.blueprint);
      meet(to.blueprint, from.blueprint);
    }
    const inMesh = Map.groupBy(this.#meshes, ([, mesh]) => mesh);
    for (const members of inMesh.values()) {
      const blueprints = [...new Set(members.map(([reference]) => familyOf(reference)?.blueprint ?? ''))];
      if (blueprints.length > 1) for (const one of blueprints) for (const other of blueprints) meet(one, other);
    }
    return found;
  }

  #neighbours(blueprint: string): string[] {
    return this.links.flatMap(({ from, to }) => {
      if (from.blueprint === blueprint) return [to.blueprint];
      return to.blueprint === blueprint ? [from.blueprint] : [];
    });
  }

  /** Links of others to families of this blueprint. */
  linksTo(blueprint: string): Link[] {
    return this.links.filter(({ to }) => to.blueprint === blueprint);
  }

  /** Its own links to families of others. */
  linksFrom(blueprint: string): Link[] {
    return this.links.filter(({ from }) => from.blueprint === blueprint);
  }

  /** Whether the first blueprint links to the second, directly or by way of others. */
  isAbove(blueprint: string, other: string): boolean {
    return this.path(blueprint, other) !== null;
  }

  /** The blueprints on a way along links from one to another, both included; null when there is none. */
  path(from: string, to: string): readonly string[] | null {
    const ways: (readonly string[])[] = [[from]];
    const seen = new Set<string>();
    for (const way of ways) {
      const last = way.at(-1) ?? from;
      const next = new Set(this.linksFrom(last).map((link) => link.to.blueprint));
      if (next.has(to)) return [...way, to];
      for (const one of next) if (!seen.has(one)) ways.push([...way, one]);
      next.forEach((one) => seen.add(one));
    }
    return null;
  }

  /** How nodes of two families of different blueprints may be connected; null when they have nothing to do with each other. */
  between(one: FamilyOf, other: FamilyOf): 'visible' | 'hidden' | null {
    // most have nothing to do with each other: said before any name is put together
    if (one.blueprint !== other.blueprint && !(this.#nearby.get(one.blueprint)?.has(other.blueprint) ?? false))
      return null;
    const mesh = this.#meshOf.get(one.blueprint)?.get(one.family);
    if (mesh !== undefined && mesh === this.#meshOf.get(other.blueprint)?.get(other.family)) return 'visible';
    return this.leads(one, other) || this.leads(other, one) ? 'hidden' : null;
  }

  /** Whether a hidden link leads from one family to another. */
  leads(from: FamilyOf, to: FamilyOf): boolean {
    const links = this.#hidden.get(from.blueprint);
    return links?.some((link) => isSame(link.from, from) && isSame(link.to, to)) ?? false;
  }

  /** Whether nodes of the first blueprint speak the cookie of the second one's: who links does, else who is later by name. */
  speaks(blueprint: string, other: string): boolean {
    if (this.isAbove(blueprint, other)) return true;
    return !this.isAbove(other, blueprint) && blueprint > other;
  }

  /** The kind of mesh that a family is in; `full` where it is not known. */
  meshOf({ blueprint, family }: FamilyOf): Mesh {
    return this.documents.get(blueprint)?.families[family]?.mesh ?? 'full';
  }
}

/** Families of one component are of one mesh, and so are those that visible links join. */
function meshesOf(documents: ReadonlyMap<string, BlueprintDocument>, links: readonly Link[]): Map<string, string> {
  const meshes = new Map<string, string>();
  for (const [blueprint, document] of documents) {
    for (const [family, { name }] of componentByFamily(document))
      meshes.set(referenceTo({ blueprint, family }), referenceTo({ blueprint, family: name }));
  }
  for (const { from, to, kind } of links) {
    const [kept, joined] = [meshes.get(referenceTo(to)), meshes.get(referenceTo(from))];
    if (kind !== 'visible' || kept === undefined || joined === undefined) continue;
    for (const [family, mesh] of meshes) if (mesh === joined) meshes.set(family, kept);
  }
  return meshes;
}

/** What is kept by references, by blueprint and family. */
function byFamily(byReference: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [reference, value] of byReference) {
    const { blueprint = '', family = '' } = familyOf(reference) ?? {};
    found.set(blueprint, (found.get(blueprint) ?? new Map<string, string>()).set(family, value));
  }
  return found;
}

/** What is known of the blueprint that a link leads to. */
export interface LinkTarget {
  /** undefined when there is none */
  readonly document: BlueprintDocument | undefined;
  readonly destroying: boolean;
  /** nodes of the family that should run, and those of them that others may join */
  readonly wanted: number;
  readonly running: number;
}

/** Why a link cannot be made yet, in words that follow `waits`; null when it can. With `some`, one node there is enough. */
export function awaited({ to }: Link, target: LinkTarget, enough: 'all' | 'some'): string | null {
  const why = lacking(to, target, enough);
  return why === null ? null : `for ${referenceTo(to)}: ${why}`;
}

function lacking({ blueprint, family }: FamilyOf, target: LinkTarget, enough: 'all' | 'some'): string | null {
  const { document, destroying, wanted, running } = target;
  if (document === undefined) return `no blueprint ${blueprint}`;
  if (destroying) return `blueprint ${blueprint} is being destroyed`;
  if (document.families[family] === undefined) return `blueprint ${blueprint} has no family ${family}`;
  if (running >= (enough === 'all' ? wanted : Math.min(1, wanted))) return null;
  return `${running} of ${wanted} nodes run`;
}
