/**
 * What an OpenNebula can still run. Its objects are read anew each time; everything after that is pure. How many more
 * there are is the least of what the quotas of user and group, and the hosts of the cluster (where we may see them), leave.
 */
import type { Domain } from '../../model/domain.ts';
import type { Offer } from '../../model/machine.ts';
import { parseSize } from '../../model/quantity.ts';
import { saleOffer } from '../cloud.ts';
import { allIn, elementAt, numberAt, OpenNebulaError, textAt } from './api.ts';
import type { Xml } from './api.ts';
import type { OpenNebulaSite } from './opennebula.ts';
import { bootMsOf, isStuck, ownOf } from './vm.ts';

/** What is needed to order machines. */
export interface Catalogue {
  readonly templates: readonly Xml[];
  readonly images: readonly Xml[];
  readonly networks: readonly Xml[];
  readonly clusters: readonly Xml[];
}

/** A machine type of a domain, found. Sizes as OpenNebula has them: MB. */
export interface MachineType {
  readonly name: string;
  readonly template: Xml;
  readonly cores: number;
  readonly cpu: number;
  readonly memoryMb: number;
  readonly diskMb: number;
  /** whether cores and memory are the domain's own and not the template's */
  readonly resized: boolean;
  readonly image: Xml | null;
  readonly network: Xml | null;
  readonly cluster: Xml | null;
}

/** Why a machine type cannot be had. */
export interface Missing {
  readonly name: string;
  readonly why: string;
  readonly code: 'not-found' | 'invalid';
}

interface World extends Catalogue {
  readonly quotas: readonly Xml[];
  /** null when this user may not see them */
  readonly hosts: readonly Xml[] | null;
  /** our machines that were not placed */
  readonly pending: readonly Xml[];
}

const visible = [-2, -1, -1] as const;
const pendingState = 1;

/** One offer for each domain and machine type. */
export async function offersOfOpenNebula(site: OpenNebulaSite, signal: AbortSignal): Promise<readonly Offer[]> {
  const world = await readWorld(site, signal);
  return site.context.domains.flatMap((domain) =>
    machineTypesOf(domain, world).map((type) => offerOf(site, domain, type, world)),
  );
}

/** Reads what orders refer to. */
export async function readCatalogue({ api }: OpenNebulaSite, signal: AbortSignal): Promise<Catalogue> {
  const pool = async (method: string, name: string, parameters: readonly number[] = visible) =>
    allIn(await api.read(method, parameters, signal), name);
  const [templates, images, networks, clusters] = await Promise.all([
    pool('one.templatepool.info', 'VMTEMPLATE'),
    pool('one.imagepool.info', 'IMAGE'),
    pool('one.vnpool.info', 'VNET'),
    pool('one.clusterpool.info', 'CLUSTER', []),
  ]);
  return { templates, images, networks, clusters };
}

/** The machine types that a domain may use: those it names, or every template. */
export function machineTypesOf(domain: Domain, catalogue: Catalogue): readonly (MachineType | Missing)[] {
  const names = domain.definition.machineTypes ?? catalogue.templates.map((one) => textAt(one, 'NAME') ?? '');
  return [...new Set(names)].map((name) => machineTypeOf(domain, name, catalogue));
}

/** Whether it cannot be had. */
export function isMissing(type: MachineType | Missing): type is Missing {
  return 'why' in type;
}

/** The images, by id and by name. */
export function named(pool: readonly Xml[], wanted: string): Xml | undefined {
  return pool.find((one) => textAt(one, 'ID') === wanted) ?? pool.find((one) => textAt(one, 'NAME') === wanted);
}

