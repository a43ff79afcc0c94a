/** What people ask of the sweep: a look now, the end of exactly these, and that what was given up is known to be gone. */
import { timestamp } from '../../base/clock.ts';
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { EventDraft } from '../../model/event.ts';
import { alarmKey, strayKey } from '../../model/sweep.ts';
import type { ProviderSweep, Stray, StrayView, SweepRequest, SweepView } from '../../model/sweep.ts';
import type { Change } from '../../store/store.ts';
import { anew } from '../anew.ts';
import { providerOf } from '../providers.ts';
import type { Place } from '../providers.ts';
import type { World } from '../world.ts';
import { brakeOf } from './brake.ts';
import { lookAt } from './look.ts';
import type { Found, Look } from './look.ts';
import { graceMsOf, sweepRecords, valuesOf } from './strays.ts';

/** A listing that was made a moment ago serves everybody who asks. */
const listingMs = 2_000;

/** Looks at one provider, or at all, and changes nothing. Fault not-found. */
export async function lookForStrays(world: World, only: string | null, signal: AbortSignal): Promise<SweepView> {
  const names = only === null ? (await world.store.list('provider')).map(({ key }) => key) : [only];
  const providers = await Promise.all(names.map((name) => lookAtProvider(world, name, signal)));
  const leftovers = (await world.store.list('leftover')).map(({ value }) => value);
  return {
    providers: providers.flatMap((one) => one ?? []),
    leftovers: leftovers.filter(({ provider }) => only === null || provider === only),
  };
}

async function lookAtProvider(world: World, name: string, signal: AbortSignal): Promise<ProviderSweep | null> {
  const place = await providerOf(world.store, name);
  if (place === undefined) return null;
  const look = await lookAt(world, place, { listingMs, hostsMs: listingMs }, signal);
  const records = valuesOf(await sweepRecords(world, name));
  const isHeld = brakeOf(name, look, records) !== null;
  const alarm = await world.store.get('alarm', alarmKey({ brake: 'sweep', about: 'provider', name }));
  return {
    provider: name,
    ...{ machines: look.machines, nodes: look.nodes, fault: faultOf(look), alarm: alarm?.value ?? null },
    strays: look.found.map((found) => viewOf(world, place, { found, known: records.strays, isHeld })),
  };
}

function faultOf({ error, unseen }: Look): string | null {
  const said = [...(error === null ? [] : [wordsOf(error)]), ...unseen.values()];
  return said.length === 0 ? null : said.join('; ');
}

interface Seen {
  readonly found: Found;
  readonly known: ReadonlyMap<string, Stray>;
  readonly isHeld: boolean;
}

function viewOf(world: World, { provider }: Place, { found, known, isHeld }: Seen): StrayView {
  const stray = known.get(strayKey({ provider: provider.name, ...found })) ?? fresh(world, provider.name, found);
  if (stray.askedBy !== null) return { ...stray, goesInSeconds: 0 };
  const leftMs = Math.max(0, graceMsOf(provider) - stray.seenMs);
  return { ...stray, goesInSeconds: isHeld ? null : Math.ceil(leftMs / 1_000) };
}

function fresh({ clock }: World, provider: string, { kind, id, token, where, words }: Found): Stray {
  const firstSeen = timestamp(clock);
  return { provider, kind, id, token, where, words, firstSeen, seenMs: 0, askedBy: null, failed: null };
}

/** Writes down that exactly these are to go; the loops do it. Fault not-found for what is no stray (any more). */
export async function removeStrays(
  world: World,
  { strays }: SweepRequest,
  by: string,
  signal: AbortSignal,
): Promise<readonly Stray[]> {
  const providers = [...new Set(strays.map(({ provider }) => provider))];
  const looked = await Promise.all(providers.map((name) => lookForStrays(world, name, signal)));
  const seen = new Map(
    looked.flatMap((view) => view.providers.flatMap((one) => one.strays)).map((one) => [strayKey(one), one]),
  );
  const wanted = strays.map((one) => {
    const found = seen.get(strayKey(one));
    if (found !== undefined) return found;
    throw new Fault('not-found', `${one.id} at provider ${one.provider} is no stray, or none any more`, {
      object: `stray ${one.id}`,
      next: 'wombat sweep',
    });
  });
  const asked = await anew(
    (error) => faultCodeOf(error) === 'conflict',
    () => writeAsked(world, wanted, by),
  );
  for (const name of providers) world.wake.provider(name);
  return asked;
}

async function writeAsked(world: World, wanted: readonly StrayView[], by: string): Promise<readonly Stray[]> {
  const asked: Stray[] = [];
  const changes: Change[] = [];
  const events: EventDraft[] = [];
  for (const { goesInSeconds: _, ...stray } of wanted) {
    const key = strayKey(stray);
    const known = await world.store.get('stray', key);
    const value = { ...(known?.value ?? stray), askedBy: by };
    asked.push(value);
    changes.push({ put: 'stray', key, value, expect: known?.version ?? 0 });
    const words = `${stray.where} at provider ${stray.provider}: ${stray.words}; asked for by ${by}`;
    const kind = stray.kind === 'node' ? 'node' : 'machine';
    events.push({ level: 'info', kind, object: stray.id, blueprint: null, what: 'stray to be removed', words });
  }
  await world.store.commit(changes, events);
  return asked;
}
