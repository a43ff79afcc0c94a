/**
 * A scripted Eucalyptus 5.1 in EDGE mode, after its documentation (docs.eucalyptus.cloud, "EC2 API reference" and "euca2ools")
 * and what its source does otherwise than EC2:
 *
 * - the endpoint has a path, `/services/compute`; the region of a signature is not looked at, its access key is;
 * - a parameter that an action does not know fails the whole call: nothing is tagged at creation, nothing has pages;
 * - DescribeInstanceTypes answers `instanceTypeDetails` with what each zone has left;
 * - groups are named, not in a network; the id `verbose` in a Describe means everyone's;
 * - ended instances stay listed for a while.
 */
import {
  answerOf,
  changeTags,
  element,
  elements,
  grantsIn,
  items,
  keyIn,
  listOf,
  permissionsText,
  Refused,
  serveQueries,
  stateText,
  tagText,
  unknownIn,
} from './ec2-wire.ts';
import type { Asked, InstanceState, Told } from './ec2-wire.ts';

/** An instance of the scripted cloud. */
export interface EucalyptusInstance {
  readonly id: string;
  readonly account: string;
  readonly address: string;
  readonly parameters: URLSearchParams;
  readonly tags: Map<string, string>;
  state: InstanceState;
}

interface Group {
  readonly id: string;
  readonly description: string;
  readonly tags: Map<string, string>;
  /** `tcp 9100-9199 192.0.2.0/24`; groups as `@name` */
  readonly grants: Set<string>;
}

/** A machine type and how many of them a zone has room for. */
const types = [
  { name: 'm1.small', cpu: 1, memory: 512, disk: 5, room: 40_000 },
  { name: 'm1.large', cpu: 2, memory: 2048, disk: 10, room: 20_000 },
  { name: 'c1.xlarge', cpu: 4, memory: 4096, disk: 20, room: 1 },
] as const;
const zones = ['stockholm', 'uppsala'] as const;
/** The one image. */
export const image = 'emi-0a1b2c3d4e5f60718';
/** The one account's access key. */
export const accessKeyId = 'AKIEUCATEST';
const account = '000123456789';

/** What each action takes; `.*` stands for numbers and what follows them. Everything else fails the call. */
const parametersOf: Readonly<Record<string, readonly RegExp[]>> = {
  DescribeAvailabilityZones: [/^ZoneName\.\d+$/],
  DescribeImages: [/^ImageId\.\d+$/, /^Owner\.\d+$/],
  DescribeInstanceTypes: [/^InstanceType\.\d+$/, /^Availability$/, /^Verbose$/],
  DescribeKeyPairs: [/^KeyName\.\d+$/],
  ImportKeyPair: [/^KeyName$/, /^PublicKeyMaterial$/],
  DeleteKeyPair: [/^KeyName$/],
  DescribeSecurityGroups: [/^GroupName\.\d+$/, /^GroupId\.\d+$/],
  CreateSecurityGroup: [/^GroupName$/, /^GroupDescription$/],
  DeleteSecurityGroup: [/^GroupName$/, /^GroupId$/],
  AuthorizeSecurityGroupIngress: [
    /^GroupName$/,
    /^GroupId$/,
    /^IpPermissions\.\d+\.(IpProtocol|FromPort|ToPort)$/,
    /^IpPermissions\.\d+\.IpRanges\.\d+\.CidrIp$/,
    /^IpPermissions\.\d+\.Groups\.\d+\.(UserId|GroupName)$/,
  ],
  RevokeSecurityGroupIngress: [
    /^GroupName$/,
    /^GroupId$/,
    /^IpPermissions\.\d+\.(IpProtocol|FromPort|ToPort)$/,
    /^IpPermissions\.\d+\.IpRanges\.\d+\.CidrIp$/,
    /^IpPermissions\.\d+\.Groups\.\d+\.(UserId|GroupName)$/,
  ],
  RunInstances: [
    /^(ImageId|InstanceType|MinCount|MaxCount|ClientToken|KeyName|UserData|AddressingType)$/,
    /^SecurityGroup(Id)?\.\d+$/,
    /^Placement\.AvailabilityZone$/,
  ],
  DescribeInstances: [/^InstanceId\.\d+$/],
  DescribeAddresses: [/^PublicIp\.\d+$/, /^Filter\.\d+\.(Name|Value\.\d+)$/],
  TerminateInstances: [/^InstanceId\.\d+$/],
  CreateTags: [/^ResourceId\.\d+$/, /^Tag\.\d+\.(Key|Value)$/],
  DeleteTags: [/^ResourceId\.\d+$/, /^Tag\.\d+\.(Key|Value)$/],
};

