/** Deployment domain: a place at a provider where machines can be had, with its capability profile. */
import { z } from 'zod';
import { Capabilities } from './capability.ts';
import { Name } from './name.ts';

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
