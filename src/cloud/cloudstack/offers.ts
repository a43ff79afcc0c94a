/**
 * What a CloudStack can still run. Its objects are read anew each time; everything after that is pure. How many more there
 * are is the least of what the account's limits and, where we may see it, the zone's capacity leave.
 */
import type { Domain } from '../../model/domain.ts';
import type { Offer } from '../../model/machine.ts';
import { parseSize } from '../../model/quantity.ts';
import { saleOffer } from '../cloud.ts';
import { CloudStackError, listIn, numberIn, objectIn, textIn } from './api.ts';
import type { Json } from './api.ts';
import type { CloudStackSite } from './cloudstack.ts';

/** What is needed to order machines. */
export interface Catalogue {
  readonly zones: readonly Json[];
  readonly offerings: readonly Json[];
  readonly templates: readonly Json[];
  readonly networks: readonly Json[];
}

/** A machine type of a domain, found. */
export interface MachineType {
  readonly name: string;
  readonly zone: Json;
  readonly offering: Json;
  readonly template: Json;
  /** null where the zone decides */
  readonly network: Json | null;
  readonly cores: number;
  readonly memoryMb: number;
  readonly diskBytes: number;
  /** whether cores and memory must be said: the offering is customizable */
  readonly sized: boolean;
}

/** Why a machine type cannot be had. */
export interface Missing {
  readonly name: string;
  readonly why: string;
  readonly code: 'not-found' | 'invalid';
}

/** What limits how many there can be; null where it is not known. */
interface Limits {
  readonly account: Json | null;
  /** by the id of the zone */
  readonly capacities: ReadonlyMap<string, readonly Json[]> | null;
}

/** One offer for each domain and machine type. */
export async function offersOfCloudStack(site: CloudStackSite, signal: AbortSignal): Promise<readonly Offer[]> {
  const [catalogue, account, all] = await Promise.all([
    readCatalogue(site, signal),
    readAccount(site, signal),
    ifAllowed(() => site.api.call('listCapacity', {}, signal)),
  ]);
  const capacities = all === null ? null : Map.groupBy(listIn(all, 'capacity'), (one) => textIn(one, 'zoneid') ?? '');
  return site.context.domains.flatMap((domain) =>
    machineTypesOf(domain, catalogue).map((type) => offerOf(domain, type, { account, capacities })),
  );
}

/** Reads what orders refer to. */
export async function readCatalogue({ api }: CloudStackSite, signal: AbortSignal): Promise<Catalogue> {
  const [zones, offerings, templates, networks] = await Promise.all([
    api.list('listZones', 'zone', {}, signal),
    api.list('listServiceOfferings', 'serviceoffering', {}, signal),
    api.list('listTemplates', 'template', { templatefilter: 'executable' }, signal),
    api.list('listNetworks', 'network', {}, signal),
  ]);
  return { zones, offerings, templates, networks };
}

/** Our own account; null for an administrator, who sees several and has no limits by default. */
export async function readAccount({ api }: CloudStackSite, signal: AbortSignal): Promise<Json | null> {
  const accounts = listIn(await api.call('listAccounts', {}, signal), 'account');
  return accounts.length === 1 ? (accounts[0] ?? null) : null;
}

/** Null where the role of our user does not have the command. */
export async function ifAllowed<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof CloudStackError && [401, 432, 531].includes(error.code)) return null;
    throw error;
  }
}

/** The machine types that a domain may use: those it names, or every offering of a fixed size. */
export function machineTypesOf(domain: Domain, catalogue: Catalogue): readonly (MachineType | Missing)[] {
  const fixed = catalogue.offerings.filter((one) => one['iscustomized'] !== true && one['issystem'] !== true);
  const names = domain.definition.machineTypes ?? fixed.map((one) => textIn(one, 'name') ?? '');
  return [...new Set(names)].map((name) => machineTypeOf(domain, name, catalogue));
}

/** Whether it cannot be had. */
export function isMissing(type: MachineType | Missing): type is Missing {
  return 'why' in type;
}

/** Whether machines of the zone are in security groups. */
export function hasGroups(zone: Json): boolean {
  return zone['securitygroupsenabled'] === true;
}

function named(pool: readonly Json[], wanted: string): Json | undefined {
  return pool.find((one) => textIn(one, 'id') === wanted) ?? pool.find((one) => textIn(one, 'name') === wanted);
}

function machineTypeOf(domain: Domain, name: string, catalogue: Catalogue): MachineType | Missing {
  const missing = (code: Missing['code'], why: string): Missing => ({ name, code, why });
  const zone = zoneOf(domain, catalogue.zones);
  if (typeof zone === 'string') return missing('not-found', zone);
  const image = domain.definition.image;
  const here = catalogue.templates.filter((one) => textIn(one, 'zoneid') === textIn(zone, 'id'));
  if (image === undefined) return missing('invalid', 'the domain names no `image`: the template to start from');
  const template = named(here, image);
  if (template === undefined) return missing('not-found', `there is no template "${image}" in its zone`);
  if (template['isready'] !== true) return missing('not-found', `template "${image}" is not ready`);
  const network = networkOf(domain, zone, catalogue.networks);
  if (typeof network === 'string') return missing('not-found', network);
  if (domain.definition.publicAddress === true && textIn(network ?? {}, 'type') !== 'Isolated')
    return missing('invalid', 'public addresses are led into isolated networks only: its network is none');
  const [, base = name, cores, size] = /^(.+):(\d{1,4})x(\d+(?:\.\d+)?[KMGTP](?:i?B)?)$/.exec(name) ?? [];
  const offering = named(catalogue.offerings, base);
  if (offering === undefined) return missing('not-found', `there is no service offering "${base}"`);
  const sized = offering['iscustomized'] === true;
  if (sized !== (cores !== undefined))
    return missing('invalid', sized ? `"${base}" needs a size: ${base}:2x4G` : `"${base}" has a size of its own`);
  const memoryMb = sized ? Math.floor((parseSize(size ?? '') ?? 0) / 2 ** 20) : (numberIn(offering, 'memory') ?? 0);
  const count = Math.max(1, sized ? Number(cores) : (numberIn(offering, 'cpunumber') ?? 1));
  return {
    name,
    zone,
    offering,
    template,
    network,
    cores: count,
    memoryMb,
    diskBytes: diskOf(offering, template),
    sized,
  };
}

