/** The instances of the scripted EC2, their orders under client tokens, and how they start and end. */
import { account, Ec2Beside, groupSet, specifiedTags, tagValues } from './ec2-beside.ts';
import type { Entry } from './ec2-lists.ts';
import { isImage, subnets, types, vpc, zones } from './ec2-market.ts';
import type { MachineType } from './ec2-market.ts';
import { changeTags, element, elements, items, listOf, Refused, stateText, tagText } from './ec2-wire.ts';
import type { InstanceState } from './ec2-wire.ts';

/** An instance. */
export interface Ec2Instance {
  readonly id: string;
  readonly reservation: string;
  readonly parameters: URLSearchParams;
  readonly type: MachineType;
  readonly subnet: (typeof subnets)[number];
  readonly address: string;
  readonly tags: Map<string, string>;
  state: InstanceState;
  /** why it has ended, as a code and in words */
  reason: readonly [string, string] | null;
  /** how often instances are described before it is among them */
  unseen: number;
}

/** An order that has been answered. */
interface Answered {
  readonly parameters: string;
  readonly ids: readonly string[];
}

const meant = ['Client.UserInitiatedShutdown', 'Client.UserInitiatedShutdown: User initiated shutdown'] as const;

/** The machines of the account, and what stands beside them. */
export class Ec2Machines {
  readonly instances = new Map<string, Ec2Instance>();
  readonly beside: Ec2Beside;
  readonly #tokens = new Map<string, Answered>();
  readonly #limits: { readonly cores: number; readonly unseenLooks: number };
  #made = 0;
  #cores = 0;

  constructor(limits: { readonly cores: number; readonly unseenLooks: number }) {
    this.#limits = limits;
    this.beside = new Ec2Beside((prefix) => this.#newId(prefix));
  }

  #newId(prefix: string): string {
    this.#made += 1;
    return `${prefix}-${this.#made.toString(16).padStart(17, '0')}`;
  }

  /** Names everything that stands. */
  standing(): string[] {
    const there = [...this.instances.values()].filter(({ state }) => state !== 'terminated').map(({ id }) => id);
    return [...there, ...this.beside.groups.keys(), ...this.beside.keys.keys(), ...this.beside.volumes.keys()];
  }

  /** Time goes on: everybody sees what is new, machines start and end, and a day after its end an order is forgotten. */
  settle(): void {
    for (const instance of this.instances.values()) {
      instance.unseen = 0;
      if (instance.state === 'pending') instance.state = 'running';
      else if (instance.state === 'shutting-down') this.#end(instance, meant);
      else if (instance.state === 'terminated') this.instances.delete(instance.id);
    }
    for (const [token, { ids }] of this.#tokens)
      if (!ids.some((id) => this.instances.has(id))) this.#tokens.delete(token);
  }

  /** The provider ends a machine by itself. */
  fail(id: string, code: string, words: string): void {
    const instance = this.instances.get(id);
    if (instance !== undefined) this.#end(instance, [code, `${code}: ${words}`]);
  }

  #end(instance: Ec2Instance, reason: readonly [string, string]): void {
    if (instance.state !== 'terminated') this.#cores -= instance.type.cores;
    instance.state = 'terminated';
    instance.reason = reason;
    for (const [id, volume] of this.beside.volumes) if (volume.instance === instance.id) this.beside.volumes.delete(id);
  }

  /** Those that are described by now. */
  entries(): Entry[] {
    const found = [...this.instances.values()].filter(({ unseen }) => unseen === 0);
    for (const one of this.instances.values()) if (one.unseen > 0) one.unseen -= 1;
    return found.map((instance) => ({
      id: instance.id,
      values: {
        'instance-id': instance.id,
        'instance-state-name': instance.state,
        'client-token': instance.parameters.get('ClientToken') ?? '',
        ...tagValues(instance.tags),
      },
      text: () => reservationText([instance]),
    }));
  }

