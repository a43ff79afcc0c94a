/**
 * A look at one provider for what is ours and on no record (I4): its machines, what stands beside them, and the nodes on
 * the hosts that are on record. It reads and changes nothing.
 */
import { eachAtOnce } from '../../base/each.ts';
import { wordsOf } from '../../base/fault.ts';
import type { Cloud, Owned } from '../../cloud/cloud.ts';
import type { Machine } from '../../model/machine.ts';
import type { Stray } from '../../model/sweep.ts';
import { keysNeeded } from '../entered-by.ts';
import type { Listing } from '../listings.ts';
import type { Place } from '../providers.ts';
import type { World } from '../world.ts';

/** The machines' own loop looks at hosts more often than that: no exchange is made for us where it does. */
const hostAgeMs = 10_000;
const hostsAtOnce = 16;

/** Something of ours without a record. */
export interface Found extends Pick<Stray, 'kind' | 'id' | 'token' | 'where' | 'words'> {
  /** what is on record shows that it is one too many: then the record is not what may be wrong */
  readonly isCertain: boolean;
  readonly owned: Owned | null;
  readonly host: Machine | null;
}

/** What a look showed. */
export interface Look {
  readonly cloud: Cloud;
  /** our machines that the provider lists, and nodes that hosts on record hold */
  readonly machines: number;
  readonly nodes: number;
  readonly found: readonly Found[];
  /** orders of which something is listed, what is listed by its id, and ids of nodes that were seen */
  readonly present: ReadonlySet<string>;
  /** why the listing is not complete: of what it does not show nothing may be said; null when it is */
  readonly error: Error | null;
  /** hosts that could not be looked at, by the token of their machine, with the reason */
  readonly unseen: ReadonlyMap<string, string>;
}

/** How old what is known already may be, milliseconds. */
export interface Ages {
  readonly listingMs: number;
  readonly hostsMs?: number;
}

/** Looks at a provider. Never rejects for what cannot be asked. */
export async function lookAt(world: World, place: Place, ages: Ages, signal: AbortSignal): Promise<Look> {
  const { name } = place.provider;
  const cloud = world.offers.cloud(place.provider, place.domains);
  const onHosts = await lookAtHosts(world, name, ages.hostsMs ?? hostAgeMs, signal);
  const listing = await world.listings.recent(name, cloud, ages.listingMs);
  signal.throwIfAborted();
  const own = listing.owned.filter(({ owner }) => owner === world.store.owner);
  const { machines, beside } = await straysIn(world, place, listing);
  const isGoing = ({ state }: Owned) => state === 'going';
  return {
    ...{ cloud, error: listing.error, unseen: onHosts.unseen, nodes: onHosts.seen.size },
    machines: own.filter((one) => one.kind === 'machine' && !isGoing(one)).length,
    found: [...listedStrays({ machines, beside }), ...onHosts.found],
    present: new Set([...own.flatMap(({ token, id }) => [token ?? id, id]), ...onHosts.seen]),
  };
}

/** Those that are not on their way out already. */
export function listedStrays({ machines, beside }: Strays): Found[] {
  const common = ({ kind, id, token, domain }: Owned) => ({ kind, id, token, where: domain, host: null });
  const isStaying = ({ state }: Owned) => state !== 'going';
  return [
    ...machines.filter(isStaying).map(({ twinOf, ...owned }) => {
      return { ...common(owned), owned, isCertain: twinOf !== null, words: machineWords(owned, twinOf) };
    }),
    ...beside.filter(isStaying).map((owned) => {
      return { ...common(owned), owned, isCertain: false, words: 'it serves no machine of ours any more' };
    }),
  ];
}

function machineWords({ token }: Owned, twinOf: string | null): string {
  if (token === null) return 'it names no order';
  return twinOf === null ? `no record of order ${token}` : `a second machine of order ${token}, which is ${twinOf}`;
}

interface OnHosts {
  readonly found: readonly Found[];
  readonly seen: ReadonlySet<string>;
  readonly unseen: ReadonlyMap<string, string>;
}

/** The nodes on the provider's hosts. */
async function lookAtHosts(world: World, provider: string, ageMs: number, signal: AbortSignal): Promise<OnHosts> {
  const found: Found[] = [];
  const seen = new Set<string>();
  const unseen = new Map<string, string>();
  const machines = (await world.store.list('machine')).map(({ value }) => value);
  const own = machines.filter((machine) => machine.provider === provider);
  await eachAtOnce(hostsAtOnce, own, async (host) => {
    signal.throwIfAborted();
    if (host.state.phase !== 'ready') {
      unseen.set(host.token, `machine ${host.offer} is ${host.state.phase}`);
      return;
    }
    try {
      for (const { id } of (await world.hosts.state(host, ageMs)).nodes) {
        seen.add(id);
        if ((await world.store.get('node', id)) !== undefined) continue;
        const common = { kind: 'node', id, token: host.token, where: host.offer } as const;
        found.push({ ...common, words: 'no record of it', isCertain: false, owned: null, host });
      }
    } catch (error) {
      if (signal.aborted) throw error;
      unseen.set(host.token, `machine ${host.offer}: ${wordsOf(error)}`);
    }
  });
  return { found: found.sort((one, other) => (one.id < other.id ? -1 : 1)), seen, unseen };
}

/** A machine that is on no record; one that is the second of its order says which the first is. */
export interface Stranded extends Owned {
  readonly twinOf: string | null;
}

/** What is on no record, of what a listing showed. */
export interface Strays {
  readonly machines: readonly Stranded[];
  /** what stands beside machines, and serves none any more; nothing may be said of it where the listing is not complete */
  readonly beside: readonly Owned[];
}

/** Compares what is listed with what is on record. A second machine of one order is a stray: the one on record stays (I2). */
export async function straysIn(world: World, place: Place, { owned, error }: Listing): Promise<Strays> {
  const provider = place.provider.name;
  const records = (await world.store.list('machine')).map(({ value }) => value);
  const known = new Map(records.map((machine) => [machine.token, machine.providerId]));
  const own = owned.filter(({ owner }) => owner === world.store.owner);
  const isKnown = ({ token, id }: Owned) =>
    token !== null && known.has(token) && [null, undefined, id].includes(known.get(token));
  const listed = own.filter(({ kind }) => kind === 'machine');
  // two providers may be of one account: each lists the machines of both, and has things beside its own
  const elsewhere = new Set(records.filter((machine) => machine.provider !== provider).map(({ token }) => token));
  const isOurs = ({ token, state }: Owned) => state !== 'going' && !elsewhere.has(token ?? '');
  const isUsed = records.some((machine) => machine.provider === provider) || listed.some(isOurs);
  // the pair of a key that was replaced everywhere serves no machine any more
  const keys = isUsed && own.some(({ keyDigest }) => keyDigest !== undefined) ? await keysNeeded(world, place) : [];
  const opens = ({ keyDigest }: Owned) => keyDigest === undefined || keys.includes(keyDigest);
  // what serves one machine carries its token and goes with it; what serves all goes with the last
  const serves = (one: Owned) =>
    one.token === null
      ? isUsed && opens(one)
      : known.has(one.token) || listed.some((machine) => machine.token === one.token);
  const beside = own.filter((one) => one.kind === 'beside' && !serves(one));
  const machines = listed.filter((one) => !isKnown(one));
  return {
    machines: machines.map((one) => ({ ...one, twinOf: known.get(one.token ?? '') ?? null })),
    beside: error === null ? beside : [],
  };
}
