/** What can be wrong with this machine: the findings of a check, and the codes of what the adapter throws. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import { foreignClaim, look } from '../cloud.ts';
import type { Finding } from '../cloud.ts';
import type { LocalSite } from './local.ts';
import { addressesOf } from './offers.ts';

const codesByErrno: Readonly<Record<string, FaultCode>> = {
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOSPC: 'no-capacity',
  EDQUOT: 'quota',
  EMFILE: 'unavailable',
  ENOTDIR: 'invalid',
};

/** A Fault's own code, else what the operating system's error number means. */
export function faultOfLocal(error: unknown): FaultCode {
  if (error instanceof Fault) return error.code;
  const errno = error instanceof Error && 'code' in error ? error.code : undefined;
  return (typeof errno === 'string' ? codesByErrno[errno] : undefined) ?? 'unknown';
}

/** Can nodes be kept here, is anything in the way, and can other hosts reach them? */
export async function checkLocal(site: LocalSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const findings = [await checkDirectory(site.root)];
  for (const { name } of site.context.domains) {
    findings.push(await checkDomain(site, name, signal));
  }
  return findings;
}

async function checkDirectory(root: string): Promise<Finding> {
  const what = `directory ${root}`;
  try {
    await access(`${await nearestExisting(root)}/.`, constants.W_OK | constants.X_OK);
    return { level: 'ok', what, words: 'can be written', code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultOfLocal(error) };
  }
}

/** The directory itself, or the one in which it would be made. */
async function nearestExisting(path: string): Promise<string> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  return there || dirname(path) === path ? path : nearestExisting(dirname(path));
}

async function checkDomain(site: LocalSite, domain: string, signal: AbortSignal): Promise<Finding> {
  const what = `domain ${domain}`;
  const { facts, claim } = await look(site.claims(domain), signal);
  const at = { where: site.shell.where, base: site.claims(domain).base };
  const fault = foreignClaim(claim, site.context.owner, at);
  if (fault !== null) return { level: 'warning', what, words: fault.message, code: fault.code };
  const routable = addressesOf(site.definition.address, facts).filter(({ scope }) => scope === 'network');
  if (routable.length > 0)
    return { level: 'ok', what, words: `${facts.os} ${facts.arch}, ${routable[0]?.address ?? ''}`, code: null };
  return {
    level: 'warning',
    what,
    words: 'no address that other hosts can dial: nodes here reach only each other',
    code: null,
  };
}