  run(parameters: URLSearchParams): string {
    const token = parameters.get('ClientToken');
    if (token === null) return reservationText(this.#make(parameters));
    if (token.length > 64) throw new Refused('InvalidParameterValue', 'The client token is longer than 64 characters');
    const plain = plainOf(parameters);
    const known = this.#tokens.get(token);
    if (known === undefined) {
      const made = this.#make(parameters);
      this.#tokens.set(token, { parameters: plain, ids: made.map(({ id }) => id) });
      return reservationText(made);
    }
    if (known.parameters !== plain)
      throw new Refused(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    return reservationText(known.ids.flatMap((id) => this.instances.get(id) ?? []));
  }

  /** As many as there is room for, MaxCount at most; none where that is less than MinCount. */
  #make(parameters: URLSearchParams): Ec2Instance[] {
    const [least, most] = ['MinCount', 'MaxCount'].map((name) => Number(parameters.get(name) ?? NaN));
    if (least === undefined || most === undefined || !(least >= 1 && most >= least))
      throw new Refused('InvalidParameterValue', 'Value for parameter maxCount or minCount is invalid');
    const type = types.find(({ name }) => name === parameters.get('InstanceType'));
    if (type === undefined)
      throw new Refused(
        'InvalidParameterValue',
        `Invalid value '${parameters.get('InstanceType') ?? ''}' for InstanceType.`,
      );
    const subnet = this.#placeOf(parameters, type);
    const left = Math.floor((this.#limits.cores - this.#cores) / type.cores);
    if (left < least)
      throw new Refused(
        'VcpuLimitExceeded',
        `You have requested more vCPU capacity than your current vCPU limit of ${this.#limits.cores} allows for the instance bucket that the specified instance type belongs to.`,
      );
    return Array.from({ length: Math.min(most, left) }, () => this.#begin(parameters, type, subnet));
  }

  /** What the order names must be there, and fit together. */
  #placeOf(parameters: URLSearchParams, type: MachineType): (typeof subnets)[number] {
    const text = (name: string) => parameters.get(name);
    if (text('NetworkInterface.1.DeviceIndex') !== null && (text('SubnetId') ?? text('SecurityGroupId.1')) !== null)
      throw new Refused(
        'InvalidParameterCombination',
        'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
      );
    if (!isImage(text('ImageId')))
      throw new Refused('InvalidAMIID.NotFound', `The image id '[${text('ImageId') ?? ''}]' does not exist`);
    const key = text('KeyName');
    if (key !== null && !this.beside.keys.has(key))
      throw new Refused('InvalidKeyPair.NotFound', `The key pair '${key}' does not exist`);
    for (const id of groupsIn(parameters)) this.beside.groupOf(id);
    const wanted = text('NetworkInterface.1.SubnetId') ?? text('SubnetId');
    const zone = text('Placement.AvailabilityZone') ?? zones[0];
    const subnet = subnets.find((one) => (wanted === null ? one.zone === zone : one.id === wanted));
    if (subnet === undefined)
      throw new Refused('InvalidSubnetID.NotFound', `The subnet ID '${wanted ?? ''}' does not exist`);
    if (subnet.zone === zones[2] || !(type.zones?.includes(subnet.zone) ?? true))
      throw new Refused(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${type.name} capacity in the Availability Zone you requested (${subnet.zone}).`,
        500,
      );
    return subnet;
  }

  #begin(parameters: URLSearchParams, type: MachineType, subnet: (typeof subnets)[number]): Ec2Instance {
    const id = this.#newId('i');
    const [first = ''] = subnet.block.split('.0.0/');
    const instance: Ec2Instance = {
      ...{ id, parameters, type, subnet, state: 'pending', reason: null },
      reservation: `r-${id.slice(2)}`,
      address: `${first}.${(this.#made >> 8) & 255}.${this.#made & 255}`,
      tags: specifiedTags(parameters, 'instance'),
      unseen: this.#limits.unseenLooks,
    };
    this.instances.set(id, instance);
    this.#cores += type.cores;
    this.beside.volumes.set(this.#newId('vol'), { tags: specifiedTags(parameters, 'volume'), instance: id });
    return instance;
  }

  /** Already ended is success. */
  terminate(ids: readonly string[]): string {
    const found = ids.map((id) => {
      const instance = this.instances.get(id);
      if (instance !== undefined) return instance;
      throw new Refused('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    });
    const texts = found.map((instance) => {
      const before = element('previousState', stateText(instance.state));
      if (instance.state !== 'terminated') instance.state = 'shutting-down';
      return elements({ instanceId: instance.id }) + element('currentState', stateText(instance.state)) + before;
    });
    return element('instancesSet', items(texts));
  }

  deleteGroup(id: string): string {
    this.beside.groupOf(id);
    const isUsed = [...this.instances.values()].some(
      ({ state, parameters }) => state !== 'terminated' && groupsIn(parameters).includes(id),
    );
    if (isUsed) throw new Refused('DependencyViolation', `resource ${id} has a dependent object`);
    this.beside.groups.delete(id);
    return element('return', 'true');
  }

  tag(parameters: URLSearchParams, add: boolean): string {
    for (const id of listOf(parameters, 'ResourceId')) {
      const found = this.instances.get(id) ?? this.beside.groups.get(id) ?? this.beside.volumes.get(id);
      if (found === undefined) throw new Refused('InvalidID', `The ID '${id}' is not valid`);
      changeTags(found.tags, parameters, add);
    }
    return element('return', 'true');
  }
}

/** What a repeated order must say alike: everything but who signs it when. */
function plainOf(parameters: URLSearchParams): string {
  const pairs = [...parameters].filter(([name]) => !['Action', 'Version', 'ClientToken'].includes(name));
  return pairs
    .map((pair) => pair.join('='))
    .toSorted()
    .join('&');
}

function groupsIn(parameters: URLSearchParams): string[] {
  return [...listOf(parameters, 'NetworkInterface.1.SecurityGroupId'), ...listOf(parameters, 'SecurityGroupId')];
}

function reservationText(instances: readonly Ec2Instance[]): string {
  const head = elements({ reservationId: instances[0]?.reservation ?? 'r-0', ownerId: account });
  return head + element('instancesSet', items(instances.map(instanceText)));
}

function instanceText({ id, parameters, type, subnet, state, address, tags, reason }: Ec2Instance): string {
  const isUp = state === 'running' || state === 'pending';
  const isPublic = parameters.get('NetworkInterface.1.AssociatePublicIpAddress') === 'true';
  const about = {
    instanceId: id,
    imageId: parameters.get('ImageId') ?? '',
    instanceType: type.name,
    launchTime: '2026-01-01T00:00:00.000Z',
    ...(parameters.has('KeyName') ? { keyName: parameters.get('KeyName') ?? '' } : {}),
    ...(parameters.has('ClientToken') ? { clientToken: parameters.get('ClientToken') ?? '' } : {}),
    ...(isUp ? { privateIpAddress: address, subnetId: subnet.id, vpcId: vpc } : {}),
    ...(isPublic && state === 'running' ? { ipAddress: address.replace(/^10\./, '198.') } : {}),
  };
  const why = reason === null ? '' : element('stateReason', elements({ code: reason[0], message: reason[1] }));
  return (
    elements(about) +
    element('instanceState', stateText(state)) +
    element('placement', elements({ availabilityZone: subnet.zone, tenancy: 'default' })) +
    groupSet(groupsIn(parameters)) +
    element('cpuOptions', elements({ coreCount: String(type.cores / 2), threadsPerCore: '2' })) +
    why +
    tagText(tags)
  );
}
