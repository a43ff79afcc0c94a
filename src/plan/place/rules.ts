/** The hard rules: what a place must be, and how nodes must stand to each other. */
import type { LocationLevel } from '../../model/family.ts';
import { networksConnect } from '../../model/reach.ts';
import type { Domain } from '../../model/domain.ts';
import { failing } from '../need.ts';
import type { Need } from '../need.ts';
import { isIsolated, locationOf } from './board.ts';
import type { Place, Site } from './board.ts';
import { misfit as platformMisfit } from './fit.ts';
import { plain, trap } from './refusals.ts';
import type { Misfit } from './refusals.ts';

/** What can be told of a place by itself. */
export function staticMisfit(need: Need, place: Place): Misfit | null {
  const [unmet] = failing(need.demands, place.attributes);
  if (unmet !== undefined) return unmet;
  const why = need.release === undefined ? null : platformMisfit(need.release.inspection, place.platform);
  return why === null ? null : plain(why);
}

/** Rules that look at where nodes are already. They only ever forbid more as nodes are settled. */
export interface HardRules {
  misfit(site: Site): Misfit | null;
  /** A node of the family has come to the site. */
  settled(site: Site): void;
}

/** The rules for a family, given where the nodes of all families are. */
export function hardRulesOf(need: Need, settled: ReadonlyMap<string, readonly Site[]>): HardRules {
  const mine = settled.get(need.family) ?? [];
  const linked = need.component.families.flatMap((family) => settled.get(family) ?? []);
  const { apart, together, near } = need.rules;
  const rules: HardRules[] = [new Reach(linked)];
  if (near !== undefined) rules.push(nearTo(near, settled.get(near.family) ?? []));
  if (together !== undefined) rules.push(new Together(together, mine));
  if (apart !== undefined) rules.push(new Apart(apart, mine));
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
