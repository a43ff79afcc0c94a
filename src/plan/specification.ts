/** What is run and how, by the blueprint; and in words what is different about it. */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { defaultEpmdPort } from '../model/check-providers.ts';
import type { NodeSpecification } from '../model/node.ts';
import type { Facts } from '../model/plan.ts';
import { needsOf } from './need.ts';
import type { Need } from './need.ts';

const stopSecondsDefault = 30;
const bootSecondsDefault = 60;

/** The specification of a family's nodes; null when its release is not known. */
export function specificationOf(document: BlueprintDocument, need: Need): NodeSpecification | null {
  const { definition, component, release } = need;
  if (release === undefined) return null;
  const commands = document.releases[definition.release]?.commands;
  return {
    release: definition.release,
    digest: release.digest,
    config: definition.config ?? {},
    ...(commands === undefined ? {} : { commands }),
    mesh: component.mesh,
    component: component.name,
    epmdPort: document.epmdPort ?? defaultEpmdPort,
    beforeStop: definition.hooks?.beforeStop ?? null,
    stopSeconds: definition.stopSeconds ?? stopSecondsDefault,
    bootSeconds: definition.bootSeconds ?? bootSecondsDefault,
  };
}

type Specifications = ReadonlyMap<string, NodeSpecification>;

/** What was answered last of the very same releases: loops ask over and over, and neither they nor documents are ever changed. */
const answered = new WeakMap<
  Facts['releases'],
  { readonly document: BlueprintDocument; readonly specifications: Specifications }
>();

/** What the nodes of each family are to run and how, of those families whose release is known. */
export function specificationsOf(document: BlueprintDocument, releases: Facts['releases']): Specifications {
  const known = answered.get(releases);
  if (known?.document === document) return known.specifications;
  const specifications = specificationsBy(document, releases);
  answered.set(releases, { document, specifications });
  return specifications;
}

function specificationsBy(document: BlueprintDocument, releases: Facts['releases']): Specifications {
  return new Map(
    [...needsOf(document, releases)].flatMap(([family, need]) => {
      const specification = specificationOf(document, need);
      return specification === null ? [] : [[family, specification] as const];
    }),
  );
}

const words: Readonly<Record<keyof Required<NodeSpecification>, string>> = {
  release: 'its release has another name',
  digest: 'another release',
  config: 'another configuration',
  commands: 'other commands',
  mesh: 'another mesh',
  component: 'other linked families, and with them another cookie',
  epmdPort: 'another port of epmd',
  beforeStop: 'another hook before its stop',
  stopSeconds: 'another time to stop',
  bootSeconds: 'another time to boot',
};

/** Whether both say the same. */
export function isSameSpecification(one: NodeSpecification, other: NodeSpecification): boolean {
  // what was written by one hand is the same to the letter
  if (one === other || wholeText(one) === wholeText(other)) return true;
  return sortedText(one) === sortedText(other);
}

/** In what the two differ, in words; empty when they do not. */
export function changesBetween(had: NodeSpecification, wanted: NodeSpecification): string[] {
  if (isSameSpecification(had, wanted)) return [];
  const keys = Object.keys(words) as (keyof NodeSpecification)[];
  return keys.filter((key) => stableText(had[key]) !== stableText(wanted[key])).map((key) => words[key]);
}

/** Texts of specifications by identity: those of nodes are compared over and over, and never changed. */
const texts = new WeakMap<NodeSpecification, string>();

function wholeText(specification: NodeSpecification): string {
  const text = texts.get(specification) ?? JSON.stringify(specification);
  texts.set(specification, text);
  return text;
}

/** The same with sorted keys. */
const sortedTexts = new WeakMap<NodeSpecification, string>();

function sortedText(specification: NodeSpecification): string {
  const text = sortedTexts.get(specification) ?? stableText(specification);
  sortedTexts.set(specification, text);
  return text;
}

/** JSON with sorted keys: equal texts for equal values. */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
