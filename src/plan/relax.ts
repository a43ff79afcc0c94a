/**
 * Relaxation: of all that would resolve a conflict by changing one of its members, what gives up least. A lower bound or
 * a higher limit is less than doing without; of those the one after which the placement costs least.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { parseDemand } from '../model/demand.ts';
import { pathText } from '../model/document-path.ts';
import type { Attributes, Oracle, Wanted } from './conflict.ts';

/** A conflict whose way out is looked for. */
export interface Dilemma {
  readonly document: BlueprintDocument;
  /** the members of the conflict */
  readonly kept: readonly Wanted[];
  /** the document without one of them */
  without(wanted: Wanted): BlueprintDocument;
  readonly attributes: Attributes;
  readonly oracle: Oracle;
}

interface Relaxation {
  readonly words: string;
  readonly document: BlueprintDocument;
}

/** What would do, in words. */
export function cheapestRelaxation(dilemma: Dilemma): string {
  const { oracle, kept } = dilemma;
  const gentle = [
    ...kept.flatMap((one) => weakerDemand(dilemma, one)),
    ...kept.flatMap((one) => higherLimit(dilemma, one)),
  ];
  // each costs a search of its own: leaving out is tried only where giving way is not enough
  const least = gentle.length > 0 ? gentle : kept.flatMap((one) => omission(dilemma, one));
  const priced = least.map((one) => ({ ...one, price: oracle.price(one.document) }));
  const [best] = priced.sort((a, b) => (a.price ?? Infinity) - (b.price ?? Infinity));
  if (best === undefined) return 'leaving out one of these is not enough: there are other conflicts behind this one';
  const isPriced = best.price !== null && best.price > 0;
  return isPriced ? `${best.words}, at ${numeral(best.price ?? 0)} an hour` : best.words;
}

function numeral(value: number): string {
  return String(Number(value.toFixed(6)));
}

/** The demand with the nearest bound that some place meets and that will do. */
function weakerDemand({ document, attributes, oracle }: Dilemma, { path, words }: Wanted): Relaxation[] {
  const [, name, list, at] = path as [string, string, string, number];
  const text = list === 'demands' ? document.families[name]?.demands?.[at] : undefined;
  for (const other of text === undefined ? [] : weakened(text, attributes)) {
    const copy = structuredClone(document);
    const demands = copy.families[name]?.demands;
    if (demands !== undefined) demands[at] = other;
    if (oracle.judge(copy) === true) return [{ words: `${words}: with ${other} all can be placed`, document: copy }];
  }
  return [];
}

/** The cost limit raised to what the cheapest placement costs; the licences that all nodes together take. */
function higherLimit(dilemma: Dilemma, wanted: Wanted): Relaxation[] {
  const { document, oracle } = dilemma;
  const { path, words } = wanted;
  const key = path.at(-1) ?? '';
  const raised = (value: number): Relaxation[] => {
    const copy = structuredClone(document);
    const parent = path.slice(0, -1).reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], copy);
    (parent as Record<string, unknown>)[key] = value;
    const isEnough = oracle.judge(copy) === true;
    return isEnough ? [{ words: `${words}: with ${numeral(value)} all can be placed`, document: copy }] : [];
  };
  if (path[0] === 'licences') return raised(licencesTaken(document, String(key)));
  const price = path.length === 2 && key === 'costPerHour' ? oracle.price(dilemma.without(wanted)) : null;
  return price === null ? [] : raised(Number(price.toFixed(6)));
}

function licencesTaken({ families }: BlueprintDocument, licence: string): number {
  return Object.values(families).reduce(
    (sum, { licences = [], nodes }) => sum + nodes * licences.filter((one) => one === licence).length,
    0,
  );
}

function omission(dilemma: Dilemma, wanted: Wanted): Relaxation[] {
  const copy = dilemma.without(wanted);
  if (dilemma.oracle.judge(copy) !== true) return [];
  return [{ words: `without ${pathText(wanted.path)} (${wanted.words}) all can be placed`, document: copy }];
}

/** The demand with the bounds that some place meets, the nearest first. */
function weakened(text: string, attributes: Attributes): string[] {
  const parsed = parseDemand(text);
  if (!parsed.ok || !('attribute' in parsed.demand)) return [];
  const { attribute, operator, value } = parsed.demand;
  if (typeof value !== 'number' || !['>=', '<=', '>', '<'].includes(operator)) return [];
  const isLower = operator.startsWith('>');
  const found = [...(attributes.get(attribute) ?? [])].filter((one): one is number => typeof one === 'number');
  const weaker = found.filter((one) => (isLower ? one < value : one > value)).sort((a, b) => (isLower ? b - a : a - b));
  return weaker.slice(0, 8).map((one) => `${attribute} ${isLower ? '>=' : '<='} ${amountText(attribute, one)}`);
}

function amountText(attribute: string, value: number): string {
  if (!['memory', 'disk'].includes(attribute)) return String(value);
  return value % 2 ** 30 === 0 ? `${value / 2 ** 30}G` : `${Math.floor(value / 2 ** 20)}M`;
}
