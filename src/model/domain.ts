/** Deployment domain: a place at a provider where machines can be had, with its capability profile. */
import { z } from 'zod';
import { Capabilities } from './capability.ts';
import { Name, SecretReference } from './name.ts';
import { HostKey } from './provider.ts';

/** How machines of an image are entered that cannot be prepared by user-data, or as another account. */
export const Login = z.strictObject({
  user: z.string().min(1).optional().describe('account that runs the nodes; `wombat`, made at first boot, when absent'),
  hostKey: HostKey.optional().describe('only for images that run no user-data: the host key that all of them show'),
  key: SecretReference.optional().describe('private key that the image accepts; one of our own when absent'),
});

export const DomainDefinition = z.strictObject({
  provider: Name,
  region: z.string().optional(),
  zone: z.string().optional(),
  image: z.string().optional().describe('what new machines boot from'),
  machineTypes: z.array(z.string()).min(1).optional().describe('the machine types that may be used; all when absent'),
  hosts: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('ssh only: the addresses of the provider that belong here; all when absent'),
  subnet: z
    .string()
    .optional()
    .describe('the part of the network that new machines are put on; the provider chooses when absent'),
  publicAddress: z
    .boolean()
    .optional()
    .describe(
      'whether a made machine gets a public address (floating IP, elastic IP), by which it is then entered; false when absent',
    ),
  enteredFrom: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('address blocks from which the control plane enters made machines by SSH; everywhere when absent'),
  login: Login.optional(),
  bootSeconds: z
    .int()
    .min(5)
    .max(7200)
    .optional()
    .describe('how long a made machine may take from its order to its first answer; the kind says when absent'),
  prices: z
    .record(z.string(), z.number().min(0))
    .optional()
    .describe('price of an hour by machine type, where the provider states none'),
  network: z
    .string()
    .optional()
    .describe(
      'the network its machines are on. Nodes of two domains can reach each other when both name no network, or the same one, or one lists the other in `reaches`',
    ),
  reaches: z.array(z.string()).optional().describe('other networks from which and to which connections are possible'),
  ports: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'a port range looks like 9100-9199')
    .optional()
    .describe('the ports that Erlang distribution may use here; 9100-9999 when absent'),
  lostAfterSeconds: z
    .int()
    .min(5)
    .optional()
    .describe('a machine out of reach for that long is given up and its nodes are placed elsewhere; 60 when absent'),
  capabilities: Capabilities.optional(),
});
export type DomainDefinition = z.infer<typeof DomainDefinition>;

/** First and last port for Erlang distribution in the domain. */
export function domainPorts(domain: DomainDefinition): readonly [first: number, last: number] {
  const [first = 9100, last = 9999] = domain.ports?.split('-').map(Number) ?? [];
  return [first, last];
}

/** A domain as registered. */
export const Domain = z.object({ name: Name, definition: DomainDefinition, declaredBy: Name.nullable() });
export type Domain = z.infer<typeof Domain>;
