/** Checks of demands and preferences: their grammar, and that what they speak of can exist. */
import { suggestion } from '../base/nearest.ts';
import { automaticCapabilities } from './capability.ts';
import type { Subject } from './check-subject.ts';
import { parseDemand, valuesOf } from './demand.ts';
import type { Demand } from './demand.ts';
import { at } from './document-path.ts';
import type { DocumentPath, Finding } from './document-path.ts';
import type { FamilyDefinition } from './family.ts';
import { providerKinds } from './provider.ts';

/** Automatic attributes whose values are numbers. */
const numericAttributes: readonly string[] = ['cores', 'memory', 'disk', 'price'];

export function checkDemands(subject: Subject, name: string, family: FamilyDefinition): Finding[] {
  const demands = (family.demands ?? []).map((text, index): [DocumentPath, string] => [
    ['families', name, 'demands', index],
    text,
  ]);
  const wishes = (family.prefer ?? []).map(({ that }, index): [DocumentPath, string] => [
    ['families', name, 'prefer', index, 'that'],
    that,
  ]);
  return [...demands, ...wishes].flatMap(([path, text]) => checkDemand(subject, path, text));
}

function checkDemand(subject: Subject, path: DocumentPath, text: string): Finding[] {
  const parsed = parseDemand(text);
  if (!parsed.ok) return [{ path, spot: parsed.offset, message: `in "${text}": ${parsed.message}`, hint: parsed.hint }];
  const { attribute } = parsed.demand;
  const known = attributesOf(subject);
  // with no domain at hand nobody can say which attributes there are
  if (subject.domains.size > 0 && !known.has(attribute))
    return [at(path, `no domain has an attribute "${attribute}"`, suggestion(attribute, known, 'the attributes are'))];
  return checkValues(subject, path, parsed.demand);
}

/** Every attribute that some domain or host declares, and those that nobody has to declare. */
function attributesOf({ domains, providers }: Subject): ReadonlySet<string> {
  const used = new Set([...domains.values()].map((domain) => domain.provider));
  const hosts = [...providers].flatMap(([name, one]) => (one.kind === 'ssh' && used.has(name) ? one.hosts : []));
  const declared = [...domains.values(), ...hosts].flatMap((place) => Object.keys(place.capabilities ?? {}));
  return new Set([...automaticCapabilities, ...declared]);
}

function checkValues(subject: Subject, path: DocumentPath, demand: Demand): Finding[] {
  const values = valuesOf(demand);
  if (numericAttributes.includes(demand.attribute))
    return values
      .filter((value) => typeof value !== 'number')
      .map((value) =>
        at(
          path,
          `${demand.attribute} is a number, "${String(value)}" is none`,
          'for example: cores >= 2, memory >= 4G',
        ),
      );
  const names = namesOf(subject, demand.attribute);
  if (names === undefined) return [];
  return values
    .filter((value) => !names.includes(String(value)))
    .map((value) =>
      at(
        path,
        `there is no ${demand.attribute} "${String(value)}"`,
        suggestion(String(value), names, `each ${demand.attribute} is one of`),
      ),
    );
}

/** The values that an attribute can have at all, where they are known. */
function namesOf({ domains }: Subject, attribute: string): readonly string[] | undefined {
  // with nothing declared the domains are those registered at the control plane, which a check of the file alone cannot know
  if (domains.size === 0) return undefined;
  if (attribute === 'domain') return [...domains.keys()];
  if (attribute === 'provider') return [...new Set([...domains.values()].map((domain) => domain.provider))];
  return attribute === 'kind' ? providerKinds : undefined;
}
