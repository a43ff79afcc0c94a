/** OpenNebula's refusals by code, and whether a provider is usable. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { Finding } from '../cloud.ts';
import { allIn, elementAt, numberAt, OpenNebulaError, textAt } from './api.ts';
import type { Xml } from './api.ts';
import { isMissing, machineTypesOf, readCatalogue } from './offers.ts';
import type { Catalogue, MachineType } from './offers.ts';
import type { OpenNebulaSite } from './opennebula.ts';

/** Codes as `XML-RPC API` documents them (ErrorCode in oned's source). */
const codes: Readonly<Record<number, FaultCode>> = {
  0x0000: 'invalid', // a <fault>: no such method, or a parameter of the wrong type
  0x0100: 'denied', // AUTHENTICATION
  0x0200: 'denied', // AUTHORIZATION
  0x0400: 'not-found', // NO_EXISTS
  0x0800: 'unavailable', // ACTION: not in this state, or still in use
  0x1000: 'invalid', // XML_RPC_API
  0x2000: 'unknown', // INTERNAL, and templates that cannot be read
  0x4000: 'exists', // ALLOCATE
  0x8000: 'conflict', // LOCKED
  0x10000: 'unavailable', // REPLICATION: another server leads
};

/** What the codes do not tell apart. */
const telling: readonly (readonly [RegExp, FaultCode])[] = [
  [/limit of .* reached for|quota/i, 'quota'],
  [/cannot get (ip|mac|ip\/mac) lease|not enough (space|memory|capacity)|no lease/i, 'no-capacity'],
];

/** The code of what the adapter threw. */
export function faultOfOpenNebula(error: unknown): FaultCode {
  if (!(error instanceof OpenNebulaError)) return faultCodeOf(error);
  return telling.find(([words]) => words.test(error.message))?.[1] ?? codes[error.code] ?? 'unknown';
}

/** Endpoint, credentials, what the domains name, and networks that are open whatever our group says. */
export async function checkOpenNebula(site: OpenNebulaSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const version = await tried('endpoint', () => site.api.call('one.system.version', [], signal));
  if (version.level === 'error')
    return [
      {
        ...version,
        what: version.code === 'denied' ? 'credentials' : 'endpoint',
      },
    ];
  let own: Xml = '';
  const user = await tried('credentials', async () => {
    own = await site.api.read('one.user.info', [-1], signal);
    // there is no dry run, and no list of rights: they show with the first order
    return `user ${textAt(own, 'NAME') ?? '?'}; what it may do is told when it does it`;
  });
  if (user.level === 'error') return [version, user];
  const quota = await tried('quota', async () => quotaWords(own, await site.api.read('one.group.info', [-1], signal)));
  return [{ ...version, words: `OpenNebula ${version.words}` }, user, quota, ...(await checkObjects(site, signal))];
}

/** What user and group have of their quotas; the default ones, and those that are none, are not told as numbers. */
function quotaWords(user: Xml, group: Xml): string {
  const names = { VMS: 'machines', CPU: 'CPU', MEMORY: 'MB of memory' };
  const known = [user, group].flatMap((owner, index) => {
    const quota = elementAt(owner, 'VM_QUOTA', 'VM');
    return Object.entries(names).flatMap(([name, what]) => {
      const most = numberAt(quota, name) ?? -1;
      const used = numberAt(quota, `${name}_USED`) ?? 0;
      return most < 0 ? [] : [`${what} ${used} of ${most} (${index === 0 ? 'user' : 'group'})`];
    });
  });
  return known.length === 0 ? 'no limit of its own' : known.join(', ');
}

async function checkObjects(site: OpenNebulaSite, signal: AbortSignal): Promise<Finding[]> {
  const groups = await tried('security groups', async () => {
    const pool = await site.api.read('one.secgrouppool.info', [-2, -1, -1], signal);
    return `${allIn(pool, 'SECURITY_GROUP').length} can be seen`;
  });
  const found: Finding[] = [];
  const templates = await tried('templates', async () => {
    const catalogue = await readCatalogue(site, signal);
    found.push(...domainFindings(site, catalogue));
    return `${catalogue.templates.length} VM templates can be used`;
  });
  return [groups, templates, ...found];
}

function domainFindings(site: OpenNebulaSite, catalogue: Catalogue): Finding[] {
  return site.context.domains.flatMap((domain) =>
    machineTypesOf(domain, catalogue).flatMap((type): Finding[] => {
      const what = `domain ${domain.name}, ${type.name}`;
      if (isMissing(type)) return [{ level: 'error', what, words: type.why, code: type.code }];
      const words = `${type.cores} cores, ${type.memoryMb} MB`;
      return [{ level: 'ok', what, words, code: null }, ...openNetworks(what, type)];
    }),
  );
}

/** A network's own groups are added to ours; a new network has group 0, which lets everything in. */
function openNetworks(what: string, { network }: MachineType): Finding[] {
  if (network === null) return [];
  const groups = (textAt(elementAt(network, 'TEMPLATE'), 'SECURITY_GROUPS') ?? '').split(',');
  if (!groups.includes('0')) return [];
  const words = `network ${textAt(network, 'NAME') ?? ''} adds security group 0 to every machine, which lets everything in`;
  return [{ level: 'warning', what, words, code: null }];
}

async function tried(what: string, act: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await act(), code: null };
  } catch (error) {
    if (!(error instanceof OpenNebulaError) && !(error instanceof Fault)) throw error;
    return {
      level: 'error',
      what,
      words: wordsOf(error),
      code: faultOfOpenNebula(error),
    };
  }
}
