/** What a region sells: flavors, what is left of the project's quota, images. Pure but for the asking. */
import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { Domain } from '../../model/domain.ts';
import type { Capacity, Offer } from '../../model/machine.ts';
import { libraryAttributes, saleOffer } from '../cloud.ts';
import type { Sale } from '../cloud.ts';
import { isUuid } from './servers.ts';
import { withQuery } from './session.ts';
import type { Collection, Session } from './session.ts';

const ExtraSpecs = z.record(z.string(), z.string());

/** A flavor; `ram` in MiB, `disk` in GiB. */
export const Flavor = z.object({
  id: z.string(),
  name: z.string(),
  vcpus: z.number(),
  ram: z.number(),
  disk: z.number(),
  extra_specs: ExtraSpecs.optional(),
  'OS-FLV-WITH-EXT-SPECS:extra_specs': ExtraSpecs.optional(),
});
export type Flavor = z.infer<typeof Flavor>;

/** All flavors of a region. */
export function flavorsAt(headers: Readonly<Record<string, string>> = {}): Collection<Flavor> {
  return { path: '/flavors/detail', name: 'flavors', item: Flavor, marker: ({ id }) => id, headers };
}

/** What a project may use and uses; `ram` in MiB; -1 for no limit. */
export const Limits = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number().optional(),
      totalInstancesUsed: z.number().optional(),
      maxTotalCores: z.number().optional(),
      totalCoresUsed: z.number().optional(),
      maxTotalRAMSize: z.number().optional(),
      totalRAMUsed: z.number().optional(),
    }),
  }),
});
export type Limits = z.infer<typeof Limits>;

/** How many servers of the flavor the quota still allows; null where it limits nothing. */
export function leftOf({ limits: { absolute: of } }: Limits, { vcpus, ram }: Flavor): number | null {
  const rooms = [
    room(of.maxTotalInstances, of.totalInstancesUsed, 1),
    room(of.maxTotalCores, of.totalCoresUsed, vcpus),
    room(of.maxTotalRAMSize, of.totalRAMUsed, ram),
  ];
  const limited = rooms.filter((one) => one !== null);
  return limited.length === 0 ? null : Math.min(...limited);
}

function room(most = -1, used = 0, each = 1): number | null {
  return most < 0 || each <= 0 ? null : Math.max(0, Math.floor((most - used) / each));
}

/** An image of Glance. */
const Image = z.object({
  id: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  os_type: z.string().optional(),
  os_distro: z.string().optional(),
  os_version: z.string().optional(),
  architecture: z.string().optional(),
  hw_architecture: z.string().optional(),
});
export type Image = z.infer<typeof Image>;

/** The domain's image, by id or name; of several alike the newest. Fault not-found, or invalid where the domain names none. */
export async function imageOf(
  session: Session,
  region: string,
  { name, definition }: Domain,
  signal: AbortSignal,
): Promise<Image> {
  const object = `domain ${name}`;
  const { image: wanted } = definition;
  if (wanted === undefined)
    throw new Fault('invalid', `${object} names no image`, { object, next: 'give the domain `image:`, by name or id' });
  const filter = isUuid(wanted) ? { id: wanted } : { name: wanted };
  const path = withQuery('/images', { ...filter, status: 'active', sort: 'created_at:desc' });
  const place = { service: 'image', region } as const;
  const all = { path, name: 'images', item: Image, marker: ({ id }: Image) => id };
  const [found] = await session.all(place, all, signal);
  if (found !== undefined) return found;
  throw new Fault('not-found', `${object}: region ${region} has no active image ${wanted}`, { object });
}

/** What an image says of the machines that boot from it. */
export function imageAttributes(image: Image): Capabilities {
  const { os_type: os, architecture, hw_architecture, os_distro, os_version } = image;
  const arch = architecture ?? hw_architecture;
  const known = arch === undefined ? {} : { arch: architectures[arch] ?? arch };
  return { ...(os === undefined ? {} : { os }), ...known, ...libraryAttributes(os_distro, os_version) };
}

/** As `uname` says them. */
const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', amd64: 'x86_64', arm64: 'aarch64' };

/** A machine type on sale where its region says that the domain is, whether the domain says so or its provider does. */
export interface RegionalSale extends Sale {
  readonly region: string;
}

/** An offer of which nothing is known but its name. */
export function bareOffer(sale: RegionalSale): Offer {
  return saleOffer(inRegion(sale));
}

/** The offer of a flavor. */
export function offerOf(
  sale: RegionalSale,
  flavor: Flavor,
  { limits, found, fault }: { readonly limits: Limits; readonly found: Capabilities; readonly fault: Offer['fault'] },
): Offer {
  const built = { capacity: capacityOf(flavor), found: { ...found, ...gpusOf(flavor) } };
  return { ...saleOffer(inRegion(sale), built), left: leftOf(limits, flavor), fault };
}

function inRegion({ region, domain, ...sale }: RegionalSale): Sale {
  return { ...sale, domain: { ...domain, definition: { ...domain.definition, region } } };
}

function capacityOf({ vcpus, ram, disk }: Flavor): Capacity {
  return { cores: vcpus, memoryBytes: ram * 2 ** 20, diskFreeBytes: disk * 2 ** 30 };
}

/** Flavors promise GPUs in their extra specs: as virtual ones, or as devices by an alias that the operator chose. */
function gpusOf({ extra_specs, 'OS-FLV-WITH-EXT-SPECS:extra_specs': older }: Flavor): Capabilities {
  const specs = extra_specs ?? older ?? {};
  const virtual = Number(specs['resources:VGPU'] ?? 0);
  const devices = (specs['pci_passthrough:alias'] ?? '')
    .split(',')
    .filter((alias) => /gpu|nvidia|tesla|\b([avh]\d{2,3}|[lt]4\d?)\b/i.test(alias));
  const passed = devices.reduce((sum, alias) => sum + Number(alias.split(':')[1] ?? 1), 0);
  const gpus = virtual + passed;
  if (!Number.isFinite(gpus) || gpus <= 0) return { gpu: false };
  const model = devices[0]?.split(':')[0]?.trim();
  return { gpu: true, gpus, ...(model === undefined ? {} : { gpu_model: model }) };
}
