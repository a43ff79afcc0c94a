/** The hard rules: what a place must be, and how nodes must stand to each other. */
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { locationLevels } from '../../model/family.ts';
import type { LocationLevel } from '../../model/family.ts';
import { networksConnect } from '../../model/reach.ts';
import type { Domain } from '../../model/domain.ts';
import { failing } from '../need.ts';
import type { Need } from '../need.ts';
import { isIsolated, locationOf } from './board.ts';
import type { Place, Site } from './board.ts';
import { diskMisfit, misfit as platformMisfit } from './fit.ts';
import { plain, trap } from './refusals.ts';
import type { Misfit } from './refusals.ts';

/** What can be told of a place by itself. `releaseWhy` is why its release does not run there, where that is known already. */
export function staticMisfit(need: Need, place: Place, releaseWhy = releaseMisfit(need, place)): Misfit | null {
  const unmet = failing(need.demands, place.attributes)[0];
  if (unmet !== undefined) return unmet;
  if (releaseWhy !== null) return plain(releaseWhy);
  for (const [attribute, amount] of need.uses)
    if (amount > roomOf(place, attribute)) return plain(`it has less ${attribute} than one node uses`);
  return null;
}

/** Why the family's release does not run on a place; null when it does. */
export function releaseMisfit({ release }: Need, place: Place): string | null {
  if (release === undefined) return null;
  const { inspection } = release;
  return platformMisfit(inspection, place) ?? ('left' in place ? diskMisfit(inspection, place) : null);
}

/** How much of an attribute a place has in all: what was measured, else what its attributes say. */
export function roomOf(at: Place, attribute: string): number {
  if (attribute === 'memory') return at.capacity.memoryBytes;
  const value = Object.hasOwn(at.attributes, attribute) ? at.attributes[attribute] : undefined;
  return typeof value === 'number' ? value : 0;
}

/** Whether a person who writes `name` means that host: its name or address, or the whole name of its offer. */
export function isNamed(name: string, offer: string, hostKey: string): boolean {
  return name === hostKey || name === offer || offer.endsWith(`/${name}`);
}

/** Why the blueprint leaves the host to other families; null when it does not. */
export function reservation({ reserved }: BlueprintDocument, family: string, at: Named): Misfit | null {
  if (reserved === undefined) return null;
  for (const [name, families] of Object.entries(reserved))
    if (isNamed(name, at.offer, at.hostKey) && !families.includes(family))
      return plain(`it is reserved for ${families.join(', ')}`);
  return null;
}

/** What a host is known by. */
export interface Named {
  readonly offer: string;
  readonly hostKey: string;
}

/** Rules that look at where nodes are already. They only ever forbid more as nodes are settled. */
export interface HardRules {
  misfit(site: Site): Misfit | null;
  /** A node of the family has come to the site. */
  settled(site: Site): void;
}

/** The rules for a family, given where the nodes of all families are. */
export function hardRulesOf(
  need: Need,
  { families }: Pick<BlueprintDocument, 'families'>,
  settled: ReadonlyMap<string, readonly Site[]>,
): HardRules {
  const mine = settled.get(need.family) ?? [];
  const linked = need.component.families.flatMap((family) => settled.get(family) ?? []);
  const { apart, together, near, most, apartFrom = {} } = need.rules;
  const rules: HardRules[] = [new Reach(linked)];
  if (near !== undefined) rules.push(nearTo(near, settled.get(near.family) ?? []));
  if (together !== undefined) rules.push(new Together(together, mine));
  if (apart !== undefined) rules.push(new Apart(apart, mine));
  for (const level of locationLevels) {
    const allowed = most?.[level];
    if (allowed !== undefined) rules.push(new Most(level, allowed, mine));
  }
  for (const [other, level] of Object.entries(apartFrom)) rules.push(apartFromAll(other, level, settled));
  for (const [other, { place }] of Object.entries(families)) {
    const level = place?.apartFrom?.[need.family];
    if (level !== undefined) rules.push(apartFromAll(other, level, settled));
  }
  return {
    misfit: (site) => rules.reduce<Misfit | null>((found, rule) => found ?? rule.misfit(site), null),
    settled: (site) => rules.forEach((rule) => rule.settled(site)),
  };
}