/** The zone, or why there is none. */
function zoneOf({ definition }: Domain, zones: readonly Json[]): Json | string {
  const names = zones.map((one) => textIn(one, 'name') ?? '').join(', ');
  if (definition.zone !== undefined) return named(zones, definition.zone) ?? `there is no zone "${definition.zone}"`;
  const [only, second] = zones;
  return only !== undefined && second === undefined ? only : `the domain must name a zone: one of ${names}`;
}

/** The network, null where the zone decides, or why there is none. */
function networkOf({ definition }: Domain, zone: Json, networks: readonly Json[]): Json | null | string {
  const here = networks.filter((one) => textIn(one, 'zoneid') === textIn(zone, 'id'));
  if (definition.subnet !== undefined)
    return named(here, definition.subnet) ?? `there is no network "${definition.subnet}" in its zone`;
  if (textIn(zone, 'networktype') === 'Basic') return null;
  const [only, second] = here;
  // without one, CloudStack would make an isolated network of its own, which nobody would take away again
  return only !== undefined && second === undefined ? only : 'the domain must name a network as `subnet`';
}

/** The offering's own root disk in GB, or the template's size in bytes. */
function diskOf(offering: Json, template: Json): number {
  const own = numberIn(offering, 'rootdisksize') ?? 0;
  return own > 0 ? own * 2 ** 30 : (numberIn(template, 'size') ?? 0);
}

function offerOf(domain: Domain, type: MachineType | Missing, limits: Limits): Offer {
  const found = isMissing(type) ? null : type;
  const capacity = {
    cores: found?.cores ?? 0,
    memoryBytes: (found?.memoryMb ?? 0) * 2 ** 20,
    diskFreeBytes: found?.diskBytes ?? 0,
  };
  const sale = { kind: 'cloudstack', domain, machineType: type.name };
  return {
    ...saleOffer(sale, { capacity, found: { os: 'linux', ...(found === null ? {} : builtAttributes(found)) } }),
    left: found === null ? 0 : leftOf(found, limits),
    fault: isMissing(type) ? { code: type.code, why: type.why } : null,
  };
}

/** Templates tell their architecture since 4.20; before, all were x86_64. */
function builtAttributes({ offering, template }: MachineType): Record<string, string | number> {
  const arch = textIn(template, 'arch') ?? 'x86_64';
  const gpus = numberIn(offering, 'gpucount') ?? (textIn(offering, 'gpucardname') === undefined ? 0 : 1);
  return gpus === 0 ? { arch } : { arch, gpus };
}

function leftOf(type: MachineType, { account, capacities }: Limits): number | null {
  const limits = [...leftInAccount(type, account), ...leftInZone(type, capacities)];
  return limits.length === 0 ? null : Math.max(0, Math.floor(Math.min(...limits)));
}

/** What is available is a number, or the word Unlimited. */
function leftInAccount({ cores, memoryMb }: MachineType, account: Json | null): number[] {
  const left = (name: string, size: number) => {
    const available = account === null ? undefined : numberIn(account, name);
    return available === undefined || size <= 0 ? [] : [available / size];
  };
  return [...left('vmavailable', 1), ...left('cpuavailable', cores), ...left('memoryavailable', memoryMb)];
}

/** Types of capacity: memory in bytes, CPU in MHz. */
const [memoryType, cpuType] = [0, 1];

function leftInZone({ zone, offering, cores, memoryMb }: MachineType, capacities: Limits['capacities']): number[] {
  const here = capacities?.get(textIn(zone, 'id') ?? '') ?? [];
  const left = (type: number, size: number) => {
    const found = here.find((one) => numberIn(one, 'type') === type);
    if (found === undefined || !(size > 0)) return [];
    return [((numberIn(found, 'capacitytotal') ?? 0) - (numberIn(found, 'capacityused') ?? 0)) / size];
  };
  const speed = numberIn(offering, 'cpuspeed') ?? 0;
  return [...left(memoryType, memoryMb * 2 ** 20), ...left(cpuType, cores * speed)];
}

/** Whether that account, null for an administrator's, may expunge what it destroys. */
export async function mayExpunge({ api }: CloudStackSite, account: Json | null, signal: AbortSignal): Promise<boolean> {
  if (account === null || (numberIn(account, 'accounttype') ?? 0) > 0) return true;
  const answer = await api.call('listCapabilities', {}, signal);
  return objectIn(answer, 'capability')['allowuserexpungerecovervm'] === true;
}
