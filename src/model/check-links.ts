/**
 * Checks of links to families of other blueprints, and of what links of others ask of this one. A blueprint that is linked
 * to need not be there yet; where it is, the link must be possible, and stays so: who would make it impossible is refused.
 */
import { suggestion } from '../base/nearest.ts';
import type { BlueprintDocument } from './blueprint.ts';
import { connects, placesOf, reachWords } from './check-bootstrap.ts';
import { defaultEpmdPort } from './check-providers.ts';
import { subjectOf } from './check-subject.ts';
import type { Subject } from './check-subject.ts';
import { at, atKey } from './document-path.ts';
import type { DocumentPath, Finding } from './document-path.ts';
import { familyOf, LinkMap, linkKind, referenceTo } from './link.ts';
import type { Link } from './link.ts';

/** All findings about the document's links, and about those of others to it. */
export function checkLinks(subject: Subject): Finding[] {
  const { document, known } = subject;
  const others = (known.blueprints ?? []).filter(({ name }) => name !== document.name);
  const map = new LinkMap([document, ...others]);
  return [
    ...checkKinds(document),
    ...map.linksFrom(document.name).flatMap((link) => checkFrom(subject, map, link)),
    ...map.linksTo(document.name).flatMap((link) => checkTo(document, map, link)),
  ];
}

/** Links that cannot be meant, whatever other blueprints say. */
function checkKinds({ name, families }: BlueprintDocument): Finding[] {
  return Object.entries(families).flatMap(([family, { bootstrap }]) => {
    const path = ['families', family, 'bootstrap'];
    const towards = Object.entries(bootstrap?.with ?? {}).flatMap(([reference, { action }]) => {
      const to = familyOf(reference);
      if (to?.blueprint === name) {
        const hint = `write ${to.family} for a family of the same blueprint`;
        return [atKey([...path, 'with', reference], `"${reference}" is a family of this blueprint`, hint)];
      }
      return to === undefined && linkKind(action) === 'hidden' ? [hiddenWithin([...path, 'with', reference])] : [];
    });
    const isHidden = bootstrap?.within !== undefined && linkKind(bootstrap.within.action) === 'hidden';
    return isHidden ? [hiddenWithin([...path, 'within']), ...towards] : towards;
  });
}

function hiddenWithin(path: DocumentPath): Finding {
  return at(
    [...path, 'action'],
    'hidden connections are for families of other blueprints',
    'families of one blueprint that are linked are one mesh: use distributed_erlang',
  );
}

/** What is wrong with a link of the document to a blueprint that is there. */
function checkFrom(subject: Subject, map: LinkMap, link: Link): Finding[] {
  const { from, to } = link;
  const path = ['families', from.family, 'bootstrap', 'with', referenceTo(to)];
  const circle = map.path(to.blueprint, from.blueprint);
  if (circle !== null) return [atKey(path, circleWords(from.blueprint, circle), oneWay)];
  const other = map.documents.get(to.blueprint);
  if (other === undefined) return [];
  const families = Object.keys(other.families);
  if (!families.includes(to.family)) {
    const hint = suggestion(to.family, families, `the families of ${to.blueprint} are`) ?? '';
    return [atKey(path, `blueprint ${to.blueprint} has no family "${to.family}"`, hint)];
  }
  const found = [...unlike(map, link), ...(isHiddenInMesh(map, link) ? [inOneMesh(link)] : [])];
  return [...found.map(({ message, hint }) => atKey(path, message, hint)), ...outOfReach(subject, link, other, path)];
}

const oneWay =
  'of two blueprints one starts behind the other: leave one of these links out, or put the families into one blueprint';

function circleWords(from: string, circle: readonly string[]): string {
  return `blueprints link to each other in a circle: ${[from, ...circle].join(' -> ')}`;
}

/** What is wrong with a link of another blueprint to this document. */
function checkTo(document: BlueprintDocument, map: LinkMap, link: Link): Finding[] {
  const { from, to } = link;
  if (map.path(document.name, from.blueprint) !== null) return [];
  if (document.families[to.family] === undefined) {
    const message = `there must be a family "${to.family}": ${referenceTo(from)} links to it`;
    const hint = `keep it, or take that link out of ${from.blueprint} first`;
    return [at(['families'], message, hint)];
  }
  const path = ['families', to.family];
  return unlike(map, link).map(({ key, message, hint }) =>
    at(key === 'epmdPort' ? [key] : [...path, key], message, hint),
  );
}

interface Unlike {
  readonly key: 'mesh' | 'epmdPort';
  readonly message: string;
  readonly hint: string;
}

/** In what the two sides differ that must be alike. */
function unlike(map: LinkMap, { from, to, kind }: Link): Unlike[] {
  if (kind === 'none') return [];
  const [mine, theirs] = [map.meshOf(from), map.meshOf(to)];
  const [port, otherPort] = [from, to].map(
    ({ blueprint }) => map.documents.get(blueprint)?.epmdPort ?? defaultEpmdPort,
  );
  const names = [referenceTo(from), referenceTo(to)] as const;
  const found: Unlike[] = [];
  if (port !== otherPort) {
    const message = `epmd of ${names[0]} is on port ${String(port)}, that of ${names[1]}, with which it is linked, on ${String(otherPort)}`;
    found.push({ key: 'epmdPort', message, hint: 'linked blueprints have one epmdPort' });
  }
  if (kind === 'visible' && mine !== theirs) {
    const message = `mesh of ${names[0]} is ${mine}, that of ${names[1]}, with which it is linked, is ${theirs}`;
    const hint = 'give both one mesh, or link them by hidden connections (distributed_erlang_hidden, connects: hidden)';
    found.push({ key: 'mesh', message, hint });
  }
  return found;
}

function isHiddenInMesh(map: LinkMap, { from, to, kind }: Link): boolean {
  return kind === 'hidden' && map.between(from, to) === 'visible';
}

function inOneMesh({ from, to }: Link): Omit<Unlike, 'key'> {
  const message = `the link from ${referenceTo(from)} to ${referenceTo(to)} is hidden, but other links make one mesh of the two`;
  return { message, hint: 'have all links between the two clusters be hidden, or all visible' };
}

function outOfReach(
  subject: Subject,
  { from, to, kind }: Link,
  document: BlueprintDocument,
  path: DocumentPath,
): Finding[] {
  if (kind === 'none') return [];
  const other = subjectOf(document, subject.known);
  const [mine, theirs] = [placesOf(subject, from.family), placesOf(other, to.family)];
  const both = { ...subject, providers: new Map([...other.providers, ...subject.providers]) };
  if (mine.length === 0 || theirs.length === 0) return [];
  if (mine.some((one) => theirs.some((two) => connects(both, one, two)))) return [];
  return [{ path, spot: 'key', ...reachWords([from.family, mine], [referenceTo(to), theirs]) }];
}

/** Why a blueprint cannot go: families of others that link to it, in words; null when none do. */
export function linkedToBy(map: LinkMap, blueprint: string, going: ReadonlySet<string>): string | null {
  const links = map.linksTo(blueprint).filter(({ from }) => !going.has(from.blueprint));
  const words = [...new Set(links.map(({ from, to }) => `${referenceTo(from)} links to ${referenceTo(to)}`))];
  return words.length === 0 ? null : words.join('; ');
}
