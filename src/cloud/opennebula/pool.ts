/**
 * All VMs there are, newest first, page by page (`infoextended`: the short form leaves out our tags). A page must begin with
 * the last VM of the one before: where it does not, a VM has left the list meanwhile and another one may have slipped past,
 * so the list is begun anew. Only VMs that are wanted are taken apart: a look for a token reads thousands.
 */
import { Fault } from '../../base/fault.ts';
import { ownerTag } from '../cloud.ts';
import { childrenOf, elementAt, parseXml } from './api.ts';
import type { Xml } from './api.ts';
import type { OpenNebulaSite } from './opennebula.ts';
import { attributeOf } from './vm.ts';

/** VMs on a page: about a megabyte. */
const pageSize = 250;
/** how often a list is begun anew before it is said to change too fast */
const readings = 5;
/** all states but DONE */
const standing = -1;
const everyone = -2;

/** Which VMs are wanted: those whose tag has one of these values. */
export interface Wanted {
  readonly tag: string;
  readonly values: ReadonlySet<string>;
}

/** What was found: the VMs that were wanted, and the newest id of all. */
export interface Found {
  readonly newest: number;
  readonly vms: readonly Xml[];
}

/** The VMs of that owner. */
export function ofOwner(owner: string): Wanted {
  return { tag: ownerTag, values: new Set([owner]) };
}

/** Those of all VMs that are not DONE which are wanted for one reason or another. */
export async function readAll(site: OpenNebulaSite, wanted: readonly Wanted[], signal: AbortSignal): Promise<Found> {
  for (let reading = 1; reading <= readings; reading += 1) {
    const found = await readPages(site, wanted, signal);
    if (found !== null) return found;
  }
  throw new Fault('unavailable', 'machines come and go faster than they can be listed');
}

/** The wanted ones of those that are newer than that id. */
export async function readNewer(
  site: OpenNebulaSite,
  { newest, wanted }: { readonly newest: number; readonly wanted: Wanted },
  signal: AbortSignal,
): Promise<readonly Xml[]> {
  const listed = await readPool(site, [everyone, newest + 1, -1, standing], signal);
  return listed.filter(fits(wanted)).map(vmOf);
}

/** A VM that was listed: its id, and the rest unread. */
interface ListedVm {
  readonly id: number;
  readonly text: string;
}

/** Null when a page did not begin with the last VM of the one before. */
async function readPages(site: OpenNebulaSite, wanted: readonly Wanted[], signal: AbortSignal): Promise<Found | null> {
  const fitting = wanted.map(fits);
  const isWanted = (vm: ListedVm) => fitting.some((isOne) => isOne(vm));
  const seen = new Set<number>();
  const vms: Xml[] = [];
  let newest = -1;
  let last: number | null = null;
  for (let start = 0; ; start += pageSize - 1) {
    const page = await readPool(site, [everyone, start, -pageSize, standing], signal);
    if (last !== null && !page.some(({ id }) => id === last)) return null;
    // page by page, so that everything else has its turn in between
    vms.push(...page.filter((vm) => !seen.has(vm.id) && isWanted(vm)).map(vmOf));
    for (const { id } of page) seen.add(id);
    // what came while we were reading stands before the first page, and counts as newer
    if (start === 0) newest = page[0]?.id ?? -1;
    if (page.length < pageSize) return { newest, vms };
    last = page.at(-1)?.id ?? null;
  }
}

function fits({ tag, values }: Wanted): (vm: ListedVm) => boolean {
  const name = attributeOf(tag);
  const pattern = new RegExp(`<${name}>([^<]*)</${name}>`);
  return ({ text }) => values.has(pattern.exec(text)?.[1] ?? '');
}

function vmOf({ text }: ListedVm): Xml {
  return elementAt(parseXml(text), 'VM');
}

async function readPool(
  { api }: OpenNebulaSite,
  parameters: readonly number[],
  signal: AbortSignal,
): Promise<readonly ListedVm[]> {
  const pool = await api.call('one.vmpool.infoextended', parameters, signal);
  return childrenOf(pool).map((text) => ({
    id: Number(/<ID>(\d+)<\/ID>/.exec(text)?.[1] ?? -1),
    text,
  }));
}