/** The cloud, listening. */
export interface EucalyptusServer {
  /** with its path */
  readonly url: string;
  readonly instances: Map<string, EucalyptusInstance>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly keys: ReadonlyMap<string, string>;
  /** While it is a text, RunInstances is refused with it. */
  refusal: { readonly code: string; readonly words: string } | null;
  /** Machines start and end, and the ended ones are forgotten. */
  settle(): void;
  close(): Promise<void>;
}

/** Starts an empty cloud on a free port of the loopback. */
export async function startEucalyptus(): Promise<EucalyptusServer> {
  const cloud = new Scripted();
  const { origin, close } = await serveQueries((asked) => answer(cloud, asked));
  return Object.assign(cloud, {
    url: `${origin}/services/compute`,
    close,
  });
}

function answer(cloud: Scripted, { message, url, parameters }: Asked): Told {
  if (url.pathname.replace(/\/$/, '') !== '/services/compute') return { status: 404, text: '' };
  const known =
    /Credential=([^/]+)\//.exec(message.headers.authorization ?? '')?.[1] ?? parameters.get('AWSAccessKeyId');
  if (known !== accessKeyId)
    throw new Refused('AuthFailure', 'The AWS Access Key Id you provided does not exist in our records.', 403);
  const action = parameters.get('Action') ?? '';
  const allowed = parametersOf[action];
  if (allowed === undefined)
    throw new Refused('InvalidAction', `The action ${action} is not valid for this web service.`);
  const unknown = unknownIn(parameters, allowed);
  if (unknown.length > 0)
    throw new Refused('InvalidParameterValue', `Failed to bind the following fields: ${unknown.join(', ')}`);
  const version = parameters.get('Version') ?? '2016-11-15';
  const space =
    action === 'DescribeInstanceTypes' ? 'http://msgs.eucalyptus.com/5.1' : `http://ec2.amazonaws.com/doc/${version}/`;
  return answerOf(action, space, cloud.act(action, parameters));
}

/** What stands in the cloud, and its actions. */
class Scripted {
  readonly instances = new Map<string, EucalyptusInstance>();
  readonly groups = new Map<string, Group>([
    ['default', { id: 'sg-00000000', description: 'default group', tags: new Map(), grants: new Set() }],
  ]);
  readonly keys = new Map<string, string>();
  readonly #tokens = new Map<string, string>();
  /** machines that take room, by type and zone */
  readonly #used = new Map<string, number>();
  #made = 0;
  refusal: { readonly code: string; readonly words: string } | null = null;

  settle(): void {
    for (const [id, instance] of this.instances) {
      if (instance.state === 'pending') instance.state = 'running';
      else if (instance.state === 'shutting-down') this.#end(instance);
      else if (instance.state === 'terminated') this.#forget(id);
    }
  }

