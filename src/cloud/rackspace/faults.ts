/** Is a Rackspace account usable, and if not why: login, services, quota, and what each domain needs. */
import { faultCodeOf, wordsOf } from '../../base/fault.ts';
import { besideName } from '../cloud.ts';
import type { Finding } from '../cloud.ts';
import { keyPairsOf } from '../nova/key-pairs.ts';
import { imageOf } from '../nova/market.ts';
import type { Login } from '../nova/session.ts';
import { limitsIn } from './offers.ts';
import type { RackspaceSite } from './rackspace.ts';

/** roles of users that may only look, or make and not remove: https://docs-ospc.rackspace.com/cloud-servers/v2/general-api-info/role-based-access-control */
const looks = /(^|:)observer$/;
const makes = /^(nova:)?creator$/;
const removes = /(^|[:-])admin$/;

/** The login first: without it nothing else can be said. */
export async function checkRackspace(site: RackspaceSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  try {
    const login = await site.session.login(signal);
    const regions = await site.regions(signal);
    const findings = await Promise.all(regions.map((region) => checkRegion(site, region, signal)));
    return [credentials(login), ...findings.flat()];
  } catch (error) {
    signal.throwIfAborted();
    return [{ level: 'error', what: 'credentials', words: wordsOf(error), code: faultCodeOf(error) }];
  }
}

function credentials({ roles }: Login): Finding {
  const words = `roles ${roles.join(', ') || 'unknown'}`;
  const onlyLooks = roles.length > 0 && roles.every((role) => looks.test(role));
  if (onlyLooks) return { level: 'error', what: 'credentials', words: `${words}: may look only`, code: 'denied' };
  const cannotEnd = roles.some((role) => makes.test(role)) && !roles.some((role) => removes.test(role));
  if (cannotEnd)
    return {
      level: 'error',
      what: 'credentials',
      words: `${words}: may make servers, and not end them`,
      code: 'denied',
    };
  return { level: 'ok', what: 'credentials', words, code: null };
}

async function checkRegion(site: RackspaceSite, region: string, signal: AbortSignal): Promise<Finding[]> {
  const { session, context } = site;
  const place = { service: 'compute', region } as const;
  const domains = await site.domainsIn(region, signal);
  const quota = async () => {
    const { absolute: of } = (await limitsIn(site, region, signal)).limits;
    return `servers ${of.totalInstancesUsed ?? 0} of ${of.maxTotalInstances ?? 'any number'}, MiB of memory ${of.totalRAMUsed ?? 0} of ${of.maxTotalRAMSize ?? 'any number'}`;
  };
  const servers = async () => {
    await session.call(place, { method: 'GET', path: '/servers/detail?limit=1' }, signal);
    return 'can be listed';
  };
  const keys = async () =>
    `${(await keyPairsOf(session, place, { name: besideName(context, context.owner) }, signal)).length} of ours`;
  return await Promise.all([
    look(`quota in ${region}`, quota),
    look(`servers in ${region}`, servers),
    look(`key pairs in ${region}`, keys),
    ...domains.map((domain) =>
      look(
        `image of domain ${domain.name}`,
        async () => (await imageOf(session, region, domain, signal)).name ?? 'nameless',
      ),
    ),
  ]);
}

async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await ask(), code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultCodeOf(error) };
  }
}
