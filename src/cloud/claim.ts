/**
 * Claims on machines that exist already: for the adapters that make no machines but take them (`local`, `ssh`). A claim
 * is one file, `machine.json`, in the directory that we are given on the machine. It is made by a hard link, so that it
 * appears whole and exactly one of those who claim at once succeeds (link(2): EEXIST); it names the owner and the order
 * (I2, I4). Beside it, in a directory with the owner's name, is the place of that owner's nodes.
 */
import { Fault } from '../base/fault.ts';
import type { FaultCode } from '../base/fault.ts';
import { machineFactsScript, parseMachineFacts } from '../base/machine-facts.ts';
import type { MachineFacts } from '../base/machine-facts.ts';
import { quote } from '../base/quote.ts';
import type { Command, Finished, Shell } from '../base/shell.ts';
import { Claim } from '../model/claim.ts';

/** A place on a machine where a claim may lie. */
export interface ClaimSite {
  readonly shell: Shell;
  /** the directory of the claim; relative to the home of the shell's user where it does not start with `/` */
  readonly base: string;
  /** whether the directory itself is ours to remove, or somebody's who made it for us */
  readonly removeBase: boolean;
}

/** A machine that answered: measured, and claimed or not. */
export interface Sighting {
  readonly facts: MachineFacts;
  readonly claim: Claim | null;
}

/** How long one look may take: a loaded machine, but not a dead one. */
const timeoutMs = 20_000;

/** Measures the machine and reads its claim, in one exchange. Faults: those of the shell, unknown, denied. */
export async function look(site: ClaimSite, signal: AbortSignal): Promise<Sighting> {
  const script = lookScript(site.base);
  return readSighting(site, await run(site, { script, timeoutMs, what: `looking at ${site.shell.where}` }, signal));
}

/** The same where `owner` has claimed it; null, and hardly any work for the machine, where not. */
export async function lookIfOurs(site: ClaimSite, owner: string, signal: AbortSignal): Promise<Sighting | null> {
  const ours = `grep -qF -e ${quote(member('owner', owner))} ${claimFile(site.base)} 2>/dev/null`;
  const script = `${ours} || exit 0\n${lookScript(site.base)}`;
  const what = `looking for our claim on ${site.shell.where}`;
  const finished = await run(site, { script, timeoutMs, what }, signal);
  if (finished.stdout === '') return null;
  const sighting = readSighting(site, finished);
  return sighting.claim?.owner === owner ? sighting : null;
}

/** Claims the machine unless it is claimed; either way the answer holds the claim that stands. */
export async function claimMachine(site: ClaimSite, claim: Claim, signal: AbortSignal): Promise<Sighting> {
  const script = `umask 077; f=${claimFile(site.base)}; t="$f.$$"
mkdir -p ${quote(site.base)} && cat > "$t" || { rm -f "$t"; ${site.removeBase ? `rmdir ${quote(site.base)} 2>/dev/null; ` : ''}exit 1; }
ln "$t" "$f"; rm -f "$t"; [ -f "$f" ] || exit 1
${lookScript(site.base)}`;
  const input = new TextEncoder().encode(JSON.stringify(claim));
  return readSighting(
    site,
    await run(site, { script, input, timeoutMs, what: `claiming ${site.shell.where}` }, signal),
  );
}

/** Takes this very claim back, and the directories that are empty then. Another claim, or none, is left as it is. */
export async function releaseMachine(
  site: ClaimSite,
  claim: { readonly token: string; readonly owner: string },
  signal: AbortSignal,
): Promise<void> {
  const holds = (name: 'token' | 'owner') => `grep -qF -e ${quote(member(name, claim[name]))} "$f"`;
  const base = quote(site.base);
  const script = `f=${claimFile(site.base)}
if [ -f "$f" ]; then ${holds('token')} && ${holds('owner')} || exit 0; rm -f "$f" "$f".* || exit 1; fi
${site.removeBase ? `rmdir ${base} 2>/dev/null` : ''}
exit 0`;
  await run(site, { script, timeoutMs, what: `releasing ${site.shell.where}` }, signal);
}

/** Where a claim stands, for people. */
interface ClaimPlace {
  readonly where: string;
  readonly base: string;
}

/** The fault of a claim that is not the wanted one; null when it is. */
export function claimFault(
  standing: Claim,
  wanted: { readonly token: string; readonly owner: string },
  place: ClaimPlace,
): Fault | null {
  const object = place.where;
  if (standing.owner !== wanted.owner || standing.token === wanted.token)
    return foreignClaim(standing, wanted.owner, place);
  const { domain, token } = standing;
  return new Fault('exists', `${object} is in use already, in domain ${domain}, as machine ${token}`, { object });
}

/** The fault of a machine that another control plane holds; null where the claim is none or that of `owner`. */
export function foreignClaim(standing: Claim | null, owner: string, { where, base }: ClaimPlace): Fault | null {
  if (standing === null || standing.owner === owner) return null;
  const message = `${where} is claimed by another control plane, ${standing.owner}, since ${standing.claimedAt}`;
  return new Fault('exists', message, {
    object: where,
    next: `destroy what runs there with that control plane; if it is gone for good, remove ${base}/machine.json there`,
  });
}

function claimFile(base: string): string {
  return quote(`${base}/machine.json`);
}

/** A member of the claim exactly as JSON.stringify writes it. */
function member(name: string, value: string): string {
  return `"${name}":${JSON.stringify(value)}`;
}

/** Standard output: the facts as `key=value` lines, and the claim as one more. */
function lookScript(base: string): string {
  return `${machineFactsScript(base)}\necho "claim=$(cat ${claimFile(base)} 2>/dev/null | tr -d '\\n')"`;
}

function readSighting(site: ClaimSite, { stdout }: Finished): Sighting {
  return { facts: parseMachineFacts(stdout), claim: readClaim(site, /^claim=(.*)$/m.exec(stdout)?.[1] ?? '') };
}

function readClaim(site: ClaimSite, text: string): Claim | null {
  if (text === '') return null;
  try {
    return Claim.parse(JSON.parse(text));
  } catch (cause) {
    const message = `${site.shell.where}: ${site.base}/machine.json is not a claim of ours`;
    throw new Fault('unknown', message, { object: site.shell.where, words: text.slice(0, 200), cause });
  }
}

async function run(site: ClaimSite, command: Command, signal: AbortSignal): Promise<Finished> {
  const finished = await site.shell.run(command, signal);
  if (finished.code === 0) return finished;
  const words = finished.stderr.trim();
  const message = `${command.what} failed with status ${finished.code}`;
  throw new Fault(codeOfWords(words), message, { object: site.shell.where, words });
}

/** What the tools of a Unix machine say when they may not, or cannot, write. */
function codeOfWords(words: string): FaultCode {
  if (/permission denied|read-only file system|operation not permitted/i.test(words)) return 'denied';
  if (/not a directory/i.test(words)) return 'invalid';
  return /no space left|quota exceeded/i.test(words) ? 'no-capacity' : 'unknown';
}
