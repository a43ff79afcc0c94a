/**
 * A last look at a provider that serves nobody any more, or that is about to be forgotten: what is on no record goes at
 * once. It ends, whatever the provider does (I3), and answers an account of what it could not do. The brake holds here
 * too: who destroys one blueprint has not asked for the end of everything that is on no record.
 */
import { withDeadline } from '../../base/abort.ts';
import { sleep } from '../../base/clock.ts';
import { wordsOf } from '../../base/fault.ts';
import type { Owned } from '../../cloud/cloud.ts';
import { strayKey } from '../../model/sweep.ts';
import { providerOf } from '../providers.ts';
import type { World } from '../world.ts';
import { brakeOf, leftoverKeyOf } from './brake.ts';
import { givenUpWith, strayLeft } from './leftovers.ts';
import { listedStrays, straysIn } from './look.ts';
import type { Found } from './look.ts';
import { removeStray, sweepRecords, valuesOf } from './strays.ts';

/** Providers take their time to end machines, and let nothing go that these use. */
const lastLookMs = 90_000;
const againMs = 2_000;
/** so many ids are told in one sentence */
const toldMax = 10;

/** What was still there at the last try, with why. */
type Left = Map<string, { readonly owned: Owned; readonly words: string }>;

/** Looks, and removes; answers what is left and why, a sentence each. With whose end it is done: `blueprint`. */
export async function sweepAtLast(
  world: World,
  provider: string,
  blueprint: string | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const left: Left = new Map();
  try {
    const deadline = { ms: lastLookMs, what: `a last look at provider ${provider}` };
    return await withDeadline(world.clock, deadline, (inner) => sweepProvider(world, provider, left, inner), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return await notSwept(world, { provider, blueprint, why: wordsOf(error) }, left);
  }
}

interface NotSwept {
  readonly provider: string;
  readonly blueprint: string | null;
  readonly why: string;
}

/** What is left is written down, and told with the tag by which it can be found. */
async function notSwept(world: World, { provider, blueprint, why }: NotSwept, left: Left): Promise<readonly string[]> {
  const words = `not all of it could be looked at: ${why}. What may be left carries the owner tag ${world.store.owner}`;
  const written = [...left.values()].map(({ owned, words: own }) =>
    strayLeft(world, { provider, blueprint }, owned, own),
  );
  // what was given up before is known by more than its id
  const { leftovers } = await sweepRecords(world, provider);
  await world.store.commit(
    written.filter(({ key }) => !leftovers.has(key)),
    [{ level: 'warning', kind: 'provider', object: provider, blueprint, what: 'not swept', words }],
  );
  return left.size > 0 ? [] : [`provider ${provider}: ${words}`];
}

/** Ends when nothing of it is listed; what cannot go yet, because a machine is still going, is tried again. */
export async function sweepProvider(
  world: World,
  provider: string,
  left: Left,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return [];
  const cloud = world.offers.cloud(place.provider, place.domains);
  for (;;) {
    const listing = await world.listings.since(provider, cloud, world.clock.monotonic());
    const strays = await straysIn(world, place, listing);
    const { going, held } = await toGo(world, provider, listedStrays(strays), listing.owned);
    left.clear();
    for (const found of going)
      await end(world, { provider, found, cloud, signal }).catch((error: unknown) => {
        if (found.owned !== null) left.set(found.id, { owned: found.owned, words: wordsOf(error) });
      });
    signal.throwIfAborted();
    if (listing.error !== null) throw listing.error;
    const isStill = strays.machines.length + strays.beside.length > held.length;
    const waits = cloud.traits.machines === 'made' && isStill;
    if (!waits && left.size === 0) return held.length === 0 ? [] : [heldWords(provider, held)];
    if (!waits) throw new Error([...left.values()].map(({ words }) => words)[0]);
    await sleep(world.clock, againMs, signal);
  }
}

interface End {
  readonly provider: string;
  readonly found: Found;
  readonly cloud: Parameters<typeof removeStray>[1];
  readonly signal: AbortSignal;
}

async function end(world: World, { provider, found, cloud, signal }: End): Promise<void> {
  if (found.owned === null) return;
  await removeStray(world, cloud, found.owned, signal);
  const gone = await givenUpWith(world, leftoverKeyOf(provider, found), found);
  const key = strayKey({ provider, ...found });
  if ((await world.store.get('stray', key)) !== undefined) gone.push({ remove: 'stray', key, expect: null });
  if (gone.length > 0) await world.store.commit(gone);
}

/** Which of them go. Machines that nothing on record explains stay where they are too many to go unasked. */
async function toGo(
  world: World,
  provider: string,
  found: readonly Found[],
  listed: readonly Owned[],
): Promise<{ readonly going: readonly Found[]; readonly held: readonly Found[] }> {
  const records = valuesOf(await sweepRecords(world, provider));
  const machines = listed.filter(({ kind, owner }) => kind === 'machine' && owner === world.store.owner).length;
  if (brakeOf(provider, { found, machines, nodes: 0 }, records) === null) return { going: found, held: [] };
  const isExplained = (one: Found) =>
    one.isCertain ||
    one.kind === 'beside' ||
    records.leftovers.has(leftoverKeyOf(provider, one)) ||
    (records.strays.get(strayKey({ provider, ...one }))?.askedBy ?? null) !== null;
  return { going: found.filter(isExplained), held: found.filter((one) => !isExplained(one)) };
}

function heldWords(provider: string, held: readonly Found[]): string {
  const ids = held.slice(0, toldMax).map(({ id }) => id);
  const more = held.length > toldMax ? ` and ${held.length - toldMax} more` : '';
  return `provider ${provider}: ${held.length} machines of ours are on no record, too many to go unasked: ${ids.join(', ')}${more}`;
}
