/** Reach: whether nodes of two places can connect to each other, by what is declared and by the addresses they have. */
import type { DomainDefinition } from './domain.ts';
import type { NodeAddress } from './machine.ts';
import type { ProviderDefinition } from './provider.ts';

/** Whether a host name or IP address means the machine itself. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(address);
}

/**
 * Whether nodes of two domains can reach each other by their declared networks: both name none, or the same one, or one
 * lists the other's in `reaches`.
 */
export function networksConnect(one: DomainDefinition, other: DomainDefinition): boolean {
  if (one.network === other.network) return true;
  const lists = (from: DomainDefinition, to: DomainDefinition) =>
    to.network !== undefined && (from.reaches ?? []).includes(to.network);
  return lists(one, other) || lists(other, one);
}

/** Whether every address that the domain's nodes could have is one that only their own machine can dial, as declared. */
export function isLoopbackOnly(domain: DomainDefinition, provider: ProviderDefinition | undefined): boolean {
  if (provider?.kind === 'local') return provider.address !== undefined && isLoopback(provider.address);
  if (provider?.kind !== 'ssh') return false;
  const hosts = provider.hosts.filter(({ address }) => domain.hosts?.includes(address) ?? true);
  return hosts.length > 0 && hosts.every((host) => isLoopback(host.advertised ?? host.address));
}

/** The addresses that other machines can dial. */
export function networkAddresses(addresses: readonly NodeAddress[]): readonly NodeAddress[] {
  return addresses.filter((address) => address.scope === 'network');
}

/** Whether an IPv4 address lies in the subnet that another is on; never true for other addresses. */
export function isOnSubnetOf(own: NodeAddress, other: NodeAddress): boolean {
  const [left, right] = [ipv4(own.address), ipv4(other.address)];
  if (left === undefined || right === undefined) return false;
  const size = 2 ** (32 - Math.min(32, own.prefix));
  return Math.floor(left / size) === Math.floor(right / size);
}

function ipv4(address: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
