/** OpenNebula, by its XML-RPC. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

export const OpenNebulaProvider = z.strictObject({
  kind: z.literal('opennebula'),
  limits: ProviderLimits.optional(),
  endpoint: z.string().min(1).describe('URL of its XML-RPC, e.g. https://one.example.org:2633/RPC2'),
  credentials: SecretReference.describe(
    'a JSON object: {"user": "…", "password": "…"}; a login token is given as password',
  ),
  firstBoot: z
    .enum(['context', 'cloud-init'])
    .optional()
    .describe('what reads the user-data in its images: OpenNebula’s own context packages (when absent) or cloud-init'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether the endpoint may be a loopback, link-local or private address'),
});

/** What the credentials must be. */
export const OpenNebulaCredentials = z.strictObject({ user: z.string().min(1), password: z.string().min(1) });
export type OpenNebulaCredentials = z.infer<typeof OpenNebulaCredentials>;
