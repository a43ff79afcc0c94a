/**
 * The sweep: what is ours and on no record, what was given up and may still be there, and the brakes that stop the
 * control plane where its own view may be what is wrong.
 */
import { z } from 'zod';
import { Name, Timestamp } from './name.ts';

/** What may be without a record: a machine, what stands beside machines, a node on a host. */
export const strayKinds = ['machine', 'beside', 'node'] as const;

/** Something of ours that is on no record. */
export const Stray = z.object({
  provider: Name,
  kind: z.enum(strayKinds),
  /** the provider's own id; of a node ours */
  id: z.string(),
  /** the order it was made for; of a node that of its machine */
  token: z.string().nullable(),
  /** where it is: the domain, or the host of a node */
  where: z.string(),
  /** why it is taken for a stray */
  words: z.string(),
  firstSeen: Timestamp,
  /** how long it has been seen as one, as far as somebody looked; milliseconds, by no wall clock */
  seenMs: z.number(),
  /** the token with which its removal was asked for; null where nobody has asked */
  askedBy: z.string().nullable(),
  /** why it could not be removed when that was tried last */
  failed: z.string().nullable(),
});
export type Stray = z.infer<typeof Stray>;

/** Something that was given up, on record no more: it may still be there, and cost money. */
export const Leftover = z.object({
  provider: Name,
  kind: z.enum(strayKinds),
  /** of a machine its order's token, of a node its id, of what stands beside the provider's id */
  id: z.string(),
  /** the provider's own id of a machine, where it was known; of a node its machine's order */
  providerId: z.string().nullable(),
  /** what people find it by: the name or address that it had */
  name: z.string(),
  /** the blueprint with whose end it was given up; null where it was not */
  blueprint: Name.nullable(),
  at: Timestamp,
  /** why it was given up, in the words of whom refused its end */
  words: z.string(),
});
export type Leftover = z.infer<typeof Leftover>;

/** A brake that holds: the control plane has stopped doing something, and a person has to look. */
export const Alarm = z.object({
  brake: z.enum(['sweep', 'repair']),
  /** what it holds for: a provider, or a blueprint */
  about: z.enum(['provider', 'blueprint']),
  name: Name,
  since: Timestamp,
  words: z.string(),
  /** the command with which it is looked at or released */
  next: z.string(),
  /** the token with which it was released; null while it holds */
  releasedBy: z.string().nullable(),
});
export type Alarm = z.infer<typeof Alarm>;

/** A stray with when it goes. */
export const StrayView = Stray.extend({
  /** seconds until it is removed; null where that waits for a person */
  goesInSeconds: z.number().nullable(),
});
export type StrayView = z.infer<typeof StrayView>;

/** What a look at one provider showed. */
export const ProviderSweep = z.object({
  provider: Name,
  /** how many machines of ours it lists, and how many nodes were seen on hosts */
  machines: z.int(),
  nodes: z.int(),
  /** why not everything could be looked at; null when all was */
  fault: z.string().nullable(),
  alarm: Alarm.nullable(),
  strays: z.array(StrayView),
});
export type ProviderSweep = z.infer<typeof ProviderSweep>;

/** A look at all providers, and what was given up. */
export const SweepView = z.object({ providers: z.array(ProviderSweep), leftovers: z.array(Leftover) });
export type SweepView = z.infer<typeof SweepView>;

/** POST /sweep: exactly these are to go, now and whatever the brake says. */
export const SweepRequest = z.strictObject({
  strays: z
    .array(z.strictObject({ provider: Name, kind: z.enum(strayKinds), id: z.string().min(1).max(512) }))
    .min(1)
    .max(10_000),
});
export type SweepRequest = z.infer<typeof SweepRequest>;

/** Key of a stray's record, and of a leftover's. */
export function strayKey({ provider, kind, id }: Pick<Stray, 'provider' | 'kind' | 'id'>): string {
  return `${provider}/${kind}/${id}`;
}

/** Key of an alarm's record. */
export function alarmKey({ brake, about, name }: Pick<Alarm, 'brake' | 'about' | 'name'>): string {
  return `${brake} ${about} ${name}`;
}

/** How long what is on no record is left alone when a provider does not say, seconds. */
export const sweepAfterSecondsDefault = 60;
