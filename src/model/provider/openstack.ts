/** Provider of kind `openstack`: a project of an OpenStack cloud. */
import { z } from 'zod';
import { SecretReference } from '../name.ts';
import { ProviderLimits } from './limits.ts';

const text = z.string().min(1);

/** What the secret of an OpenStack provider holds as JSON: an application credential, or a user with a password. */
export const OpenStackCredentials = z.union([
  z.strictObject({ applicationCredentialId: text, applicationCredentialSecret: text }),
  z.strictObject({
    username: text,
    password: text,
    /** name of the user's domain; `Default` when absent */
    userDomain: text.optional(),
    /** name of the project */
    project: text,
    /** name of the project's domain; the user's when absent */
    projectDomain: text.optional(),
  }),
]);
export type OpenStackCredentials = z.infer<typeof OpenStackCredentials>;

/** Machines of an OpenStack cloud. */
export const OpenStackProvider = z.strictObject({
  kind: z.literal('openstack'),
  limits: ProviderLimits.optional(),
  endpoint: z.url().describe('where Keystone is, e.g. https://cloud.example:5000/v3'),
  region: text.describe('region of the domains that name none'),
  interface: z
    .enum(['public', 'internal', 'admin'])
    .optional()
    .describe('which of the endpoints in the catalogue are used; `public` when absent'),
  credentials: SecretReference.describe(
    'JSON: {"applicationCredentialId": …, "applicationCredentialSecret": …}, or {"username": …, "password": …, "project": …, "userDomain"?: …, "projectDomain"?: …}',
  ),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('whether endpoints may be at a loopback, link-local or private address; false when absent'),
});
