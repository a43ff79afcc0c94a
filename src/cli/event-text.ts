/** An event as one line: when, what about, what happened. Pure. */
import { clockTime } from './quantity.ts';
import { cut, harmless, padded } from './text.ts';
import type { Event } from '../model/event.ts';
import type { Paint } from './paint.ts';

/** How an event line is laid out. `width` infinite means that its words are not cut. */
export interface EventLayout {
  readonly paint: Paint;
  readonly width: number;
}

const subjectWidth = 20;
const verbWidth = 12;

/** `12:34:56  colony-3        started      answers as colony-3@10.78.0.12`. */
export function eventLine(event: Event, { paint, width }: EventLayout): string {
  const object = Number.isFinite(width) ? cut(event.object, Math.max(subjectWidth, width - 36)) : event.object;
  const head = `${padded(object, subjectWidth)}  ${padded(event.what, verbWidth)}`;
  const room = Number.isFinite(width) ? Math.max(10, width - head.length - 12) : width;
  const words = cut(harmless(event.words.replaceAll('\n', ' ')), room);
  const dressed = event.level === 'error' ? paint.bad(words) : event.level === 'warning' ? paint.warn(words) : words;
  return `${paint.dim(clockTime(event.at))}  ${head}  ${dressed}`.trimEnd();
}
