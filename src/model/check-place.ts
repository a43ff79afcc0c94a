/** Checks of where families may be: names that must exist, numbers that can be read, rules that contradict each other. */
import { suggestion } from '../base/nearest.ts';
import type { Subject } from './check-subject.ts';
import { at } from './document-path.ts';
import type { DocumentPath, Finding } from './document-path.ts';
import { locationLevels } from './family.ts';
import type { FamilyDefinition, LocationLevel, PlaceRules } from './family.ts';
import { parseQuantity } from './quantity.ts';
import { choicesOf, countsOf, parseRatio, servicesOf, tooMany } from './wanted.ts';

/** Checks of one family. */
export function checkPlace(subject: Subject, name: string, family: FamilyDefinition): Finding[] {
  const place = family.place ?? {};
  const path = ['families', name, 'place'];
  return [
    ...checkNear(subject, name, place),
    ...checkApartFrom(subject, name, place),
    ...contradictions(path, place),
    ...tooManyTogether(path, family),
    ...tooFewForLeast(subject, name, family),
    ...checkShares(subject, path, place),
    ...checkPinned(subject, name, family),
    ...checkUses(name, family),
    ...checkServes(subject, name, family),
    ...(family.licences ?? []).flatMap((licence, index) =>
      knownLicence(['families', name, 'licences', index], licence, Object.keys(subject.document.licences ?? {})),
    ),
  ];
}

/** Checks of what is said of families together. */
export function checkRelations(subject: Subject): Finding[] {
  const { document } = subject;
  const families = Object.keys(document.families);
  const lists = (document.oneOf ?? []).flatMap((list, index) =>
    list.flatMap((family, nth) => known(['oneOf', index, nth], 'family', family, families)),
  );
  const reserved = Object.entries(document.reserved ?? {}).flatMap(([host, list]) =>
    list.flatMap((family, nth) => known(['reserved', host, nth], 'family', family, families)),
  );
  const twice = (document.optimise ?? []).flatMap((objective, index, all) =>
    all.indexOf(objective) === index
      ? []
      : [at(['optimise', index], `"${objective}" is there twice`, 'leave one of them out')],
  );
  return [
    ...lists,
    ...reserved,
    ...checkLimits(subject),
    ...twice,
    ...checkCircles(document.families),
    ...checkCounts({ document }),
  ];
}

function checkLimits({ document: { limits }, providers, domains }: Subject): Finding[] {
  return (['providers', 'domains'] as const).flatMap((key) => {
    const names = [...(key === 'providers' ? providers : domains).keys()];
    // with nothing declared they are those of the control plane, which a check of the file alone cannot know
    if (names.length === 0) return [];
    return Object.keys(limits?.[key] ?? {}).flatMap((name) =>
      known(['limits', key, name], key.slice(0, -1), name, names),
    );
  });
}

function known(path: DocumentPath, what: string, name: string, names: readonly string[]): Finding[] {
  if (names.includes(name)) return [];
  const spot = path.at(-1) === name ? 'key' : 0;
  const plural = what.endsWith('y') ? `${what.slice(0, -1)}ies` : `${what}s`;
  return [{ path, spot, message: `there is no ${what} "${name}"`, hint: suggestion(name, names, `the ${plural} are`) }];
}

/** Where none is declared there is none to suggest: then how one is. */
function knownLicence(path: DocumentPath, licence: string, names: readonly string[]): Finding[] {
  const declare = `declare how many there are: licences: { ${licence}: 2 }`;
  return known(path, 'licence', licence, names).map((finding) => ({ ...finding, hint: finding.hint ?? declare }));
}

function checkNear({ document }: Subject, name: string, { near }: PlaceRules): Finding[] {
  if (near === undefined) return [];
  const path = ['families', name, 'place', 'near', 'family'];
  if (near.family === name) return [at(path, 'a family cannot be near itself', 'together says that')];
  return known(path, 'family', near.family, Object.keys(document.families));
}

