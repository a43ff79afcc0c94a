/** What the planner has to say besides the steps: offers it did not use, nodes without a place, things to know. */
import type { Domain } from '../model/domain.ts';
import type { Facts, Report, Shortage } from '../model/plan.ts';
import type { Inspection } from '../model/release.ts';
import type { Difference } from './diff.ts';
import type { Need } from './need.ts';
import type { CapabilityValue } from '../model/capability.ts';
import { missing, oracleOf } from './attempt.ts';
import type { Attempt, Question } from './attempt.ts';
import { conflictOf } from './conflict.ts';

/** What a report is made of. */
type ReportContext = Pick<Attempt, 'domains' | 'differences' | 'needs' | 'placing'> & { readonly facts: Facts };

export function reportOf(question: Question, attempt: Attempt): Report {
  const { facts } = question;
  const context: ReportContext = { ...attempt, facts };
  const { placing, differences } = attempt;
  const { certainty } = placing;
  return {
    ...(certainty === null ? {} : { placement: certainty }),
    ...conflictIn(question, attempt),
    rejections: [...placing.refusals].flatMap(([family, refusals]) => refusals.rejections(family)),
    shortages: differences.flatMap((difference) => shortageOf(difference, context)),
    warnings: [...leftOut(context), ...releaseWarnings(context)],
  };
}

/** What cannot hold together, where something found no place. */
function conflictIn(question: Question, attempt: Attempt): Pick<Report, 'conflict'> {
  if (missing(attempt) === 0) return {};
  const attributes = new Map<string, Set<CapabilityValue>>();
  for (const place of [...question.facts.offers, ...question.facts.machines])
    for (const [name, value] of Object.entries(place.attributes))
      attributes.set(name, (attributes.get(name) ?? new Set()).add(value));
  const conflict = conflictOf(question.document, attributes, oracleOf(question));
  return conflict === null ? {} : { conflict };
}

function shortageOf(difference: Difference, { placing, needs, facts, domains }: ReportContext): Shortage[] {
  const { family, wanted, stay, displaced, lacking, extra } = difference;
  const asked = displaced.length + lacking;
  const placed = placing.seats.get(family)?.length ?? 0;
  const need = needs.get(family);
  if (placed >= asked || need === undefined) return [];
  const silent = silentProviders(facts, domains);
  const refusals = placing.refusals.get(family);
  const { undecided } = placing;
  const why = [
    ...(undecided === undefined ? [] : [`whether all can be placed is not decided: ${undecided}`]),
    ...(extra > 0
      ? ['one more is needed while others are changed, of which none may be missing: see update.minRunning']
      : []),
    ...(refusals?.reasons() ?? []),
    ...silent.map((one) => `provider ${one.name} cannot be used: ${one.fault.why}`),
  ];
  const faults = silent.map(({ fault }) => fault);
  const known = refusals?.code(asked - placed, need.rules, faults) ?? 'unsatisfiable';
  const code = known === 'unsatisfiable' && undecided !== undefined ? 'timeout' : known;
  return [
    {
      family,
      wanted: wanted + extra,
      placed: stay.length + placed,
      why: why.length > 0 ? why : [nothingWords(need)],
      code,
    },
  ];
}

function nothingWords({ release, definition }: Need): string {
  return release === undefined ? `release ${definition.release} is not known` : 'no domain offers anything';
}

type FaultyProvider = { readonly name: string; readonly fault: { readonly code: string; readonly why: string } };

/** Providers of this blueprint's domains that cannot be asked and of whose offers nothing is known. */
function silentProviders({ providers, offers }: Facts, domains: ReadonlyMap<string, Domain>): FaultyProvider[] {
  const mine = new Set([...domains.values()].map(({ definition }) => definition.provider));
  return providers.flatMap(({ name, fault }) =>
    fault !== null && mine.has(name) && !offers.some((offer) => offer.provider === name) ? [{ name, fault }] : [],
  );
}

/** Hosts and providers that the plan had to do without. */
function leftOut({ facts, domains }: ReportContext): string[] {
  const offers = facts.offers.flatMap(({ id, domain, fault }) =>
    fault !== null && domains.has(domain) ? [`${id} is left out: ${fault.why}`] : [],
  );
  const silent = silentProviders(facts, domains).map(({ name, fault }) => `provider ${name} is left out: ${fault.why}`);
  return [...silent, ...offers];
}

/** What a person should know of the releases before they run. */
function releaseWarnings({ needs }: ReportContext): string[] {
  const releases = new Map(
    [...needs.values()].flatMap(({ release }) => (release === undefined ? [] : [[release.name, release.inspection]])),
  );
  return [...releases].flatMap(([name, inspection]) => [
    ...withoutErts(name, inspection),
    ...ownSettings(name, inspection),
  ]);
}

function withoutErts(name: string, { ertsIncluded, erts }: Inspection): string[] {
  if (ertsIncluded || erts === null) return [];
  return [`release ${name} brings no Erlang runtime: its hosts must have ERTS ${erts}`];
}

function ownSettings(name: string, { leftOut: names }: Inspection): string[] {
  if (names.length === 0) return [];
  return [
    `release ${name} brings ${names.join(', ')}, which is left out: Wombat names, starts and supervises nodes itself`,
  ];
}
