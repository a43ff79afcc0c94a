/** What can be wrong with hosts over SSH: the findings of a check, and the codes of what the adapter throws. */
import { skewMs, skewWords } from '../../base/clock-skew.ts';
import { faultCodeOf, wordsOf } from '../../base/fault.ts';
import { foreignClaim, look } from '../cloud.ts';
import type { Finding, Sighting } from '../cloud.ts';
import { isIn } from './offers.ts';
import type { SshSite, Visit } from './ssh.ts';

/** The shells throw Faults already, in the words of the connection or of the host. */
export const faultOfSsh = faultCodeOf;

/** Are the key, the domains' hosts and every host as they should be? */
export async function checkSsh(site: SshSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const key = await checkKey(site);
  if (key.level === 'error') return [key, ...unknownHosts(site)];
  const visits = await site.visitAll((claims) => look(claims, signal), signal);
  return [key, ...unknownHosts(site), ...visits.map((visit) => hostFinding(site, visit))];
}

async function checkKey(site: SshSite): Promise<Finding> {
  const what = 'credentials';
  try {
    await site.context.secret(site.definition.key);
    return { level: 'ok', what, words: 'the private key is there', code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultCodeOf(error) };
  }
}

/** Hosts that a domain names and the provider does not have. */
function unknownHosts(site: SshSite): Finding[] {
  const known = new Set(site.definition.hosts.map(({ address }) => address));
  return site.context.domains.flatMap(({ name, definition }) =>
    (definition.hosts ?? [])
      .filter((host) => !known.has(host))
      .map((host) => {
        const words = `host ${host} is not among the hosts of provider ${site.context.provider.name}`;
        return { level: 'error', what: `domain ${name}`, words, code: 'invalid' } as const;
      }),
  );
}

function hostFinding(site: SshSite, visit: Visit<Sighting>): Finding {
  const what = `host ${visit.host.address}`;
  if (!visit.ok) return { level: 'error', what, words: wordsOf(visit.error), code: faultCodeOf(visit.error) };
  const { facts, claim } = visit.answer;
  const fault = foreignClaim(claim, site.context.owner, { where: what, base: site.base });
  if (fault !== null) return { level: 'warning', what, words: fault.message, code: fault.code };
  if (!site.context.domains.some((domain) => isIn(domain, visit.host)))
    return { level: 'warning', what, words: 'belongs to no domain', code: null };
  const skew = skewWords(skewMs(facts.clockSeconds, visit));
  if (skew !== null) return { level: 'warning', what, words: skew, code: null };
  return { level: 'ok', what, words: describe(facts), code: null };
}

function describe({ os, arch, cores, memoryBytes, libc }: Sighting['facts']): string {
  return `${os} ${arch}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${libc.kind} ${libc.version}`;
}