function machineTypeOf(domain: Domain, name: string, catalogue: Catalogue): MachineType | Missing {
  const [, base = name, cores, size] = /^(.+):(\d{1,4})x(\d+(?:\.\d+)?[KMGTP](?:i?B)?)$/.exec(name) ?? [];
  const template = named(catalogue.templates, base);
  if (template === undefined)
    return {
      name,
      code: 'not-found',
      why: `there is no VM template "${base}"`,
    };
  const { image: wantedImage, subnet, zone } = domain.definition;
  const absent = (what: string, wanted: string): Missing => ({
    name,
    code: 'not-found',
    why: `there is no ${what} "${wanted}"`,
  });
  const image = wantedImage === undefined ? null : named(catalogue.images, wantedImage);
  const network = subnet === undefined ? null : named(catalogue.networks, subnet);
  const cluster = zone === undefined ? null : named(catalogue.clusters, zone);
  if (image === undefined) return absent('image', wantedImage ?? '');
  if (network === undefined) return absent('virtual network', subnet ?? '');
  if (cluster === undefined) return absent('cluster', zone ?? '');
  const found = { name, template, image, network, cluster };
  const impossible = impossibleWhy(domain, found);
  if (impossible !== null) return { name, code: 'invalid', why: impossible };
  return { ...found, ...sizeOf(found, catalogue.images, { cores, size }) };
}

function impossibleWhy(domain: Domain, found: Pick<MachineType, 'template' | 'network' | 'image'>): string | null {
  if (domain.definition.publicAddress === true)
    return 'OpenNebula has no floating addresses: name a virtual network with public ones as `subnet`';
  const body = elementAt(found.template, 'TEMPLATE');
  if (found.network === null && allIn(body, 'NIC').length === 0)
    return 'its template has no network: name a virtual network as `subnet`';
  if (found.image === null && allIn(body, 'DISK').length === 0) return 'its template has no disk: name an `image`';
  return null;
}

function sizeOf(
  { template, image }: Pick<MachineType, 'template' | 'image'>,
  images: readonly Xml[],
  own: {
    readonly cores: string | undefined;
    readonly size: string | undefined;
  },
): Pick<MachineType, 'cores' | 'cpu' | 'memoryMb' | 'diskMb' | 'resized'> {
  const body = elementAt(template, 'TEMPLATE');
  const diskMb = diskOf(body, image, images);
  const cpu = numberAt(body, 'CPU') ?? 1;
  const stated = {
    cpu,
    cores: Math.max(1, Math.trunc(numberAt(body, 'VCPU') ?? cpu)),
  };
  const memoryMb = numberAt(body, 'MEMORY') ?? 0;
  if (own.cores === undefined || own.size === undefined) return { ...stated, memoryMb, diskMb, resized: false };
  const cores = Math.max(1, Number(own.cores));
  return {
    cores,
    cpu: cores,
    memoryMb: Math.floor((parseSize(own.size) ?? 0) / 2 ** 20),
    diskMb,
    resized: true,
  };
}

/** Size of the first disk: its own, or that of its image. */
function diskOf(body: Xml, image: Xml | null, images: readonly Xml[]): number {
  const disk = allIn(body, 'DISK')[0] ?? '';
  const name = textAt(disk, 'IMAGE_ID') ?? textAt(disk, 'IMAGE') ?? '';
  const from = image ?? named(images, name) ?? '';
  return numberAt(disk, 'SIZE') ?? numberAt(from, 'SIZE') ?? 0;
}

async function readWorld(site: OpenNebulaSite, signal: AbortSignal): Promise<World> {
  const { api, context } = site;
  const [catalogue, user, group, hosts, pool] = await Promise.all([
    readCatalogue(site, signal),
    api.read('one.user.info', [-1], signal),
    api.read('one.group.info', [-1], signal),
    readHosts(site, signal),
    api.read('one.vmpool.infoextended', [...visible, pendingState], signal),
  ]);
  const pending = allIn(pool, 'VM').filter((vm) => ownOf(vm)?.owner === context.owner);
  return { ...catalogue, quotas: [user, group], hosts, pending };
}

/** Only administrators see hosts; for others the quotas must do. */
async function readHosts({ api }: OpenNebulaSite, signal: AbortSignal): Promise<readonly Xml[] | null> {
  try {
    return allIn(await api.read('one.hostpool.info', [], signal), 'HOST');
  } catch (error) {
    if (error instanceof OpenNebulaError && error.code === 0x0200) return null;
    throw error;
  }
}

