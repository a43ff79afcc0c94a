/** What an instance of EC2 is to us, and what an order is to EC2. Pure. */
import type { Instance, RunInstancesCommandInput, Tag } from '@aws-sdk/client-ec2';
import { sha256Of } from '../../base/sha256.ts';
import { madeAccess } from '../cloud.ts';
import type { CloudContext, Order, Owned, Tags } from '../cloud.ts';
import type { Domain } from '../../model/domain.ts';
import type { NodeAddress } from '../../model/machine.ts';

/** Whatever has tags, as a record. */
export function recordOf(tags: readonly Tag[] | undefined): Record<string, string | undefined> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value }) => [Key, Value]));
}

/** A record as tags. */
export function tagsFrom(record: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(record).map(([Key, Value]) => ({ Key, Value }));
}

/**
 * The client token of an order: its token, and the owner's id, since two control planes may share an account; 64 ASCII
 * characters at most.
 */
export function clientToken({ owner, token }: Pick<Order, 'owner' | 'token'>): string {
  const plain = `${owner}.${token}`;
  return /^[\x21-\x7e]{1,64}$/.test(plain) ? plain : sha256Of(plain);
}

/** What both kinds ask for in the same words. */
export function runInput(order: Order, domain: Domain, keyPair: string | undefined): RunInstancesCommandInput {
  const { image, zone, subnet } = domain.definition;
  const userData = order.boot?.userData ?? null;
  return {
    ImageId: image,
    InstanceType: order.machineType as NonNullable<RunInstancesCommandInput['InstanceType']>,
    MinCount: 1,
    MaxCount: 1,
    ClientToken: clientToken(order),
    ...(keyPair === undefined ? {} : { KeyName: keyPair }),
    ...(userData === null ? {} : { UserData: Buffer.from(userData).toString('base64') }),
    // a subnet is in a zone already
    ...(zone === undefined || subnet !== undefined ? {} : { Placement: { AvailabilityZone: zone } }),
  };
}

/** How an instance is listed; null for one that has ended as it was meant to. */
export function ownedOf(context: CloudContext, instance: Instance, tags: Tags): Owned | null {
  const state = stateOf(instance);
  if (state === null) return null;
  const domain = context.domains.find(({ name }) => name === tags.domain);
  const { PublicIpAddress: publicIp, PrivateIpAddress: privateIp } = instance;
  const address = (domain?.definition.publicAddress === true ? publicIp : privateIp) ?? null;
  return {
    kind: 'machine',
    id: instance.InstanceId ?? '',
    token: tags.token,
    owner: tags.owner,
    domain: tags.domain,
    state,
    words: state === 'failed' ? (instance.StateReason?.Message ?? 'ended by the provider') : null,
    access: madeAccess(context, tags, isAddress(address) ? address : null),
    addresses: [privateIp, publicIp].filter(isAddress).map(addressOf),
    capacity: null,
    platform: null,
  };
}

/** An instance that waits for its address bears none, or at Eucalyptus 0.0.0.0. */
function isAddress(address: string | null | undefined): address is string {
  return address !== null && address !== undefined && address !== '' && address !== '0.0.0.0';
}

function addressOf(address: string): NodeAddress {
  return { address, prefix: address.includes(':') ? 128 : 32, scope: 'network' };
}

/** Why instances end that were told to; what ended otherwise has failed. */
const meant = new Set(['Client.UserInitiatedShutdown', 'Client.InstanceInitiatedShutdown', 'User initiated', '']);

/** The state of an instance; null for one that has ended as it was meant to. */
export function stateOf({ State, StateReason }: Instance): Owned['state'] | null {
  switch (State?.Name) {
    case 'running':
      return 'running';
    case 'stopping':
    case 'stopped':
      return 'stopped';
    case 'shutting-down':
      return 'going';
    case 'terminated':
      return isMeant(StateReason?.Code) ? null : 'failed';
    default:
      return 'starting';
  }
}

function isMeant(code = ''): boolean {
  return meant.has(code) || !/^(Server|Client)\./.test(code);
}