function nearTo({ family, within }: { family: string; within: LocationLevel }, sites: readonly Site[]): HardRules {
  const near = new Set(sites.map((site) => locationOf(site, within)));
  return {
    misfit: (site) =>
      near.has(locationOf(site, within)) ? null : trap(`no node of ${family} is on the same ${within}`),
    settled: () => undefined,
  };
}

function apartFromAll(family: string, level: LocationLevel, settled: ReadonlyMap<string, readonly Site[]>): HardRules {
  const taken = new Set((settled.get(family) ?? []).map((site) => locationOf(site, level)));
  return {
    misfit: (site) => (taken.has(locationOf(site, level)) ? trap(`${family} has a node on that ${level}`) : null),
    settled: () => undefined,
  };
}

class Most implements HardRules {
  readonly #level: LocationLevel;
  readonly #allowed: number;
  readonly #counts = new Map<string, number>();

  constructor(level: LocationLevel, allowed: number, sites: readonly Site[]) {
    this.#level = level;
    this.#allowed = allowed;
    sites.forEach((site) => this.settled(site));
  }

  misfit(site: Site): Misfit | null {
    const count = this.#counts.get(locationOf(site, this.#level)) ?? 0;
    return count < this.#allowed
      ? null
      : plain(`that ${this.#level} has ${count} nodes of the family, the most allowed`);
  }

  settled(site: Site): void {
    const location = locationOf(site, this.#level);
    this.#counts.set(location, (this.#counts.get(location) ?? 0) + 1);
  }
}

class Together implements HardRules {
  readonly #level: LocationLevel;
  #where: string | null;

  constructor(level: LocationLevel, [first]: readonly Site[]) {
    this.#level = level;
    this.#where = first === undefined ? null : locationOf(first, level);
  }

  misfit(site: Site): Misfit | null {
    if (this.#where === null || locationOf(site, this.#level) === this.#where) return null;
    return trap(`the family is together on another ${this.#level}`);
  }

  settled(site: Site): void {
    this.#where ??= locationOf(site, this.#level);
  }
}

class Apart implements HardRules {
  readonly #level: LocationLevel;
  readonly #used: Set<string>;

  constructor(level: LocationLevel, sites: readonly Site[]) {
    this.#level = level;
    this.#used = new Set(sites.map((site) => locationOf(site, level)));
  }

  misfit(site: Site): Misfit | null {
    return this.#used.has(locationOf(site, this.#level))
      ? plain(`apart: that ${this.#level} has a node of the family already`)
      : null;
  }

  settled(site: Site): void {
    this.#used.add(locationOf(site, this.#level));
  }
}

/** Nodes of linked families must be able to dial each other. */
class Reach implements HardRules {
  readonly #domains = new Map<string, Domain>();
  readonly #hosts = new Set<string>();
  /** host of a node that only its own machine can dial */
  #isolated: string | null = null;

  constructor(linked: readonly Site[]) {
    linked.forEach((site) => this.settled(site));
  }

  misfit(site: Site): Misfit | null {
    const alone = this.#isolated !== null || (isIsolated(site.place) && this.#hosts.size > 0);
    if (alone && !(this.#hosts.size === 1 && this.#hosts.has(site.hostKey)))
      return trap('loopback addresses do not reach linked nodes on other machines');
    for (const domain of this.#domains.values())
      if (domain.name !== site.domain.name && !networksConnect(domain.definition, site.domain.definition))
        return trap(`domain ${site.domain.name} cannot reach linked nodes in domain ${domain.name}`);
    return null;
  }

  settled(site: Site): void {
    this.#domains.set(site.domain.name, site.domain);
    this.#hosts.add(site.hostKey);
    if (isIsolated(site.place)) this.#isolated = site.hostKey;
  }
}
