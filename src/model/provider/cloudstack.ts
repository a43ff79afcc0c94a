/** Apache CloudStack, by its signed HTTP API. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

export const CloudStackProvider = z.strictObject({
  kind: z.literal('cloudstack'),
  limits: ProviderLimits.optional(),
  endpoint: z.string().min(1).describe('URL of its API, e.g. https://cloud.example.org/client/api'),
  credentials: SecretReference.describe('a JSON object: {"apiKey": "…", "secretKey": "…"}'),
  firewall: z
    .enum(['security groups', 'host'])
    .optional()
    .describe(
      'where families’ firewalls are enforced: `security groups` (when absent) for basic zones and others that have them, `host` for advanced zones without',
    ),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether the endpoint may be a loopback, link-local or private address'),
});

/** What the credentials must be. */
export const CloudStackCredentials = z.strictObject({ apiKey: z.string().min(1), secretKey: z.string().min(1) });
export type CloudStackCredentials = z.infer<typeof CloudStackCredentials>;
