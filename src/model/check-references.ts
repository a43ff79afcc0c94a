/**
 * What a schema cannot see: names that must exist elsewhere in the blueprint, texts with a grammar of their own, and
 * declarations that contradict each other. Everything is found at once, each with its place and what to write instead.
 */
import { suggestion } from '../base/nearest.ts';
import type { BlueprintDocument } from './blueprint.ts';
import { checkBootstrap, checkComponents } from './check-bootstrap.ts';
import { checkCommandFamily, checkReleases } from './check-commands.ts';
import { checkDemands } from './check-demands.ts';
import { checkFirewall } from './check-firewall.ts';
import { checkLinks } from './check-links.ts';
import { checkPlace, checkRelations } from './check-place.ts';
import { checkProviders } from './check-providers.ts';
import { subjectOf } from './check-subject.ts';
import type { Known, Subject } from './check-subject.ts';
import { at, nowhere, placed } from './document-path.ts';
import type { Finding, Locate } from './document-path.ts';
import type { FamilyDefinition } from './family.ts';
import type { InputFault } from './problem.ts';

/** All faults of a document that fits the schema, in the order of its text. */
export function checkReferences(document: BlueprintDocument, known: Known, locate: Locate = nowhere): InputFault[] {
  const subject = subjectOf(document, known);
  const findings = [
    ...checkProviders(subject),
    ...checkReleases(subject),
    ...Object.entries(document.families).flatMap(([name, family]) => checkFamily(subject, name, family)),
    ...checkComponents(subject),
    ...checkLinks(subject),
    ...checkRelations(subject),
  ];
  return placed(findings, locate);
}

function checkFamily(subject: Subject, name: string, family: FamilyDefinition): Finding[] {
  return [
    ...checkRelease(subject, name, family),
    ...checkCommandFamily(subject, name, family),
    ...checkPlace(subject, name, family),
    ...checkDemands(subject, name, family),
    ...checkFirewall(subject, name, family),
    ...checkBootstrap(subject, name, family),
  ];
}

function checkRelease({ document }: Subject, name: string, family: FamilyDefinition): Finding[] {
  if (Object.hasOwn(document.releases, family.release)) return [];
  const hint = suggestion(family.release, Object.keys(document.releases), 'the releases of this blueprint are');
  return [at(['families', name, 'release'], `there is no release "${family.release}"`, hint)];
}
