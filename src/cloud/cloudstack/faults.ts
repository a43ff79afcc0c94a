/** CloudStack's refusals by code, and whether a provider is usable. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { Finding } from '../cloud.ts';
import { addresses, isFree } from './address.ts';
import { CloudStackError, listIn, textIn } from './api.ts';
import type { Json } from './api.ts';
import type { CloudStackSite } from './cloudstack.ts';
import { hasGroups, ifAllowed, isMissing, machineTypesOf, mayExpunge, readAccount, readCatalogue } from './offers.ts';
import type { Catalogue } from './offers.ts';

/** Codes as the API's documentation and its source (ApiErrorCode) have them. */
const codes: Readonly<Record<number, FaultCode>> = {
  401: 'denied', // the signature, the key, or the time is wrong
  405: 'invalid', // METHOD_NOT_ALLOWED
  429: 'throttled', // API_LIMIT_EXCEED
  430: 'invalid', // MALFORMED_PARAMETER_ERROR
  431: 'invalid', // PARAM_ERROR
  432: 'denied', // UNSUPPORTED_ACTION_ERROR: no such command, or not for this role
  530: 'unavailable', // INTERNAL_ERROR
  531: 'denied', // ACCOUNT_ERROR: not this account's
  532: 'quota', // ACCOUNT_RESOURCE_LIMIT_ERROR
  533: 'no-capacity', // INSUFFICIENT_CAPACITY_ERROR
  534: 'unavailable', // RESOURCE_UNAVAILABLE_ERROR
  535: 'no-capacity', // RESOURCE_ALLOCATION_ERROR
  536: 'unavailable', // RESOURCE_IN_USE_ERROR
  537: 'conflict', // NETWORK_RULE_CONFLICT_ERROR
};

/** What the codes do not tell apart. */
const telling: readonly (readonly [RegExp, FaultCode])[] = [
  [/maximum (number|amount) of resources|resource limit/i, 'quota'],
  [/already exists/i, 'exists'],
  [/entity does not exist|unable to find/i, 'not-found'],
];

/** The code of what the adapter threw. */
export function faultOfCloudStack(error: unknown): FaultCode {
  if (!(error instanceof CloudStackError)) return faultCodeOf(error);
  if ([431, 530, 532, 535].includes(error.code)) {
    const told = telling.find(([words]) => words.test(error.message))?.[1];
    if (told !== undefined) return told;
  }
  return codes[error.code] ?? (error.code >= 500 ? 'unavailable' : 'unknown');
}

/** Endpoint and credentials, permissions of the verbs as far as they can be asked dry, and what the domains name. */
export async function checkCloudStack(site: CloudStackSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  let own: Json | null = null;
  const credentials = await tried('credentials', async () => {
    own = await readAccount(site, signal);
    return own === null ? 'an administrator' : `account ${textIn(own, 'name') ?? '?'}`;
  });
  if (credentials.level === 'error') return [failing(credentials)];
  const account = [credentials, quota(own), await permissions(site, signal), await ending(site, own, signal)];
  const endpoint: Finding = { level: 'ok', what: 'endpoint', words: site.definition.endpoint, code: null };
  const found: Finding[] = [];
  const catalogue = await tried('catalogue', async () => {
    const read = await readCatalogue(site, signal);
    found.push(...domainFindings(site, read), ...(await idleAddresses(site, signal)));
    return `${read.zones.length} zones, ${read.offerings.length} service offerings, ${read.templates.length} templates`;
  });
  return [endpoint, ...account, catalogue, ...found];
}

/** Which of the two it was. The clock counts too: requests expire. */
function failing(finding: Finding): Finding {
  if (finding.code !== 'denied') return { ...finding, what: finding.code === 'invalid' ? 'credentials' : 'endpoint' };
  return { ...finding, words: `${finding.words} (both keys must be right, and the clock of this machine)` };
}

