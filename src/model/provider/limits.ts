/** How hard a provider may be asked: what its account allows, where that differs from what any can take. */
import { z } from 'zod';

export const ProviderLimits = z
  .strictObject({
    perSecond: z.number().min(0.1).max(1000).optional().describe('calls a second; 20 when absent'),
    atOnce: z.int().min(1).max(256).optional().describe('calls under way together; 8 when absent'),
  })
  .describe(
    'how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much',
  );
export type ProviderLimits = z.infer<typeof ProviderLimits>;
