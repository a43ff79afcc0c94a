/** What the scripted EC2 has for everybody: zones, subnets, images, machine types; the answers about them. */
import type { Entry } from './ec2-lists.ts';
import { element, elements, items } from './ec2-wire.ts';

/** The one region. */
export const region = 'eu-north-1';
/** Its zones; the last has no room. */
export const zones = ['eu-north-1a', 'eu-north-1b', 'eu-north-1c'] as const;
/** The default network. */
export const vpc = 'vpc-0d0d0d0d0d0d0d0d0';

/** A machine type. */
export interface MachineType {
  readonly name: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly arch: 'x86_64' | 'arm64';
  readonly gpu?: string;
  /** all zones when absent */
  readonly zones?: readonly string[];
}

/** The machine types, by name. */
export const types: readonly MachineType[] = [
  { name: 'c7g.large', cores: 2, memoryMb: 4_096, arch: 'arm64' },
  { name: 'g4dn.xlarge', cores: 4, memoryMb: 16_384, arch: 'x86_64', gpu: 'T4', zones: ['eu-north-1b'] },
  { name: 'm5.large', cores: 2, memoryMb: 8_192, arch: 'x86_64' },
  { name: 'm5.xlarge', cores: 4, memoryMb: 16_384, arch: 'x86_64' },
  { name: 't3.micro', cores: 2, memoryMb: 1_024, arch: 'x86_64' },
  { name: 't3.small', cores: 2, memoryMb: 2_048, arch: 'x86_64' },
];

/** The images. */
export const image = 'ami-0000000000000d13';
const images = [
  { id: 'ami-00000000000a4d13', arch: 'arm64', name: 'debian-13-arm64' },
  { id: image, arch: 'x86_64', name: 'debian-13-amd64' },
];

/** The subnet of each zone in the default network, and how many addresses it has. */
export const subnets = zones.map((zone, index) => ({
  id: `subnet-0000000000000000${index + 1}`,
  zone,
  block: `10.${index * 64}.0.0/10`,
}));

/** Zones as they are listed. */
export function zoneText(): string {
  const text = (zone: string) => elements({ zoneName: zone, zoneState: 'available', regionName: region });
  return element('availabilityZoneInfo', items(zones.map(text)));
}

/** Whether there is an image of that id. */
export function isImage(id: string | null): boolean {
  return images.some((one) => one.id === id);
}

export const imageEntries: readonly Entry[] = images.map(({ id, arch, name }) => ({
  id,
  values: { 'image-id': id, architecture: arch, name },
  text: () => {
    const disk = elements({ deviceName: '/dev/xvda' }) + element('ebs', elements({ volumeSize: '8' }));
    const about = { imageId: id, imageState: 'available', architecture: arch, name, rootDeviceName: '/dev/xvda' };
    const more = elements({ virtualizationType: 'hvm', platformDetails: 'Linux/UNIX' });
    return elements(about) + more + element('blockDeviceMapping', items([disk]));
  },
}));

export const subnetEntries: readonly Entry[] = subnets.map(({ id, zone, block }) => ({
  id,
  values: { 'subnet-id': id, 'availability-zone': zone, 'vpc-id': vpc, 'default-for-az': 'true' },
  text: () =>
    elements({
      subnetId: id,
      state: 'available',
      vpcId: vpc,
      cidrBlock: block,
      availabilityZone: zone,
      defaultForAz: 'true',
    }),
}));

export const typeEntries: readonly Entry[] = types.map((type) => ({
  id: type.name,
  values: { 'instance-type': type.name },
  text: () => typeText(type),
}));

function typeText({ name, cores, memoryMb, arch, gpu }: MachineType): string {
  const card = (model: string) => items([elements({ name: model, manufacturer: 'NVIDIA', count: '1' })]);
  return (
    elements({ instanceType: name }) +
    element('vCpuInfo', elements({ defaultVCpus: String(cores) })) +
    element('memoryInfo', elements({ sizeInMiB: String(memoryMb) })) +
    element('processorInfo', element('supportedArchitectures', element('item', arch))) +
    element('supportedVirtualizationTypes', element('item', 'hvm')) +
    (gpu === undefined ? '' : element('gpuInfo', element('gpus', card(gpu))))
  );
}

/** Which types are where: by region, or by zone. */
export function offeringEntries(by: string): readonly Entry[] {
  const places = by === 'availability-zone' ? zones : [region];
  const here = ({ zones: own }: MachineType, place: string) => place === region || (own?.includes(place) ?? true);
  return types.flatMap((type) =>
    places
      .filter((place) => here(type, place))
      .map((place) => ({
        id: `${type.name}.${place}`,
        values: { 'instance-type': type.name, location: place },
        text: () => elements({ instanceType: type.name, locationType: by, location: place }),
      })),
  );
}