function checkApartFrom({ document }: Subject, name: string, { apartFrom, near }: PlaceRules): Finding[] {
  return Object.entries(apartFrom ?? {}).flatMap(([other, level]) => {
    const path = ['families', name, 'place', 'apartFrom', other];
    if (other === name) return [at(path, 'a family cannot be apart from itself', `write apart: ${level}`)];
    const hint = 'leave out one of them';
    if (near?.family === other && rank(near.within) <= rank(level))
      return [at(path, `near "${other}" on one ${near.within}, and never on one ${level} with it`, hint)];
    const back = document.families[other]?.place?.near;
    if (back?.family === name && rank(back.within) <= rank(level))
      return [at(path, `"${other}" is near it on one ${back.within}, and never on one ${level} with it`, hint)];
    return known(path, 'family', other, Object.keys(document.families));
  });
}

/** On more hosts, zones, regions or providers than there will ever be nodes. A family that nobody wants now says nothing. */
function tooFewForLeast({ document }: Subject, name: string, { place }: FamilyDefinition): Finding[] {
  const least = place?.least;
  if (least === undefined) return [];
  const nodes = Math.max(...choicesOf(document).map((out) => countsOf(document, out).get(name) ?? 0));
  if (nodes === 0) return [];
  const orLess = nodes < 2 ? 'leave out least' : `least: ${nodes} or less`;
  return locationLevels.flatMap((level) => {
    const wanted = least[level] ?? 0;
    if (wanted <= nodes) return [];
    const words = `${nodes} ${nodes === 1 ? 'node' : 'nodes'} cannot be on ${wanted} ${level}s`;
    return [at(['families', name, 'place', 'least', level], words, `write nodes: ${wanted}, or ${orLess}`)];
  });
}

/** All on one host, zone, region or provider, where fewer are allowed, or several hosts are named. */
function tooManyTogether(path: DocumentPath, { nodes, place = {} }: FamilyDefinition): Finding[] {
  const { together, most, pinned } = place;
  if (together === undefined) return [];
  const levels = locationLevels.filter((level) => rank(level) >= rank(together) && nodes > (most?.[level] ?? Infinity));
  const few = levels.map((level) =>
    at(
      [...path, 'most', level],
      `${nodes} nodes on one ${together}, and at most ${String(most?.[level])} a ${level}`,
      'leave out most or together',
    ),
  );
  const hosts = new Set(pinned);
  if (together !== 'host' || hosts.size < 2) return few;
  const words = `nodes on one host cannot be pinned to ${hosts.size}`;
  return [...few, at([...path, 'pinned'], words, 'leave out pinned or together')];
}

/** Shares by provider are those of providers that there are; zones and regions are known only by their own providers. */
function checkShares({ providers }: Subject, path: DocumentPath, { spread }: PlaceRules): Finding[] {
  if (spread?.over !== 'provider' || providers.size === 0) return [];
  return Object.keys(spread.shares ?? {}).flatMap((name) =>
    known([...path, 'spread', 'shares', name], 'provider', name, [...providers.keys()]),
  );
}

function rank(level: LocationLevel): number {
  return locationLevels.indexOf(level);
}

function contradictions(path: DocumentPath, place: PlaceRules): Finding[] {
  const { apart, together, spread, consolidate, least, most } = place;
  const findings: Finding[] = [];
  if (apart !== undefined && together !== undefined && rank(together) <= rank(apart))
    findings.push(
      at(
        [...path, 'apart'],
        `nodes on one ${together} cannot each have a ${apart} of their own`,
        'leave out apart or together',
      ),
    );
  if (spread !== undefined && consolidate === spread.over)
    findings.push(
      at(
        [...path, 'consolidate'],
        `as few as will do and as evenly as possible over the same ${consolidate}`,
        'leave out spread or consolidate',
      ),
    );
  for (const level of locationLevels) {
    const [wanted, allowed] = [least?.[level], most?.[level]];
    if (wanted !== undefined && together !== undefined && rank(level) >= rank(together))
      findings.push(
        at(
          [...path, 'least', level],
          `nodes on one ${together} cannot be on ${wanted} ${level}s`,
          'leave out least or together',
        ),
      );
    if (allowed !== undefined && allowed > 1 && apart !== undefined && rank(level) <= rank(apart))
      findings.push(
        at([...path, 'most', level], `apart: ${apart} allows one a ${level} already`, 'leave out most or apart'),
      );
  }
  return findings;
}

