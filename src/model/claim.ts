/** Claim: the file by which a machine that one already has says to whom it belongs. Its existence is the machine's. */
import { z } from 'zod';
import { Name, Timestamp } from './name.ts';

export const Claim = z.object({
  /** token of the order that claimed it (I2) */
  token: z.string().max(200),
  /** id of the control plane that claimed it (I4) */
  owner: z.string().max(200),
  domain: Name,
  claimedAt: Timestamp,
});
export type Claim = z.infer<typeof Claim>;
