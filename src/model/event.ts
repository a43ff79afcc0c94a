/** Event: something that happened, in words, for people and for watchers. */
import { z } from 'zod';
import { Timestamp } from './name.ts';

export const eventLevels = ['info', 'warning', 'error'] as const;

export const Event = z.object({
  /** counts up without gaps within one store */
  sequence: z.int(),
  at: Timestamp,
  level: z.enum(eventLevels),
  /** what it is about, e.g. `node`, `blueprint` */
  kind: z.string(),
  /** name or id of that object */
  object: z.string(),
  blueprint: z.string().nullable(),
  /** verb in the past: `planned`, `started`, `proved`, `failed` */
  what: z.string(),
  words: z.string(),
});
export type Event = z.infer<typeof Event>;
/** An event before the store has numbered it. */
export type EventDraft = Omit<Event, 'sequence' | 'at'>;

/** So many events always stay, however old they are. */
export const fewestEvents = 10_000;
