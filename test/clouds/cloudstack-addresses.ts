/**
 * Public addresses of the small CloudStack, as its API documentation has them: acquired for a network, the first of which is
 * its source NAT; led to a machine by static NAT; open for nobody until a firewall rule says whom; tagged afterwards.
 */
import { randomUUID } from 'node:crypto';
import { Refusal } from './cloudstack-signature.ts';
import type { Parameters } from './cloudstack-signature.ts';

type Json = Record<string, unknown>;

/** An address as it is kept. */
export interface ServedAddress extends Json {
  readonly id: string;
  readonly ipaddress: string;
  virtualmachineid: string | undefined;
  isstaticnat: boolean;
  tags: Json[];
}

/** The addresses of one account's network. */
export class PublicAddresses {
  readonly all = new Map<string, ServedAddress>();
  readonly rules = new Map<string, Json>();
  /** addresses that may still be acquired */
  left = 1_000;
  #made = 0;
  readonly #network: { readonly id: string | undefined; readonly zone: string | undefined };
  readonly #isMachine: (id: string) => boolean;

  constructor(
    network: { readonly id: string | undefined; readonly zone: string | undefined },
    isMachine: (id: string) => boolean,
  ) {
    this.#network = network;
    this.#isMachine = isMachine;
    this.#make(true);
  }

  /** All but the network's own. */
  standing(): string[] {
    return [...this.all.values()].filter((one) => one['issourcenat'] !== true).map(({ id }) => `address ${id}`);
  }

  /** That of a machine. */
  of(machine: string): ServedAddress | undefined {
    return [...this.all.values()].find(({ virtualmachineid }) => virtualmachineid === machine);
  }

  /** The machine is gone: its address stays, and leads nowhere. */
  leave(machine: string): void {
    const address = this.of(machine);
    if (address !== undefined) Object.assign(address, { virtualmachineid: undefined, isstaticnat: false });
  }

  list({ id, associatednetworkid: network, ...given }: Parameters): ServedAddress[] {
    const { 'tags[0].key': key, 'tags[0].value': value } = given;
    return [...this.all.values()].filter(
      (one) =>
        (id === undefined || one.id === id) &&
        (network === undefined || one['associatednetworkid'] === network) &&
        (key === undefined || one.tags.some((tag) => tag['key'] === key && tag['value'] === value)),
    );
  }

  associate({ networkid }: Parameters): string {
    if (networkid !== this.#network.id) throw new Refusal(431, 'Unable to find network by the specified id');
    if (this.left <= 0)
      throw new Refusal(533, 'Insufficient address capacity Scope=interface com.cloud.dc.DataCenter; id=1');
    this.left -= 1;
    return this.#make(false).id;
  }

  disassociate({ id = '' }: Parameters): void {
    this.#get(id);
    this.all.delete(id);
    this.left += 1;
    for (const [rule, { ipaddressid }] of this.rules) if (ipaddressid === id) this.rules.delete(rule);
  }

  nat({ ipaddressid = '', virtualmachineid = '' }: Parameters): Json {
    const address = this.#get(ipaddressid);
    if (!this.#isMachine(virtualmachineid))
      throw new Refusal(431, 'Unable to find virtual machine: entity does not exist');
    if (address['issourcenat'] === true)
      throw new Refusal(431, "Can't enable static, ip address is a source nat ip address");
    if (this.of(virtualmachineid) !== undefined && this.of(virtualmachineid) !== address)
      throw new Refusal(431, `Failed to enable static nat: the vm has a static nat address already`);
    Object.assign(address, { virtualmachineid, isstaticnat: true });
    return { success: 'true' };
  }

  rulesOf({ ipaddressid }: Parameters): Json[] {
    return [...this.rules.values()].filter((rule) => rule['ipaddressid'] === ipaddressid);
  }

  open({ ipaddressid = '', protocol = '', startport, endport, cidrlist }: Parameters): string {
    this.#get(ipaddressid);
    if (this.rulesOf({ ipaddressid }).some((rule) => rule['startport'] === startport))
      throw new Refusal(537, 'The range specified conflicts with rule 7 which has the same range');
    const rule = { id: randomUUID(), ipaddressid, protocol: protocol.toLowerCase(), startport, endport, cidrlist };
    this.rules.set(rule.id, rule);
    return rule.id;
  }

  #get(id: string): ServedAddress {
    const found = this.all.get(id);
    if (found !== undefined) return found;
    throw new Refusal(431, `Unable to execute API command due to invalid value: ${id} entity does not exist`);
  }

  #make(issourcenat: boolean): ServedAddress {
    this.#made += 1;
    const place = { zoneid: this.#network.zone, associatednetworkid: this.#network.id, state: 'Allocated' };
    const allocated = new Date().toISOString().replace(/\.\d+Z/, '+0000');
    const ipaddress = `198.51.100.${(this.#made % 250) + 1}`;
    const nat = { issourcenat, isstaticnat: false, issystem: false, virtualmachineid: undefined };
    const made = { id: randomUUID(), ipaddress, allocated, ...place, ...nat, tags: [] };
    this.all.set(made.id, made);
    return made;
  }
}