  #end(instance: EucalyptusInstance): void {
    instance.state = 'terminated';
    const place = placeOf(instance.parameters);
    this.#used.set(place, (this.#used.get(place) ?? 1) - 1);
  }

  #forget(id: string): void {
    const token = this.instances.get(id)?.parameters.get('ClientToken') ?? '';
    if (this.#tokens.get(token) === id) this.#tokens.delete(token);
    this.instances.delete(id);
  }

  act(action: string, parameters: URLSearchParams): string {
    const name = parameters.get('GroupName') ?? this.#nameOf(parameters.get('GroupId'));
    const ids = listOf(parameters, 'InstanceId');
    switch (action) {
      case 'DescribeAvailabilityZones':
        return element(
          'availabilityZoneInfo',
          items(zones.map((zone) => elements({ zoneName: zone, zoneState: 'available', regionName: '127.0.0.1' }))),
        );
      case 'DescribeImages':
        return this.#images(listOf(parameters, 'ImageId'));
      case 'DescribeInstanceTypes':
        return element(
          'instanceTypeDetails',
          items(types.map((type) => this.#type(type, parameters.get('Availability') === 'true'))),
        );
      case 'DescribeKeyPairs':
        return element(
          'keySet',
          items([...this.keys.keys()].map((keyName) => elements({ keyName, keyFingerprint: 'aa:bb' }))),
        );
      case 'ImportKeyPair':
        return this.#importKey(parameters.get('KeyName') ?? '', parameters.get('PublicKeyMaterial') ?? '');
      case 'DeleteKeyPair':
        this.keys.delete(parameters.get('KeyName') ?? '');
        return element('return', 'true');
      case 'DescribeSecurityGroups':
        return element(
          'securityGroupInfo',
          items([...this.groups].map(([groupName, group]) => groupText(groupName, group))),
        );
      case 'CreateSecurityGroup':
        return this.#createGroup(name, parameters.get('GroupDescription') ?? '');
      case 'DeleteSecurityGroup':
        return this.#deleteGroup(name);
      case 'AuthorizeSecurityGroupIngress':
        return this.#grant(name, parameters, true);
      case 'RevokeSecurityGroupIngress':
        return this.#grant(name, parameters, false);
      case 'RunInstances':
        return this.#run(parameters);
      case 'DescribeInstances':
        return element('reservationSet', items(this.#found(ids).map((one) => reservation(one))));
      case 'DescribeAddresses':
        return element('addressesSet', '');
      case 'TerminateInstances':
        return this.#terminate(ids);
      default:
        return this.#tag(parameters, action === 'CreateTags');
    }
  }

  #nameOf(id: string | null): string {
    return [...this.groups].find(([, group]) => group.id === id)?.[0] ?? id ?? '';
  }

  #images(ids: readonly string[]): string {
    const unknown = ids.find((id) => id !== image && id !== 'verbose');
    if (unknown !== undefined) throw new Refused('InvalidAMIID.NotFound', `The image ID '${unknown}' does not exist`);
    const text = {
      imageId: image,
      imageState: 'available',
      architecture: 'x86_64',
      imageType: 'machine',
      name: 'debian-13',
      rootDeviceType: 'instance-store',
    };
    return element('imagesSet', items([elements(text)]));
  }

  #type({ name, cpu, memory, disk, room }: (typeof types)[number], withRoom: boolean): string {
    const at = (zone: string) => {
      const used = this.#used.get(`${name} ${zone}`) ?? 0;
      return elements({ zoneName: zone, max: String(room), available: String(room - used) });
    };
    const availability = withRoom ? element('availability', items(zones.map(at))) : '';
    return elements({ name, cpu: String(cpu), disk: String(disk), memory: String(memory) }) + availability;
  }

  #importKey(name: string, material: string): string {
    if (this.keys.has(name)) throw new Refused('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
    this.keys.set(name, keyIn(material));
    return elements({ keyName: name, keyFingerprint: 'aa:bb' });
  }

  #createGroup(name: string, description: string): string {
    if (this.groups.has(name))
      throw new Refused('InvalidGroup.Duplicate', `The security group '${name}' already exists`);
    this.#made += 1;
    const id = `sg-${this.#made.toString(16).padStart(8, '0')}`;
    this.groups.set(name, { id, description, tags: new Map(), grants: new Set() });
    return elements({ return: 'true', groupId: id });
  }

  #groupOf(name: string): Group {
    const group = this.groups.get(name);
    if (group === undefined) throw new Refused('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
    return group;
  }

  #deleteGroup(name: string): string {
    this.#groupOf(name);
    const users = [...this.instances.values()].filter(
      (one) => one.state !== 'terminated' && one.parameters.get('SecurityGroup.1') === name,
    );
    if (users.length > 0)
      throw new Refused('InvalidGroup.InUse', `Specified group cannot be deleted because it is in use: ${name}`);
    this.groups.delete(name);
    return element('return', 'true');
  }

  #grant(name: string, parameters: URLSearchParams, add: boolean): string {
    const { grants } = this.#groupOf(name);
    for (const grant of grantsIn(parameters)) {
      if (add) grants.add(grant);
      else grants.delete(grant);
    }
    return element('return', 'true');
  }

  #run(parameters: URLSearchParams): string {
    const token = parameters.get('ClientToken');
    const known = this.instances.get(this.#tokens.get(token ?? '') ?? '');
    if (known !== undefined) return reservation(known);
    if (this.refusal !== null) throw new Refused(this.refusal.code, this.refusal.words);
    if (parameters.get('ImageId') !== image) throw new Refused('InvalidAMIID.NotFound', 'no such image');
    const type = types.find(({ name }) => name === parameters.get('InstanceType'));
    if (type === undefined) throw new Refused('InvalidParameterValue', 'Invalid value for InstanceType');
    this.#groupOf(parameters.get('SecurityGroup.1') ?? 'default');
    const key = parameters.get('KeyName');
    if (key !== null && !this.keys.has(key))
      throw new Refused('InvalidKeyPair.NotFound', `The key pair '${key}' does not exist`);
    const zone = parameters.get('Placement.AvailabilityZone') ?? zones[0];
    if (!zones.some((one) => one === zone))
      throw new Refused('InvalidParameterValue', `Invalid availability zone: ${zone}`);
    const used = this.#used.get(placeOf(parameters)) ?? 0;
    if (used >= type.room)
      throw new Refused('InsufficientInstanceCapacity', `Not enough resources: vm-type=${type.name}`, 500);
    this.#made += 1;
    const id = `i-${this.#made.toString(16).padStart(8, '0')}`;
    const address = `10.${(this.#made >> 16) & 255}.${(this.#made >> 8) & 255}.${this.#made & 255}`;
    const instance: EucalyptusInstance = { id, account, address, parameters, tags: new Map(), state: 'pending' };
    this.instances.set(id, instance);
    this.#used.set(placeOf(parameters), used + 1);
    if (token !== null) this.#tokens.set(token, id);
    return reservation(instance);
  }

  #found(ids: readonly string[]): EucalyptusInstance[] {
    const wanted = ids.filter((id) => id !== 'verbose');
    const missing = wanted.find((id) => !this.instances.has(id));
    if (missing !== undefined)
      throw new Refused('InvalidInstanceID.NotFound', `The instance ID '${missing}' does not exist`);
    const all = [...this.instances.values()];
    return ids.length === 0 || wanted.length < ids.length ? all : all.filter(({ id }) => wanted.includes(id));
  }

  #terminate(ids: readonly string[]): string {
    const found = this.#found(ids);
    const texts = found.map((instance) => {
      const before = element('previousState', stateText(instance.state));
      if (instance.state !== 'terminated') instance.state = 'shutting-down';
      return element('instanceId', instance.id) + element('currentState', stateText(instance.state)) + before;
    });
    return element('instancesSet', items(texts));
  }

  #tag(parameters: URLSearchParams, add: boolean): string {
    for (const id of listOf(parameters, 'ResourceId')) {
      const tags = this.instances.get(id)?.tags ?? [...this.groups.values()].find((one) => one.id === id)?.tags;
      if (tags === undefined) throw new Refused('InvalidInstanceID.NotFound', `The ID '${id}' does not exist`);
      changeTags(tags, parameters, add);
    }
    return element('return', 'true');
  }
}

