/** Provider of kind `ec2`: Amazon EC2, or anything that speaks its API in full. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

/** What the secret of an EC2 provider, and of one that is like it, holds as JSON. */
export const AccessKey = z.strictObject({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  /** of credentials that are handed out for a while */
  sessionToken: z.string().min(1).optional(),
});
export type AccessKey = z.infer<typeof AccessKey>;

/** Machines of Amazon EC2. */
export const Ec2Provider = z.strictObject({
  kind: z.literal('ec2'),
  limits: ProviderLimits.optional(),
  region: z.string().min(1).describe('region of the domains that name none, e.g. eu-north-1'),
  credentials: SecretReference.describe('JSON: {"accessKeyId": …, "secretAccessKey": …, "sessionToken"?: …}'),
  endpoint: z.url().optional().describe('where the API is, for all regions; the one of the region when absent'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether the endpoint may be at a loopback, link-local or private address; false when absent'),
});
