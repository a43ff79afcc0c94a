/** What stands beside machines in the scripted EC2: security groups of the default network, key pairs, volumes. */
import type { Entry } from './ec2-lists.ts';
import { vpc } from './ec2-market.ts';
import { element, elements, grantsIn, items, keyIn, permissionsText, Refused, tagText } from './ec2-wire.ts';

/** The account's number. */
export const account = '123456789012';

interface Group {
  readonly name: string;
  readonly description: string;
  readonly tags: Map<string, string>;
  /** `tcp 9100-9199 192.0.2.0/24`; groups as `@sg-…` */
  readonly grants: Set<string>;
}

interface KeyPair {
  readonly id: string;
  readonly text: string;
  readonly tags: Map<string, string>;
}

interface Volume {
  readonly tags: Map<string, string>;
  /** the machine that it belongs to; null where that has ended and it has not */
  readonly instance: string | null;
}

/** Ids grow with everything that is made, so that lists are in the order of making. */
export type NewId = (prefix: string) => string;

/** Groups, keys and volumes. */
export class Ec2Beside {
  readonly groups = new Map<string, Group>();
  /** by name */
  readonly keys = new Map<string, KeyPair>();
  readonly volumes = new Map<string, Volume>();
  readonly #newId: NewId;

  constructor(newId: NewId) {
    this.#newId = newId;
    const grants = new Set<string>();
    this.groups.set(newId('sg'), {
      name: 'default',
      description: 'default VPC security group',
      tags: new Map(),
      grants,
    });
  }

  groupEntries(): Entry[] {
    return [...this.groups].map(([id, { name, description, tags, grants }]) => ({
      id,
      values: { 'group-id': id, 'group-name': name, 'vpc-id': vpc, ...tagValues(tags) },
      text: () => {
        const about = { ownerId: account, groupId: id, groupName: name, groupDescription: description, vpcId: vpc };
        return elements(about) + permissionsText(grants, account) + tagText(tags);
      },
    }));
  }

  createGroup(parameters: URLSearchParams): string {
    const name = parameters.get('GroupName') ?? '';
    const network = parameters.get('VpcId') ?? vpc;
    if (network !== vpc) throw new Refused('InvalidVpcID.NotFound', `The vpc ID '${network}' does not exist`);
    if ([...this.groups.values()].some((one) => one.name === name))
      throw new Refused('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc}'`);
    const id = this.#newId('sg');
    const description = parameters.get('GroupDescription') ?? '';
    this.groups.set(id, { name, description, tags: specifiedTags(parameters, 'security-group'), grants: new Set() });
    return elements({ return: 'true', groupId: id });
  }

  /** A group of that id. */
  groupOf(id: string): Group {
    const group = this.groups.get(id);
    if (group === undefined) throw new Refused('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
    return group;
  }

  /** All of the call's permissions, or none. */
  grant(id: string, parameters: URLSearchParams): string {
    const { grants } = this.groupOf(id);
    const wanted = grantsIn(parameters);
    const twice = wanted.find((one) => grants.has(one));
    if (twice !== undefined)
      throw new Refused('InvalidPermission.Duplicate', `the specified rule "peer: ${twice}, ALLOW" already exists`);
    for (const one of wanted) grants.add(one);
    return element('return', 'true');
  }

  revoke(id: string, parameters: URLSearchParams): string {
    const { grants } = this.groupOf(id);
    const unwanted = grantsIn(parameters);
    if (unwanted.some((one) => !grants.has(one)))
      throw new Refused('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    for (const one of unwanted) grants.delete(one);
    return element('return', 'true');
  }

  keyEntries(): Entry[] {
    return [...this.keys].map(([name, { id, tags }]) => ({
      id,
      values: { 'key-name': name, 'key-pair-id': id, ...tagValues(tags) },
      text: () =>
        elements({ keyPairId: id, keyName: name, keyFingerprint: 'aa:bb', keyType: 'ed25519' }) + tagText(tags),
    }));
  }

  importKey(parameters: URLSearchParams): string {
    const name = parameters.get('KeyName') ?? '';
    if (this.keys.has(name)) throw new Refused('InvalidKeyPair.Duplicate', `The keypair already exists`);
    const text = keyIn(parameters.get('PublicKeyMaterial') ?? '');
    const key = { id: this.#newId('key'), text, tags: specifiedTags(parameters, 'key-pair') };
    this.keys.set(name, key);
    return elements({ keyName: name, keyPairId: key.id, keyFingerprint: 'aa:bb' });
  }

  /** One that is not there is deleted too. */
  deleteKey(name: string): string {
    this.keys.delete(name);
    return element('return', 'true');
  }

  volumeEntries(): Entry[] {
    return [...this.volumes].map(([id, { instance, tags }]) => {
      const status = instance === null ? 'available' : 'in-use';
      return {
        id,
        values: { 'volume-id': id, status, ...tagValues(tags) },
        text: () => elements({ volumeId: id, size: '8', status }) + element('attachmentSet', '') + tagText(tags),
      };
    });
  }

  deleteVolume(id: string): string {
    const volume = this.volumes.get(id);
    if (volume === undefined) throw new Refused('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
    if (volume.instance !== null)
      throw new Refused('VolumeInUse', `Volume ${id} is currently attached to ${volume.instance}`);
    this.volumes.delete(id);
    return element('return', 'true');
  }
}

/** Tags as filters know them. */
export function tagValues(tags: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...tags].map(([key, value]) => [`tag:${key}`, value]));
}

/** The tags that the call gives to what it makes of that sort. */
export function specifiedTags(parameters: URLSearchParams, sort: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (let nth = 1; parameters.has(`TagSpecification.${nth}.ResourceType`); nth += 1) {
    if (parameters.get(`TagSpecification.${nth}.ResourceType`) !== sort) continue;
    const prefix = `TagSpecification.${nth}.Tag.`;
    for (const [key, value] of parameters)
      if (key.startsWith(prefix) && key.endsWith('.Key'))
        tags.set(value, parameters.get(key.replace(/Key$/, 'Value')) ?? '');
  }
  return tags;
}

/** Groups as they are listed beside a machine. */
export function groupSet(ids: readonly string[]): string {
  return element('groupSet', items(ids.map((groupId) => elements({ groupId }))));
}
