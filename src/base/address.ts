/** Addresses that no provider's endpoint may lead to unless that is said: this machine's own, and those that only look inwards. */
import { BlockList, isIPv6 } from 'node:net';

/** Special-purpose addresses (RFC 6890 and the IANA registries that it names), by what they are. */
const blocks: readonly (readonly [block: string, what: string])[] = [
  ['0.0.0.0/8', 'an address of this network'],
  ['127.0.0.0/8', 'a loopback address'],
  ['169.254.0.0/16', 'a link-local address (of metadata services)'],
  ['10.0.0.0/8', 'a private address'],
  ['172.16.0.0/12', 'a private address'],
  ['192.168.0.0/16', 'a private address'],
  ['100.64.0.0/10', 'a shared address (of metadata services)'],
  ['192.0.0.0/24', 'a special-purpose address (of metadata services)'],
  ['198.18.0.0/15', 'a special-purpose address'],
  ['224.0.0.0/4', 'a multicast address'],
  ['240.0.0.0/4', 'a reserved address'],
  ['::/128', 'the unspecified address'],
  ['::1/128', 'a loopback address'],
  ['fe80::/10', 'a link-local address'],
  ['fc00::/7', 'a unique local address (of metadata services)'],
  ['ff00::/8', 'a multicast address'],
  ['fec0::/10', 'a site-local address'],
  ['::/96', 'an address that stands for an IPv4 one'],
  ['::ffff:0:0:0/96', 'an address that stands for an IPv4 one'],
  ['64:ff9b::/96', 'an address that leads to an IPv4 one'],
  ['64:ff9b:1::/48', 'an address that leads to an IPv4 one'],
  ['2001::/32', 'an address that leads to an IPv4 one'],
  ['2002::/16', 'an address that leads to an IPv4 one'],
];

const lists = blocks.map(([block, what]) => {
  const [net = '', bits = ''] = block.split('/');
  const list = new BlockList();
  list.addSubnet(net, Number(bits), isIPv6(net) ? 'ipv6' : 'ipv4');
  return { list, what };
});

/** What kind of address it is that may not be asked; null for one that may. IPv4 written as IPv6 counts as what it is. */
export function refusedAddress(address: string): string | null {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  return lists.find(({ list }) => list.check(address, family))?.what ?? null;
}
