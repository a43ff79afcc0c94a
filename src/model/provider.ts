/** Provider: where machines come from. One schema a kind; adding a cloud adds a member to the union. */
import { z } from 'zod';
import { Name, SecretReference } from './name.ts';
import { Capabilities } from './capability.ts';
import { brakes } from './provider/brakes.ts';
import { CloudStackProvider } from './provider/cloudstack.ts';
import { Ec2Provider } from './provider/ec2.ts';
import { EucalyptusProvider } from './provider/eucalyptus.ts';
import { HetznerProvider } from './provider/hetzner.ts';
import { OpenNebulaProvider } from './provider/opennebula.ts';
import { OpenStackProvider } from './provider/openstack.ts';
import { RackspaceProvider } from './provider/rackspace.ts';

/** A host key, by its fingerprint. */
export const HostKey = z
  .string()
  .regex(
    /^SHA256:[A-Za-z0-9+/]{43}=?$/,
    'a host key is given by its fingerprint: SHA256:… as `ssh-keygen -lf` prints it',
  );

/** An SSH host that exists already. */
export const SshHost = z.strictObject({
  address: z.string().min(1).describe('host name or IP address that we connect to'),
  port: z.int().min(1).max(65535).optional().describe('TCP port of its SSH server; 22 when absent'),
  user: z.string().min(1).describe('account that runs the nodes'),
  hostKey: HostKey.describe('fingerprint of the host key; any other key is refused'),
  advertised: z.string().optional().describe('address that other nodes dial, where it differs from `address`'),
  capabilities: Capabilities.optional(),
});

/** This machine. */
export const LocalProvider = z.strictObject({
  kind: z.literal('local'),
  directory: z.string().optional().describe('where nodes live; a folder of the control plane when absent'),
  address: z.string().optional().describe('routable address of this machine that other hosts dial; found when absent'),
});

/** Machines that one already has, reached over SSH. */
export const SshProvider = z.strictObject({
  kind: z.literal('ssh'),
  hosts: z.array(SshHost).min(1),
  key: SecretReference.describe('private key, OpenSSH format'),
  directory: z.string().optional().describe('where nodes live on each host; ~/.wombat when absent'),
  firewall: z
    .boolean()
    .optional()
    .describe(
      'keep a firewall on the hosts: only what families declare and need is open, and SSH. Needs nftables, and a user who is root or may use sudo without a password; false when absent',
    ),
});

/** A simulated cloud in the control plane's own memory: for tests and for trying a blueprint out. */
export const MemoryProvider = z.strictObject({
  kind: z.literal('memory'),
  machines: z.int().min(1).max(100_000).optional().describe('how many machines a zone has; 100 when absent'),
  cores: z.int().min(1).optional(),
  memory: z.string().optional().describe('memory of a machine, e.g. 4G'),
});

export const ProviderDefinition = z.discriminatedUnion('kind', [
  LocalProvider.extend(brakes),
  SshProvider.extend(brakes),
  MemoryProvider.extend(brakes),
  Ec2Provider.extend(brakes),
  EucalyptusProvider.extend(brakes),
  HetznerProvider.extend(brakes),
  OpenStackProvider.extend(brakes),
  RackspaceProvider.extend(brakes),
  OpenNebulaProvider.extend(brakes),
  CloudStackProvider.extend(brakes),
]);
export type ProviderDefinition = z.infer<typeof ProviderDefinition>;
export type SshHost = z.infer<typeof SshHost>;

/** The kinds of provider there are. */
export const providerKinds = [
  'local',
  'ssh',
  'memory',
  'ec2',
  'eucalyptus',
  'hetzner',
  'openstack',
  'rackspace',
  'opennebula',
  'cloudstack',
] as const satisfies readonly ProviderDefinition['kind'][];
export type ProviderKind = ProviderDefinition['kind'];

/** A provider as registered. `declaredBy` is the blueprint that brought it; null when it was added by hand. */
export const Provider = z.object({
  name: Name,
  definition: ProviderDefinition,
  declaredBy: Name.nullable(),
});
export type Provider = z.infer<typeof Provider>;