function offerOf(site: OpenNebulaSite, domain: Domain, type: MachineType | Missing, world: World): Offer {
  const found = isMissing(type) ? null : type;
  const capacity = {
    cores: found?.cores ?? 0,
    memoryBytes: (found?.memoryMb ?? 0) * 2 ** 20,
    diskFreeBytes: (found?.diskMb ?? 0) * 2 ** 20,
  };
  const unplaced = found === null ? null : unplacedWhy(site, domain, type.name, world);
  const sale = { kind: 'opennebula', domain, machineType: type.name };
  return {
    ...saleOffer(sale, { capacity, found: { os: 'linux', ...(found === null ? {} : builtAttributes(found)) } }),
    left: found === null ? 0 : leftOf(found, world),
    fault: isMissing(type) ? { code: type.code, why: type.why } : unplaced,
  };
}

/** The architecture as templates state it, KVM's default where they do not; PCI devices of the display class are GPUs. */
function builtAttributes({ template }: MachineType): Record<string, string | number> {
  const body = elementAt(template, 'TEMPLATE');
  const arch = textAt(body, 'OS', 'ARCH') ?? 'x86_64';
  const gpus = allIn(body, 'PCI').filter((one) => textAt(one, 'CLASS')?.startsWith('03') === true).length;
  return gpus === 0 ? { arch } : { arch, gpus };
}

/** The scheduler's own words when one of these has waited for longer than a boot may take: there is no room. */
function unplacedWhy(
  site: OpenNebulaSite,
  domain: Domain,
  machineType: string,
  { pending }: World,
): { code: string; why: string } | null {
  const now = site.context.clock.now();
  for (const vm of pending) {
    const own = ownOf(vm);
    if (own?.domain !== domain.name || own.machineType !== machineType) continue;
    if (!isStuck(vm, { now, bootMs: bootMsOf(site.context, domain.name) })) continue;
    return {
      code: 'no-capacity',
      why: textAt(vm, 'USER_TEMPLATE', 'SCHED_MESSAGE') ?? 'no host took the last one',
    };
  }
  return null;
}

function leftOf(type: MachineType, { quotas, hosts }: World): number | null {
  const limits = [...quotas.map((one) => leftInQuota(type, one)), leftOnHosts(type, hosts)];
  const known = limits.filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(0, Math.min(...known));
}

/** Limits are -1 (the default, which is not known to users) and -2 (none) where there is no number. */
function leftInQuota({ cpu, memoryMb }: MachineType, owner: Xml): number | null {
  const quota = elementAt(owner, 'VM_QUOTA', 'VM');
  const left = (limit: string, size: number): number[] => {
    const most = numberAt(quota, limit) ?? -1;
    const used = numberAt(quota, `${limit}_USED`) ?? 0;
    return most < 0 || size <= 0 ? [] : [Math.floor((most - used) / size)];
  };
  const lefts = [...left('VMS', 1), ...left('RUNNING_VMS', 1), ...left('CPU', cpu), ...left('MEMORY', memoryMb)];
  return lefts.length === 0 ? null : Math.min(...lefts);
}

/** States of hosts that take machines: MONITORING_MONITORED, MONITORED. */
const working = [1, 2];

function leftOnHosts({ cpu, memoryMb, cluster }: MachineType, hosts: readonly Xml[] | null): number | null {
  if (hosts === null) return null;
  const id = cluster === null ? null : textAt(cluster, 'ID');
  const usable = hosts.filter(
    (host) => working.includes(numberAt(host, 'STATE') ?? 0) && (id === null || textAt(host, 'CLUSTER_ID') === id),
  );
  const room = usable.map((host) => {
    const share = elementAt(host, 'HOST_SHARE');
    // cpu in hundredths of a core, memory in KB
    const cores = ((numberAt(share, 'TOTAL_CPU') ?? 0) - (numberAt(share, 'CPU_USAGE') ?? 0)) / 100 / cpu;
    const memory = ((numberAt(share, 'TOTAL_MEM') ?? 0) - (numberAt(share, 'MEM_USAGE') ?? 0)) / 1024 / memoryMb;
    return Math.max(0, Math.floor(Math.min(cores, memory)));
  });
  return room.reduce((sum, one) => sum + one, 0);
}
