/** Provider of kind `hetzner`: a project of the Hetzner Cloud. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

/** Machines of the Hetzner Cloud. */
export const HetznerProvider = z.strictObject({
  kind: z.literal('hetzner'),
  limits: ProviderLimits.optional(),
  credentials: SecretReference.describe('JSON: {"token": …}, an API token of the project that may write'),
  endpoint: z.url().optional().describe('where the API is; https://api.hetzner.cloud/v1 when absent'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether the endpoint may be at a loopback, link-local or private address; false when absent'),
});

/** What the secret of such a provider holds as JSON. */
export const HetznerToken = z.strictObject({ token: z.string().min(1) });