/** What the account's own limits leave; an administrator has none. */
function quota(account: Json | null): Finding {
  const left = (name: string) => textIn(account ?? {}, `${name}available`) ?? 'unlimited';
  const words = `left: machines ${left('vm')}, cores ${left('cpu')}, MB of memory ${left('memory')}`;
  return { level: 'ok', what: 'quota', words: words.toLowerCase(), code: null };
}

/** The commands that we give, by what they are needed for. */
const commands = {
  machines:
    'listVirtualMachines deployVirtualMachine destroyVirtualMachine createTags queryAsyncJobResult listSSHKeyPairs registerSSHKeyPair deleteSSHKeyPair',
  groups:
    'listSecurityGroups createSecurityGroup authorizeSecurityGroupIngress revokeSecurityGroupIngress deleteSecurityGroup',
  addresses:
    'listPublicIpAddresses associateIpAddress disassociateIpAddress enableStaticNat listFirewallRules createFirewallRule listPortForwardingRules listLoadBalancerRules',
} as const;

/** A user is told which commands its role has: nothing need be tried. */
async function permissions(site: CloudStackSite, signal: AbortSignal): Promise<Finding> {
  const needed = [
    commands.machines,
    ...(site.definition.firewall === 'host' ? [] : [commands.groups]),
    ...(site.context.domains.some(({ definition }) => definition.publicAddress === true) ? [commands.addresses] : []),
  ].flatMap((names) => names.split(' '));
  return await tried('permissions', async () => {
    const answer = await ifAllowed(() => site.api.call('listApis', {}, signal));
    if (answer === null) return 'its role may not ask (listApis) which commands it has';
    const given = new Set(listIn(answer, 'api').map((one) => (textIn(one, 'name') ?? '').toLowerCase()));
    const lacking = needed.filter((name) => !given.has(name.toLowerCase()));
    if (lacking.length > 0) throw new Fault('denied', `its role lacks ${lacking.join(', ')}`);
    return `its role has the ${needed.length} commands that are needed`;
  });
}

async function ending(site: CloudStackSite, account: Json | null, signal: AbortSignal): Promise<Finding> {
  let level: Finding['level'] = 'ok';
  const finding = await tried('destroy', async () => {
    if (await mayExpunge(site, account, signal)) return 'what is destroyed is expunged at once';
    level = 'warning';
    return 'this account may not expunge: what is destroyed keeps its host name and security group until CloudStack clears it away';
  });
  return finding.level === 'error' ? finding : { ...finding, level };
}

function domainFindings(site: CloudStackSite, catalogue: Catalogue): Finding[] {
  return site.context.domains.flatMap((domain) =>
    machineTypesOf(domain, catalogue).map((type): Finding => {
      const what = `domain ${domain.name}, ${type.name}`;
      if (isMissing(type)) return { level: 'error', what, words: type.why, code: type.code };
      const unguarded = site.definition.firewall !== 'host' && !hasGroups(type.zone);
      const words = 'its zone has no security groups: say `firewall: host` in the provider';
      if (unguarded) return { level: 'warning', what, words, code: null };
      return { level: 'ok', what, words: `${type.cores} cores, ${type.memoryMb} MB`, code: null };
    }),
  );
}

/** Addresses that are paid for and that nothing uses: an acquisition that was done twice leaves such a one. */
async function idleAddresses(site: CloudStackSite, signal: AbortSignal): Promise<Finding[]> {
  if (!site.context.domains.some(({ definition }) => definition.publicAddress === true)) return [];
  const idle = (await addresses(site, {}, signal)).filter(isFree).map((one) => textIn(one, 'ipaddress') ?? '');
  if (idle.length === 0) return [];
  const words = `${idle.join(', ')}: acquired, without tags, not led to any machine by static NAT`;
  return [{ level: 'warning', what: 'public addresses', words, code: null }];
}

async function tried(what: string, act: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await act(), code: null };
  } catch (error) {
    if (!(error instanceof CloudStackError) && !(error instanceof Fault)) throw error;
    return { level: 'error', what, words: wordsOf(error), code: faultOfCloudStack(error) };
  }
}
