/** What a look for strays showed, what was given up, and brakes that hold, as lines. Pure. */
import { age, durationText } from './quantity.ts';
import { counted, hanging } from './text.ts';
import { nextLines } from './failure-text.ts';
import { tableLines } from './table.ts';
import { strayKey } from '../model/sweep.ts';
import type { Alarm, Leftover, ProviderSweep, StrayView, SweepView } from '../model/sweep.ts';
import type { Column } from './table.ts';
import type { StatusPage } from './status-text.ts';

/** The whole look: what was looked at, brakes, strays with when they go, and what was given up. */
export function sweepLines(view: SweepView, page: StatusPage): string[] {
  const strays = view.providers.flatMap((one) => one.strays);
  const alarms = view.providers.flatMap(({ alarm }) => alarm ?? []);
  const blocks = [
    alarmLines(alarms, page),
    view.providers.flatMap((one) => lookLines(one, page)),
    strays.length === 0 ? [] : tableLines(strays, strayColumns(page), layoutOf(page)),
    leftoverLines(view.leftovers, page),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

/** Brakes that hold, each with what to do about it; those that a person has released say who. */
export function alarmLines(alarms: readonly Alarm[], page: StatusPage): string[] {
  const { paint, width, nowMs } = page;
  return alarms.flatMap(({ brake, about, name, since, words, next, releasedBy }) => {
    const what = `${brake} of ${about} ${name} is stopped`;
    if (releasedBy !== null)
      return hanging(`${paint.warn('!')} `, `${what} no more: released by ${releasedBy}: ${words}`, width);
    const head = `${paint.bad('✗')} ${paint.strong(what)} ${age(since, nowMs)}`;
    return [head, ...hanging('    ', words, width), ...nextLines(next, page)];
  });
}

function lookLines({ provider, machines, nodes, fault, strays }: ProviderSweep, page: StatusPage): string[] {
  const { paint, width } = page;
  const seen = `${counted(machines, 'machine')} of ours and ${counted(nodes, 'node')} on hosts`;
  const found = strays.length === 0 ? 'all on record' : `${strays.length} on no record`;
  const lines = hanging(`${paint.strong(provider)}  `, `${seen}: ${found}`, width);
  return fault === null
    ? lines
    : [...lines, ...hanging(`  ${paint.warn('!')} `, `not all could be looked at: ${fault}`, width)];
}

function strayColumns({ nowMs }: StatusPage): Column<StrayView>[] {
  return [
    { title: 'STRAY', cell: ({ id }) => id },
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'AT', cell: ({ provider, where }) => (where === '' ? provider : `${provider}: ${where}`) },
    { title: 'FOUND', cell: ({ firstSeen }) => age(firstSeen, nowMs) },
    {
      title: 'GOES',
      cell: goesText,
      paint: (paint, text, one) => (one.goesInSeconds === null ? paint.bad(text) : text),
    },
    { title: 'WHY', cell: ({ words, failed }) => (failed === null ? words : `${words}; ${failed}`), flexible: true },
  ];
}

function goesText({ goesInSeconds, askedBy }: StrayView): string {
  if (askedBy !== null) return `asked by ${askedBy}`;
  if (goesInSeconds === null) return 'when asked';
  return goesInSeconds === 0 ? 'now' : `in ${durationText(goesInSeconds * 1_000)}`;
}

/** What was given up and may still be there, with what it is found by. */
export function leftoverLines(leftovers: readonly Leftover[], page: StatusPage): string[] {
  if (leftovers.length === 0) return [];
  const head = page.paint.strong('GIVEN UP, and perhaps still there:');
  return [
    head,
    ...tableLines(leftovers, leftoverColumns(page), layoutOf(page)),
    ...nextLines(`wombat sweep --gone ${leftovers[0] === undefined ? 'ID' : strayKey(leftovers[0])}`, page),
  ];
}

function leftoverColumns({ nowMs }: StatusPage): Column<Leftover>[] {
  return [
    { title: 'WHAT', cell: strayKey },
    { title: 'PROVIDER ID', cell: ({ kind, providerId }) => (kind === 'node' ? '' : (providerId ?? 'not known')) },
    { title: 'NAME', cell: ({ name }) => name, flexible: true },
    { title: 'GIVEN UP', cell: ({ at }) => age(at, nowMs) },
    { title: 'WHY', cell: ({ words }) => words, flexible: true },
  ];
}

function layoutOf({ tableWidth, paint, wide }: StatusPage) {
  return { width: tableWidth, paint, wide };
}
