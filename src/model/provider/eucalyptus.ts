/** Provider of kind `eucalyptus`. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

/** Machines of a Eucalyptus cloud. */
export const EucalyptusProvider = z.strictObject({
  kind: z.literal('eucalyptus'),
  limits: ProviderLimits.optional(),
  endpoint: z.url().describe('the compute service with its path: https://compute.example.com:8773/services/compute'),
  credentials: SecretReference.describe('JSON: {"accessKeyId": …, "secretAccessKey": …}'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether the endpoint may be at a loopback, link-local or private address; false when absent'),
});