function checkPinned({ document, domains, providers }: Subject, name: string, family: FamilyDefinition): Finding[] {
  const pinned = family.place?.pinned ?? [];
  const path = ['families', name, 'place', 'pinned'];
  if (pinned.length > family.nodes && family.serves === undefined)
    return [at(path, `${pinned.length} hosts for ${family.nodes} nodes`, 'pin no more than there are nodes')];
  const used = new Set([...domains.values()].map((domain) => domain.provider));
  const kinds = [...used].map((provider) => providers.get(provider));
  // only where every host is declared can we say that one is not there
  if (kinds.length === 0 || kinds.some((one) => one?.kind !== 'ssh') || document.providers === undefined) return [];
  const hosts = kinds.flatMap((one) => (one?.kind === 'ssh' ? one.hosts.map(({ address }) => address) : []));
  return pinned.flatMap((host, index) => known([...path, index], 'host', host, hosts));
}

function checkUses(name: string, { uses }: FamilyDefinition): Finding[] {
  return Object.entries(uses ?? {}).flatMap(([attribute, amount]) => {
    const path = ['families', name, 'uses', attribute];
    if (typeof amount === 'number') return [];
    const quantity = parseQuantity(amount);
    if (quantity === undefined) return [at(path, `"${amount}" is no amount`, 'an amount looks like 2, 512M or 2.5GHz')];
    const isSize = ['memory', 'disk'].includes(attribute);
    if (isSize === (quantity.dimension === 'size') || !isSize) return [];
    return [at(path, `${attribute} is a size, not a ${quantity.dimension}`, 'for example: 512M')];
  });
}

function checkServes({ document }: Subject, name: string, { serves }: FamilyDefinition): Finding[] {
  return Object.entries(serves ?? {}).flatMap(([other, ratio]) => {
    const path = ['families', name, 'serves', other];
    if (other === name) return [at(path, 'a family cannot serve itself', 'name another family')];
    if (parseRatio(ratio) === undefined)
      return [at(path, `"${ratio}" is no ratio`, 'a ratio looks like 7 or 3/2: three nodes of it by two of these')];
    return known(path, 'family', other, Object.keys(document.families));
  });
}

type Families = Readonly<Record<string, FamilyDefinition>>;

/** Families that are near each other in a circle, or serve each other in one: neither has an end to begin with. */
function checkCircles(families: Families): Finding[] {
  const near = (name: string) => families[name]?.place?.near?.family ?? [];
  const serves = (name: string) => {
    const family = families[name];
    return family === undefined ? [] : servicesOf(family).map((one) => one.family);
  };
  return [
    ...circlesOf(families, (name) => [near(name)].flat()).map((circle) =>
      at(
        ['families', circle[0] ?? '', 'place', 'near'],
        `near goes in a circle: ${circle.join(' near ')}`,
        'leave out one of them',
      ),
    ),
    ...circlesOf(families, serves).map((circle) =>
      at(
        ['families', circle[0] ?? '', 'serves'],
        `serving goes in a circle: ${circle.join(' serves ')}`,
        'leave out one of them',
      ),
    ),
  ];
}

/** The circles that a relation makes, each told once: at the first of its families. */
function circlesOf(families: Families, next: (name: string) => readonly string[]): string[][] {
  const names = Object.keys(families);
  const search = (from: string, path: readonly string[]): string[] | null => {
    for (const other of next(from)) {
      if (other === path[0]) return path.length > 1 ? [...path, other] : null;
      if (path.includes(other) || names.indexOf(other) < names.indexOf(path[0] ?? '')) continue;
      const circle = search(other, [...path, other]);
      if (circle !== null) return circle;
    }
    return null;
  };
  return names.flatMap((name) => {
    const circle = search(name, [name]);
    return circle === null ? [] : [circle];
  });
}

/** Alternatives of which none is possible, because each would have to serve more than it may. */
function checkCounts({ document }: Pick<Subject, 'document'>): Finding[] {
  const choices = choicesOf(document).map((out) => tooMany(document, countsOf(document, out)));
  const [first] = choices;
  if (first === undefined || choices.some((one) => one === undefined)) return [];
  return [
    at(
      ['families', first, 'mostNodes'],
      `"${first}" would need more nodes than that for those it serves`,
      'raise mostNodes, or what one node serves',
    ),
  ];
}
