/** Provider of kind `rackspace`: Cloud Servers of Rackspace's public cloud. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

/** What the secret of a Rackspace provider holds as JSON. */
export const RackspaceCredentials = z.strictObject({ username: z.string().min(1), apiKey: z.string().min(1) });
export type RackspaceCredentials = z.infer<typeof RackspaceCredentials>;

/** Machines of Rackspace. */
export const RackspaceProvider = z.strictObject({
  kind: z.literal('rackspace'),
  limits: ProviderLimits.optional(),
  region: z.string().min(1).optional().describe("region of the domains that name none; the user's own when absent"),
  credentials: SecretReference.describe('JSON: {"username": …, "apiKey": …}'),
  endpoint: z
    .url()
    .optional()
    .describe('where the identity service is; https://identity.api.rackspacecloud.com/v2.0 when absent'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether endpoints may be at a loopback, link-local or private address; false when absent'),
});