/** Type and zone of an order. */
function placeOf(parameters: URLSearchParams): string {
  return `${parameters.get('InstanceType') ?? ''} ${parameters.get('Placement.AvailabilityZone') ?? zones[0]}`;
}

function groupText(name: string, { id, description, grants, tags }: Group): string {
  const text = { ownerId: account, groupId: id, groupName: name, groupDescription: description };
  return elements(text) + permissionsText(grants, account) + tagText(tags);
}

function reservation(instance: EucalyptusInstance): string {
  const { id, parameters, state, address, tags } = instance;
  const group = parameters.get('SecurityGroup.1') ?? 'default';
  const bare = state === 'pending' || state === 'terminated';
  const text = {
    instanceId: id,
    imageId: parameters.get('ImageId') ?? '',
    privateIpAddress: bare ? '0.0.0.0' : address,
    ipAddress: bare ? '0.0.0.0' : address.replace(/^10\./, '198.'),
    keyName: parameters.get('KeyName') ?? '',
    instanceType: parameters.get('InstanceType') ?? '',
    launchTime: '2026-01-01T00:00:00.000Z',
    clientToken: parameters.get('ClientToken') ?? '',
  };
  const zone = element('availabilityZone', parameters.get('Placement.AvailabilityZone') ?? zones[0]);
  const more =
    element('instanceState', stateText(state)) +
    element('placement', zone) +
    element('groupSet', items([elements({ groupName: group })])) +
    tagText(tags);
  const head = elements({ reservationId: `r-${id.slice(2)}`, ownerId: account });
  return `${head}${element('groupSet', items([elements({ groupName: group })]))}${element('instancesSet', items([elements(text) + more]))}`;
}
