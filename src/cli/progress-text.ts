/** The live block while a blueprint is on its way: a line a family, then the latest words. Pure. */
import { durationText } from './quantity.ts';
import { eventLine } from './event-text.ts';
import { cut, padded } from './text.ts';
import { phasesText, stateWord } from './status-text.ts';
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

function familyBars(families: readonly FamilyView[], { paint, width }: Page): string[] {
  const nameWidth = Math.min(20, Math.max(0, ...families.map((family) => family.name.length)));
  return families.map((family) => {
    const count = `${family.running}/${family.wanted}`;
    const head = `  ${padded(cut(family.name, nameWidth), nameWidth)}  `;
    const tail = cut(phasesText(family), Math.max(0, width - head.length - barWidth - count.length - 6));
    return `${head}${bar(family, paint)}  ${padded(count, 7)}  ${paint.dim(tail)}`.trimEnd();
  });
}

function bar({ running, wanted }: FamilyView, paint: Page['paint']): string {
  const filled = wanted === 0 ? barWidth : Math.min(barWidth, Math.floor((running / wanted) * barWidth));
  return paint.good('█'.repeat(filled)) + paint.dim('░'.repeat(barWidth - filled));
}
