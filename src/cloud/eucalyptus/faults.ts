/** What can be wrong with a Eucalyptus cloud. It has no dry runs: what can be read is read. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import type { Finding } from '../cloud.ts';
import type { EucalyptusSite } from './eucalyptus.ts';
import { imageOf, imagesOf, typesOf } from './offers.ts';

/** Older clouds say that they have no room as an internal error, in these words. */
export function noRoom(error: unknown): Error {
  if (!(error instanceof Fault)) return error instanceof Error ? error : new Error(String(error));
  return /not enough resources/i.test(wordsOf(error)) ? new Fault('no-capacity', error.message, error.detail) : error;
}

/** Endpoint and credentials, machine types, groups and keys, and each domain's zone and image. */
export async function checkEucalyptus(site: EucalyptusSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const { api, context } = site;
  let zones: readonly string[] = [];
  const endpoint = await look('endpoint and credentials', async () => {
    const answer = await api.call(
      'DescribeAvailabilityZones',
      (sdk, within) => sdk.describeAvailabilityZones({}, within),
      signal,
    );
    zones = (answer.AvailabilityZones ?? []).map(({ ZoneName = '' }) => ZoneName);
    return `zones ${zones.join(', ')}; what the account may change is told when it does`;
  });
  if (endpoint.level === 'error') return [endpoint];
  const reads = await Promise.all([
    look('machine types', async () => (await typesOf(site, signal)).map(({ name }) => name).join(', ')),
    look('security groups', async () => {
      await api.call('DescribeSecurityGroups', (sdk, within) => sdk.describeSecurityGroups({}, within), signal);
      return 'can be read';
    }),
    look('key pairs', async () => {
      await api.call('DescribeKeyPairs', (sdk, within) => sdk.describeKeyPairs({}, within), signal);
      return 'can be read';
    }),
    ...context.domains.map((domain) => look(`domain ${domain.name}`, () => checkDomain(site, domain, zones, signal))),
  ]);
  signal.throwIfAborted();
  return [endpoint, ...reads];
}

async function checkDomain(
  site: EucalyptusSite,
  domain: Domain,
  zones: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { zone, image = '' } = domain.definition;
  const arch = await imageOf(domain, () => imagesOf(site, signal));
  if (zone === undefined || zones.includes(zone)) return `image ${image} (${arch}), zone ${zone ?? 'any'}`;
  const object = `domain ${domain.name}`;
  throw new Fault('not-found', `${object}: there is no zone ${zone}, only ${zones.join(', ')}`, { object });
}

async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await ask(), code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultCodeOf(error) };
  }
}
