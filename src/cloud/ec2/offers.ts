/** What EC2 sells: the machine types that the domain's zone has and that the domain's image can run on. */
import type { Image, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { Domain } from '../../model/domain.ts';
import type { Capacity, Offer } from '../../model/machine.ts';
import { saleOffer } from '../cloud.ts';
import { askOnce } from './asked.ts';
import type { Asked } from './asked.ts';
import type { Ec2Site } from './ec2.ts';
import { networkOf } from './network.ts';
import { leftOf, quotasOf } from './quotas.ts';
import type { Quotas } from './quotas.ts';

/** What a domain's region says about it. */
interface Market {
  readonly types: readonly InstanceTypeInfo[];
  readonly image: Image;
  readonly quotas: Quotas;
}

/** Asks for all domains side by side. Where one cannot be asked, its declared machine types carry the reason. */
export async function offersOfEc2(site: Ec2Site, signal: AbortSignal): Promise<readonly Offer[]> {
  const once = askOnce(site, signal);
  const asked = await Promise.allSettled(site.context.domains.map((domain) => domainOffers(site, domain, once)));
  signal.throwIfAborted();
  const failed = asked.filter((one) => one.status === 'rejected');
  const [first] = failed;
  if (first !== undefined && failed.length === asked.length && !isOfDomain(first.reason)) throw first.reason;
  return asked.flatMap((one, index) => {
    const domain = site.context.domains[index] as Domain;
    return one.status === 'fulfilled' ? one.value : withheld(domain, one.reason);
  });
}

/** What is wrong with one domain rather than with the provider. */
function isOfDomain(error: unknown): boolean {
  return error instanceof Fault && error.detail.object?.startsWith('domain ') === true;
}

async function domainOffers(site: Ec2Site, domain: Domain, asked: Asked): Promise<Offer[]> {
  const region = site.regionOf(domain);
  const [image, types] = await Promise.all([
    imageOf(asked, region, domain),
    typesOf(asked, region, domain),
    networkOf(asked, region, domain),
  ]);
  const quotas = await quotasOf(region, types, asked);
  const market = { types, image, quotas };
  return types.filter((type) => canRun(type, image)).map((type) => offerOf(domain, type, market));
}

/** The domain's image. Fault not-found, or invalid where the domain names none. */
export async function imageOf(
  asked: Pick<Asked, 'image'>,
  region: string,
  { name, definition }: Domain,
): Promise<Image> {
  const object = `domain ${name}`;
  const { image } = definition;
  if (image === undefined)
    throw new Fault('invalid', `${object} names no image`, { object, next: 'give the domain `image: ami-…`' });
  const found = await asked.image(region, image);
  if (found !== undefined && (found.State ?? 'available') === 'available') return found;
  const why = found === undefined ? 'has no image' : `cannot use its image (${found.State ?? ''})`;
  throw new Fault('not-found', `${object}: region ${region} ${why} ${image}`, { object });
}

/** The machine types of the domain that its zone, or its region, has. */
async function typesOf(asked: Asked, region: string, { definition }: Domain): Promise<InstanceTypeInfo[]> {
  const { zone = null, machineTypes } = definition;
  const [types, offered] = await Promise.all([asked.types(region), asked.offered(region, zone)]);
  const isWanted = ({ InstanceType: type }: InstanceTypeInfo) =>
    type !== undefined && offered.has(type) && (machineTypes?.includes(type) ?? true);
  return types.filter(isWanted).toSorted(byName);
}

function byName(one: InstanceTypeInfo, other: InstanceTypeInfo): number {
  return (one.InstanceType ?? '').localeCompare(other.InstanceType ?? '');
}

function canRun({ ProcessorInfo, SupportedVirtualizationTypes: kinds }: InstanceTypeInfo, image: Image): boolean {
  const architectures: readonly (string | undefined)[] = ProcessorInfo?.SupportedArchitectures ?? [];
  const virtual = image.VirtualizationType;
  return architectures.includes(image.Architecture) && (virtual === undefined || (kinds?.includes(virtual) ?? true));
}

function offerOf(domain: Domain, type: InstanceTypeInfo, { image, quotas }: Market): Offer {
  const machineType = type.InstanceType ?? '';
  const built = { capacity: capacityOf(type, image), found: { ...archOf(image), ...gpusOf(type) } };
  return { ...saleOffer({ kind: 'ec2', domain, machineType }, built), left: leftOf(quotas, type) };
}

/** As `uname` says it. */
function archOf({ Architecture, PlatformDetails = 'Linux/UNIX' }: Image): Capabilities {
  const arch = Architecture === 'arm64' ? 'aarch64' : Architecture;
  const os = /linux/i.test(PlatformDetails) ? { os: 'linux' } : {};
  return arch === undefined ? os : { ...os, arch };
}

function gpusOf({ GpuInfo }: InstanceTypeInfo): Capabilities {
  const [first] = GpuInfo?.Gpus ?? [];
  if (first === undefined) return { gpu: false };
  const count = (GpuInfo?.Gpus ?? []).reduce((sum, { Count = 0 }) => sum + Count, 0);
  return { gpu: true, gpus: count, ...(first.Name === undefined ? {} : { gpu_model: first.Name }) };
}

/** The root disk is as large as the image says; disks of the type's own come as others. */
function capacityOf({ VCpuInfo, MemoryInfo }: InstanceTypeInfo, image: Image): Capacity {
  const disks = image.BlockDeviceMappings ?? [];
  const root = disks.find(({ DeviceName }) => DeviceName === image.RootDeviceName) ?? disks[0];
  return {
    cores: VCpuInfo?.DefaultVCpus ?? 0,
    memoryBytes: (MemoryInfo?.SizeInMiB ?? 0) * 2 ** 20,
    diskFreeBytes: (root?.Ebs?.VolumeSize ?? 8) * 2 ** 30,
  };
}

/** The offers of a domain that cannot be asked about, as far as they are declared. */
function withheld(domain: Domain, error: unknown): Offer[] {
  const fault = { code: faultCodeOf(error), why: wordsOf(error) };
  return (domain.definition.machineTypes ?? []).map((machineType) => ({
    ...saleOffer({ kind: 'ec2', domain, machineType }),
    fault,
  }));
}
