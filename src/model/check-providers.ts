/** Checks of providers and domains: names, hosts that stand twice, port ranges. */
import { suggestion } from '../base/nearest.ts';
import type { Subject } from './check-subject.ts';
import { at } from './document-path.ts';
import type { Finding } from './document-path.ts';
import { domainPorts } from './domain.ts';
import type { DomainDefinition } from './domain.ts';
import type { SshHost } from './provider.ts';
import { parseSize } from './quantity.ts';

/** The port of epmd when a blueprint names none, as Erlang has it. */
export const defaultEpmdPort = 4369;

/** What is wrong with providers and domains: unknown names, ports out of range, hosts named twice. */
export function checkProviders(subject: Subject): Finding[] {
  const domains = Object.entries(subject.document.domains ?? {});
  return [
    ...domains.flatMap(([name, domain]) => [
      ...checkProvider(subject, name, domain),
      ...checkPorts(subject, name, domain),
    ]),
    ...domains.flatMap(([name, domain]) => checkHosts(subject, name, domain)),
    ...checkImplicit(subject),
    ...checkTwins(subject),
    ...checkSizes(subject),
  ];
}

function checkProvider({ providers }: Subject, name: string, { provider }: DomainDefinition): Finding[] {
  if (providers.has(provider)) return [];
  return [
    at(
      ['domains', name, 'provider'],
      `there is no provider "${provider}"`,
      suggestion(provider, providers.keys(), 'the providers are'),
    ),
  ];
}

function checkPorts({ document }: Subject, name: string, domain: DomainDefinition): Finding[] {
  const [first, last] = domainPorts(domain);
  const path = ['domains', name, 'ports'];
  if (first > last || first < 1024 || last > 65535)
    return [
      at(path, `${first}-${last} is no range of ports`, 'a range lies between 1024 and 65535, the lower port first'),
    ];
  const epmd = document.epmdPort ?? defaultEpmdPort;
  return first <= epmd && epmd <= last ? [at(path, `port ${epmd} belongs to epmd`, 'choose a range without it')] : [];
}

function checkHosts({ providers }: Subject, name: string, domain: DomainDefinition): Finding[] {
  const provider = providers.get(domain.provider);
  if (domain.hosts === undefined || provider === undefined) return [];
  if (provider.kind !== 'ssh')
    return [
      at(
        ['domains', name, 'hosts'],
        `a provider of kind ${provider.kind} has no hosts to choose from`,
        'leave hosts out',
      ),
    ];
  const addresses = provider.hosts.map((host) => host.address);
  return domain.hosts.flatMap((host, index) => {
    if (addresses.includes(host)) return [];
    return [
      at(
        ['domains', name, 'hosts', index],
        `provider "${domain.provider}" has no host ${host}`,
        suggestion(host, addresses, 'its hosts are'),
      ),
    ];
  });
}

/** A provider without a domain gets one of its own name, which must then be free. */
function checkImplicit({ document }: Subject): Finding[] {
  const domains = document.domains ?? {};
  const served = new Set(Object.values(domains).map((domain) => domain.provider));
  return Object.keys(document.providers ?? {}).flatMap((name) => {
    const other = Object.hasOwn(domains, name) ? domains[name] : undefined;
    if (served.has(name) || other === undefined) return [];
    const hint = `declare a domain with "provider: ${name}", or rename domain "${name}"`;
    return [
      at(
        ['domains', name],
        `"${name}" is a domain of provider "${other.provider}", and provider "${name}" has no domain`,
        hint,
      ),
    ];
  });
}

interface DeclaredHost {
  readonly provider: string;
  readonly index: number;
  readonly host: SshHost;
}

/** Two entries for one SSH server would be one machine taken for two. */
function checkTwins({ document }: Subject): Finding[] {
  const hosts = Object.entries(document.providers ?? {}).flatMap(([provider, definition]): DeclaredHost[] =>
    definition.kind === 'ssh' ? definition.hosts.map((host, index) => ({ provider, index, host })) : [],
  );
  const groups = Map.groupBy(hosts, ({ host }) => `${host.address}:${host.port ?? 22}`);
  return [...groups.values()].flatMap(([first, ...twins]) =>
    twins.map(({ provider, index, host }) =>
      at(
        ['providers', provider, 'hosts', index, 'address'],
        `host ${host.address} is there twice`,
        `it is a host of provider "${first?.provider ?? provider}" already`,
      ),
    ),
  );
}

function checkSizes({ document }: Subject): Finding[] {
  return Object.entries(document.providers ?? {}).flatMap(([name, provider]) => {
    if (provider.kind !== 'memory' || provider.memory === undefined || parseSize(provider.memory) !== undefined)
      return [];
    return [at(['providers', name, 'memory'], `"${provider.memory}" is no size`, 'a size looks like 4G')];
  });
}
