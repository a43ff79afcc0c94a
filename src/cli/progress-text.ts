/** The live block while a blueprint is on its way: a line a family, then the latest words. Pure. */
import { durationText } from './quantity.ts';
import { eventLine } from './event-text.ts';
import { counted, cut, padded } from './text.ts';
import { phasesText } from './phases-text.ts';
import { stateWord } from './status-text.ts';
import type { BlueprintStatus, FamilyView } from '../model/exchange.ts';
import type { Event } from '../model/event.ts';
import type { Page } from './failure-text.ts';

/** What is known at one moment of the way. */
export interface Progress {
  readonly title: string;
  readonly elapsedMs: number;
  /** undefined before the first answer */
  readonly status: BlueprintStatus | undefined;
  /** latest last */
  readonly events: readonly Event[];
  /** why there is no fresh status; empty when there is */
  readonly trouble: string;
}

/** How many of the latest events the block shows. */
export const eventsShown = 4;

/** The block. No line is wider than the page. */
export function progressLines(progress: Progress, page: Page): string[] {
  const { paint, width } = page;
  const { status } = progress;
  const elapsed = paint.dim(durationText(Math.floor(progress.elapsedMs / 1000) * 1000 || 0));
  const state = status === undefined ? '' : `${stateWord(status.state, paint)}  `;
  const words = status === undefined || status.words === '' ? [] : [paint.dim(cut(`  ${status.words}`, width - 1))];
  return [
    `${paint.strong(progress.title)}  ${state}${elapsed}`,
    ...words,
    ...(status === undefined ? [] : familyBars(status.families, page)),
    ...(progress.trouble === '' ? [] : [paint.warn(cut(`  ${progress.trouble}`, width - 1))]),
    ...progress.events.slice(-eventsShown).map((event) => eventLine(event, { paint, width: width - 1 })),
  ];
}

const barWidth = 20;
const countWidth = 9;
/** A block taller than the terminal could not be redrawn. */
const familiesShown = 10;

function familyBars(families: readonly FamilyView[], page: Page): string[] {
  const { paint } = page;
  const urgent = [...families].sort((a, b) => Number(isThere(a)) - Number(isThere(b)));
  const shown = families.length <= familiesShown ? families : urgent.slice(0, familiesShown);
  const nameWidth = Math.min(20, Math.max(0, ...shown.map((family) => family.name.length)));
  const lines = shown.map((family) => familyBar(family, nameWidth, page));
  const rest = families.length - shown.length;
  return rest === 0 ? lines : [...lines, paint.dim(`  … and ${counted(rest, 'family')} more`)];
}

function isThere({ running, wanted }: FamilyView): boolean {
  return running === wanted;
}

function familyBar(family: FamilyView, nameWidth: number, { paint, width }: Page): string {
  const name = padded(cut(family.name, nameWidth), nameWidth);
  const count = padded(`${family.running}/${family.wanted}`, countWidth);
  const room = width - nameWidth - barWidth - count.length - 9;
  return `  ${name}  ${bar(family, paint)}  ${count}  ${paint.dim(cut(phasesText(family), room))}`.trimEnd();
}

function bar({ running, wanted }: FamilyView, paint: Page['paint']): string {
  const filled = wanted === 0 ? barWidth : Math.min(barWidth, Math.floor((running / wanted) * barWidth));
  return paint.good('█'.repeat(filled)) + paint.dim('░'.repeat(barWidth - filled));
}
