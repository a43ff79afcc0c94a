/** What a provider offered when it was last asked. */
import { z } from 'zod';
import { Offer } from './machine.ts';
import { Name, Timestamp } from './name.ts';

export const OfferSheet = z.object({
  provider: Name,
  at: Timestamp,
  offers: z.array(Offer),
  /** why it could not be asked; null when it could. The offers are then those of the last time. */
  fault: z.object({ code: z.string(), why: z.string() }).nullable(),
});
export type OfferSheet = z.infer<typeof OfferSheet>;
