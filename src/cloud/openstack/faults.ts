/** Is an OpenStack project usable, and if not why: login, services, permissions, and what each domain needs. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import type { Finding } from '../cloud.ts';
import { keyPairsOf } from '../nova/key-pairs.ts';
import { imageOf } from '../nova/market.ts';
import type { Login, Service } from '../nova/session.ts';
import { groupsOf } from './groups.ts';
import { networksIn, partOf } from './network.ts';
import { limitsIn, zoneOf } from './offers.ts';
import { microversion } from './site.ts';
import type { OpenStackSite } from './site.ts';

const services: readonly Service[] = ['compute', 'network', 'image'];
/** roles that may only look, as Keystone's own defaults name them */
const lookers = new Set(['reader', 'observer', 'auditor']);

/** The login first: without it nothing else can be said. */
export async function checkOpenStack(site: OpenStackSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  let login: Login;
  try {
    login = await site.session.login(signal);
  } catch (error) {
    signal.throwIfAborted();
    return [{ level: 'error', what: 'credentials', words: wordsOf(error), code: faultCodeOf(error) }];
  }
  const regions = await Promise.all(site.regions.map((region) => checkRegion(site, login, region, signal)));
  signal.throwIfAborted();
  return [credentials(login), ...regions.flat()];
}

/** Nova has no dry run: whether it would make machines for us is read off the roles, as far as they are the usual ones. */
function credentials({ roles }: Login): Finding {
  const what = 'credentials';
  const words = `roles ${roles.join(', ') || 'unknown'}`;
  const onlyLooks = roles.length > 0 && roles.every((role) => lookers.has(role.toLowerCase()));
  if (!onlyLooks) return { level: 'ok', what, words, code: null };
  return { level: 'error', what, words: `${words}: may look, and make nothing`, code: 'denied' };
}

async function checkRegion(
  site: OpenStackSite,
  { endpoints }: Login,
  region: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const missing = services.filter((one) => !endpoints.some((at) => at.service === one && at.region === region));
  if (missing.length > 0) {
    const words = `the catalogue has no ${missing.join(', ')} service here`;
    return [{ level: 'error', what: `region ${region}`, words, code: 'invalid' }];
  }
  const looks = readings(site, region, signal).map(([what, ask]) => look(`${what} in ${region}`, ask));
  const domains = site.domainsIn(region).flatMap((domain) => checkDomain(site, domain, signal));
  return await Promise.all([...looks, ...domains]);
}

type Reading = readonly [what: string, ask: () => Promise<string>];

/** Each thing that we make or give back, at least looked at. */
function readings(site: OpenStackSite, region: string, signal: AbortSignal): readonly Reading[] {
  const { session, context } = site;
  const place = { service: 'compute', region } as const;
  const name = site.nameFor(context.owner);
  return [
    ['quota', async () => quotaWords(site, region, signal)],
    ['servers', async () => serversSeen(site, region, signal)],
    ['key pairs', async () => `${(await keyPairsOf(session, place, { name }, signal)).length} of ours`],
    ['security groups', async () => `${(await groupsOf(session, region, name, signal)).length} of ours`],
    ['networks', async () => `${(await networksIn(session, region, signal)).length} seen`],
  ];
}

async function serversSeen({ session }: OpenStackSite, region: string, signal: AbortSignal): Promise<string> {
  const call = { method: 'GET', path: '/servers/detail?limit=1', headers: microversion } as const;
  await session.call({ service: 'compute', region }, call, signal);
  return 'can be listed';
}

async function quotaWords(site: OpenStackSite, region: string, signal: AbortSignal): Promise<string> {
  const { absolute: of } = (await limitsIn(site, region, signal)).limits;
  const say = (most = -1, used = 0) => `${used} of ${most < 0 ? 'any number' : most}`;
  return [
    `servers ${say(of.maxTotalInstances, of.totalInstancesUsed)}`,
    `cores ${say(of.maxTotalCores, of.totalCoresUsed)}`,
    `MiB of memory ${say(of.maxTotalRAMSize, of.totalRAMUsed)}`,
  ].join(', ');
}

function checkDomain(site: OpenStackSite, domain: Domain, signal: AbortSignal): Promise<Finding>[] {
  const region = site.regionOf(domain);
  const what = `domain ${domain.name}`;
  return [
    look(
      `image of ${what}`,
      async () => (await imageOf(site.session, region, domain, signal)).name ?? 'without a name',
    ),
    look(`network of ${what}`, async () => (await partOf(site.session, region, domain, signal)).network),
    look(`zone of ${what}`, async () => (await zoneOf(site, domain, signal)) ?? 'any'),
    ...(domain.definition.publicAddress === true ? [look(`public addresses of ${what}`, external)] : []),
  ];

  async function external(): Promise<string> {
    const networks = await networksIn(site.session, region, signal);
    const names = networks.filter((one) => one['router:external'] === true).map(({ name }) => name);
    if (names.length === 0) throw new Fault('not-found', `region ${region} has no external network`);
    return names.join(', ');
  }
}

async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await ask(), code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultCodeOf(error) };
  }
}
