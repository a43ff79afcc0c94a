/**
 * Public addresses of machines in isolated networks: acquired, led to the machine by static NAT, opened for SSH alone, and
 * given back with the machine. An address carries the tags of its machine's order.
 *
 * CloudStack acquires without a token of ours, and tags come after: an acquisition whose answer was lost leaves an address
 * that is nobody's. So one is looked for first that was acquired in this network since the machine stands, and that nothing
 * uses. A resource has a tag of one name once: of two that tag the same address, one is refused and takes another.
 * Source: https://cloudstack.apache.org/api/apidocs-4.20/ (associateIpAddress, enableStaticNat, createFirewallRule)
 */
import { Fault } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import { ownerTag, readTags, tagsOf } from '../cloud.ts';
import type { Order, Owned } from '../cloud.ts';
import { CloudStackError, listIn, tagParameters, textIn } from './api.ts';
import type { Json } from './api.ts';
import type { CloudStackSite } from './cloudstack.ts';
import { tagsIn } from './vm.ts';

/** so often another one is taken when somebody else has tagged the address meanwhile */
const mostTries = 5;
const sshPort = '22';

/** What an address is for. */
export interface AddressWish {
  readonly order: Order;
  readonly domain: Domain;
  readonly network: Json;
  readonly vm: Json;
}

/** Has a public address lead to the machine, for SSH from where the domain says that we come from. Repeatable. */
export async function ensureAddress(site: CloudStackSite, wish: AddressWish, signal: AbortSignal): Promise<void> {
  const { domain, vm } = wish;
  const address = await ownAddress(site, wish, signal);
  const [id, vmId] = [textIn(address, 'id'), textIn(vm, 'id')];
  if (textIn(address, 'virtualmachineid') !== vmId)
    await site.api.call('enableStaticNat', { ipaddressid: id, virtualmachineid: vmId }, signal);
  const rules = listIn(await site.api.call('listFirewallRules', { ipaddressid: id }, signal), 'firewallrule');
  if (rules.some((rule) => textIn(rule, 'startport') === sshPort)) return;
  const cidrlist = (domain.definition.enteredFrom ?? ['0.0.0.0/0']).filter((block) => !block.includes(':')).join(',');
  const open = { ipaddressid: id, protocol: 'TCP', startport: sshPort, endport: sshPort, cidrlist };
  try {
    await site.api.call('createFirewallRule', open, signal);
  } catch (error) {
    // the same rule, made by us when the answer was lost
    if (!(error instanceof CloudStackError) || error.code !== ruleConflict) throw error;
  }
}

const ruleConflict = 537;

/** The order's address: the one it has, a free one of this machine's, or a new one, of which only the id is known yet. */
async function ownAddress(site: CloudStackSite, wish: AddressWish, signal: AbortSignal): Promise<Json> {
  const { order, network, vm } = wish;
  for (let nth = 0; nth < mostTries; nth += 1) {
    const [own] = await addressesOf(site, order, signal);
    if (own !== undefined) return own;
    const address = (await freeSince(site, network, vm, signal)) ?? (await acquire(site, network, signal));
    if (await claimed(site, address, order, signal)) return address;
  }
  throw new Fault('conflict', `public addresses are taken faster than machine ${order.token} could have one`);
}

async function acquire({ api }: CloudStackSite, network: Json, signal: AbortSignal): Promise<Json> {
  const place = { networkid: textIn(network, 'id'), zoneid: textIn(network, 'zoneid') };
  return { id: textIn(await api.call('associateIpAddress', place, signal), 'id') };
}

/** False where somebody else was quicker. */
async function claimed({ api }: CloudStackSite, address: Json, order: Order, signal: AbortSignal): Promise<boolean> {
  const target = { resourceids: textIn(address, 'id'), resourcetype: 'PublicIpAddress' };
  try {
    await api.call('createTags', { ...target, ...tagParameters(tagsOf(order)) }, signal);
    return true;
  } catch (error) {
    if (!(error instanceof CloudStackError) || !/already/i.test(error.message)) throw error;
    return false;
  }
}

/** An address that was acquired in the network since the machine stands, and that has neither tag nor use. */
async function freeSince(
  site: CloudStackSite,
  network: Json,
  vm: Json,
  signal: AbortSignal,
): Promise<Json | undefined> {
  const since = Date.parse(textIn(vm, 'created') ?? '');
  const all = await addresses(site, { associatednetworkid: textIn(network, 'id') }, signal);
  const free = all.filter((one) => isFree(one) && Date.parse(textIn(one, 'allocated') ?? '') >= since);
  for (const one of free) {
    const ipaddressid = textIn(one, 'id');
    const [forwarded, balanced] = await Promise.all([
      site.api.call('listPortForwardingRules', { ipaddressid }, signal),
      site.api.call('listLoadBalancerRules', { publicipid: ipaddressid }, signal),
    ]);
    const uses = [...listIn(forwarded, 'portforwardingrule'), ...listIn(balanced, 'loadbalancerrule')];
    if (uses.length === 0) return one;
  }
  return undefined;
}

/** Whether it is acquired and nothing says for whom. */
export function isFree(address: Json): boolean {
  const used = address['issourcenat'] === true || address['isstaticnat'] === true || address['issystem'] === true;
  return !used && textIn(address, 'virtualmachineid') === undefined && listIn(address, 'tags').length === 0;
}

/** The public addresses that a filter finds. */
export function addresses(
  { api }: CloudStackSite,
  filter: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly Json[]> {
  return api.list('listPublicIpAddresses', 'publicipaddress', filter, signal);
}

async function addressesOf(
  site: CloudStackSite,
  { owner, token }: Pick<Owned, 'owner' | 'token'>,
  signal: AbortSignal,
): Promise<readonly Json[]> {
  const all = await addresses(site, tagParameters({ [ownerTag]: owner }), signal);
  return all.filter((one) => readTags(tagsIn(one))?.token === token);
}

/** What is listed of the owner's addresses: each goes with the machine of its token. */
export async function ownedAddresses(
  site: CloudStackSite,
  owner: string,
  signal: AbortSignal,
): Promise<readonly { readonly id: string; readonly token: string }[]> {
  const all = await addresses(site, tagParameters({ [ownerTag]: owner }), signal);
  return all.flatMap((one) => {
    const token = readTags(tagsIn(one))?.token;
    return token === undefined ? [] : [{ id: `address:${textIn(one, 'id') ?? ''}`, token }];
  });
}

/** Gives back the addresses of a machine; their rules go with them. */
export async function releaseAddresses(
  site: CloudStackSite,
  owned: Pick<Owned, 'owner' | 'token'>,
  signal: AbortSignal,
): Promise<void> {
  for (const one of await addressesOf(site, owned, signal)) await release(site, textIn(one, 'id') ?? '', signal);
}

/** Gives one back, if it is that owner's. */
export async function destroyAddress(
  site: CloudStackSite,
  { id, owner }: Pick<Owned, 'id' | 'owner'>,
  signal: AbortSignal,
): Promise<void> {
  const found = (await ownedAddresses(site, owner, signal)).some((one) => one.id === id);
  if (found) await release(site, id.slice('address:'.length), signal);
}

async function release({ api }: CloudStackSite, id: string, signal: AbortSignal): Promise<void> {
  try {
    await api.call('disassociateIpAddress', { id }, signal);
  } catch (error) {
    // gone meanwhile: nobody has that id any more
    if (!(error instanceof CloudStackError) || error.code !== 431) throw error;
  }
}
