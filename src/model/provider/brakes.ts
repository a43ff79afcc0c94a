/** What every kind of provider may say about when the control plane acts there by itself. */
import { z } from 'zod';

/** Settings of any provider. */
export const brakes = {
  sweepAfterSeconds: z
    .int()
    .min(30)
    .max(604_800)
    .optional()
    .describe('what is ours there and on no record is removed when it has been seen for so long; 60 when absent'),
  repairUpToPercent: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never',
    ),
};
