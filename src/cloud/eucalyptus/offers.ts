/**
 * What Eucalyptus sells: its machine types with what each zone has room for. Their description is another than EC2's
 * (`instanceTypeDetails`), which the SDK reads as an empty list: it is asked for and read here.
 */
import type { Image } from '@aws-sdk/client-ec2';
import { XMLParser } from 'fast-xml-parser';
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { HttpAnswer } from '../../base/http.ts';
import { onceEach } from '../../base/once.ts';
import type { Domain } from '../../model/domain.ts';
import type { Offer } from '../../model/machine.ts';
import { saleOffer } from '../cloud.ts';
import { codeOfEc2, notXml } from '../ec2-api/faults.ts';
import type { EucalyptusSite } from './eucalyptus.ts';

/** A machine type as Eucalyptus describes it. */
interface Type {
  readonly name: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** how many more of it each zone has room for */
  readonly room: ReadonlyMap<string, number>;
}

/** One offer for each domain and machine type; a domain that cannot be used says why on each of them. */
export async function offersOfEucalyptus(site: EucalyptusSite, signal: AbortSignal): Promise<readonly Offer[]> {
  signal.throwIfAborted();
  const types = await typesOf(site, signal);
  const images = onceEach(() => imagesOf(site, signal));
  const offers = site.context.domains.map(async (domain) => {
    const problem = await problemOf(domain, images);
    const wanted = types.filter(({ name }) => domain.definition.machineTypes?.includes(name) ?? true);
    return wanted.map((type) => offerOf(domain, type, problem));
  });
  return (await Promise.all(offers)).flat();
}

/** Why no machine can be had in the domain, by the domain's own fault; null where that is not so. */
async function problemOf(domain: Domain, images: () => Promise<readonly Image[]>): Promise<Offer['fault']> {
  try {
    await imageOf(domain, images);
    return null;
  } catch (error) {
    if (!['invalid', 'not-found'].includes(faultCodeOf(error))) throw error;
    return { code: faultCodeOf(error), why: wordsOf(error) };
  }
}

/** All images that may be used: Eucalyptus answers all of them whatever is asked for. */
export async function imagesOf({ api }: EucalyptusSite, signal: AbortSignal): Promise<readonly Image[]> {
  const answer = await api.call('DescribeImages', (sdk, within) => sdk.describeImages({}, within), signal);
  return answer.Images ?? [];
}

/** The domain's image, looked for among all of them; its architecture. */
export async function imageOf(domain: Domain, images: () => Promise<readonly Image[]>): Promise<string> {
  const object = `domain ${domain.name}`;
  const { image, subnet } = domain.definition;
  if (image === undefined)
    throw new Fault('invalid', `${object} names no image`, { object, next: 'give the domain `image: emi-…`' });
  if (subnet !== undefined)
    throw new Fault('invalid', `${object} names a subnet, and a Eucalyptus cloud has none`, { object });
  const found = (await images()).find(({ ImageId }) => ImageId === image);
  if (found === undefined) throw new Fault('not-found', `${object}: there is no image ${image}`, { object });
  return found.Architecture ?? 'x86_64';
}

/** All machine types and their room. */
export async function typesOf({ api, definition }: EucalyptusSite, signal: AbortSignal): Promise<readonly Type[]> {
  const body = 'Action=DescribeInstanceTypes&Availability=true&Version=2016-11-15';
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const answer = await api.raw({ url: definition.endpoint, service: 'ec2', headers, body }, signal);
  const fault = notXml(answer, 'DescribeInstanceTypes');
  if (fault !== null) throw fault;
  return readTypes(answer);
}

/** An element that is repeated, once or not there at all. */
type Items = { readonly item?: readonly Readonly<Record<string, unknown>>[] } | '' | undefined;

const parser = new XMLParser({
  isArray: (name) => name === 'item',
  processEntities: false,
  parseTagValue: false,
  ignoreAttributes: true,
});

function readTypes({ status, text, retryAfterMs }: HttpAnswer): readonly Type[] {
  const document = parse(text);
  if (status !== 200) throw errorIn(document, status, retryAfterMs);
  const root = document['DescribeInstanceTypesResponse'] as Readonly<Record<string, unknown>> | undefined;
  return itemsOf(root?.['instanceTypeDetails'] as Items).map((one) => ({
    name: String(one['name']),
    cores: numberIn(one, 'cpu'),
    memoryBytes: numberIn(one, 'memory') * 2 ** 20,
    diskBytes: numberIn(one, 'disk') * 2 ** 30,
    room: new Map(
      itemsOf(one['availability'] as Items).map((zone) => [String(zone['zoneName']), numberIn(zone, 'available')]),
    ),
  }));
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return parser.parse(text) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new Fault('unavailable', 'DescribeInstanceTypes: the answer cannot be read', { words: wordsOf(error) });
  }
}

function errorIn(document: Readonly<Record<string, unknown>>, status: number, retryAfterMs: number | undefined): Fault {
  const response = document['Response'] as { Errors?: { Error?: { Code?: string; Message?: string } } } | undefined;
  const { Code = '', Message = '' } = response?.Errors?.Error ?? {};
  const words = `${Code}: ${Message}`;
  return new Fault(codeOfEc2(Code, status), `DescribeInstanceTypes: ${Message}`, { words, retryAfterMs });
}

function itemsOf(items: Items): readonly Readonly<Record<string, unknown>>[] {
  return items === undefined || items === '' ? [] : (items.item ?? []);
}

function numberIn(record: Readonly<Record<string, unknown>>, name: string): number {
  const value = Number(record[name]);
  if (Number.isFinite(value)) return value;
  throw new Fault('unavailable', `DescribeInstanceTypes: ${name} of ${String(record['name'])} is no number`);
}

function offerOf(domain: Domain, type: Type, fault: Offer['fault']): Offer {
  const { name: machineType, cores, memoryBytes, diskBytes: diskFreeBytes } = type;
  const built = { capacity: { cores, memoryBytes, diskFreeBytes }, found: {} };
  const left = leftOf(type, domain.definition.zone);
  return { ...saleOffer({ kind: 'eucalyptus', domain, machineType }, built), left, fault };
}

/** The room of the zone, or of all together; null where the cloud does not say. */
function leftOf({ room }: Type, zone: string | undefined): number | null {
  if (room.size === 0) return null;
  return zone === undefined ? [...room.values()].reduce((sum, one) => sum + one, 0) : (room.get(zone) ?? 0);
}
