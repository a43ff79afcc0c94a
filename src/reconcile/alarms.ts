/**
 * Alarms: brakes that hold, on record and told once. Whoever raises one looks again with each pass, and withdraws it when
 * what it saw is over; a person may release it before.
 */
import { timestamp } from '../base/clock.ts';
import { faultCodeOf } from '../base/fault.ts';
import type { EventDraft } from '../model/event.ts';
import { alarmKey } from '../model/sweep.ts';
import type { Alarm } from '../model/sweep.ts';
import { anew } from './anew.ts';
import type { World } from './world.ts';

type Which = Pick<Alarm, 'brake' | 'about' | 'name'>;

/** Puts it on record, with an event when it is new. True while nobody has released it. */
export async function raise(world: World, alarm: Which & Pick<Alarm, 'words' | 'next'>): Promise<boolean> {
  return anew(
    (error) => faultCodeOf(error) === 'conflict',
    () => raiseOnce(world, alarm),
  );
}

async function raiseOnce(world: World, alarm: Which & Pick<Alarm, 'words' | 'next'>): Promise<boolean> {
  const key = alarmKey(alarm);
  const known = await world.store.get('alarm', key);
  if (known?.value.words === alarm.words) return known.value.releasedBy === null;
  const { since = timestamp(world.clock), releasedBy = null } = known?.value ?? {};
  const value: Alarm = { ...alarm, since, releasedBy };
  const events = known === undefined ? [event(alarm, 'error', 'stopped', `${alarm.words}. Next: ${alarm.next}`)] : [];
  await world.store.commit([{ put: 'alarm', key, value, expect: known?.version ?? 0 }], events);
  return releasedBy === null;
}

/** Takes it off the record, if it is there, and says why. */
export async function withdraw(world: World, which: Which, words: string): Promise<void> {
  const key = alarmKey(which);
  const known = await world.store.get('alarm', key);
  if (known === undefined) return;
  await world.store.commit([{ remove: 'alarm', key, expect: known.version }], [event(which, 'info', 'goes on', words)]);
}

function event({ brake, about, name }: Which, level: EventDraft['level'], what: string, words: string): EventDraft {
  const blueprint = about === 'blueprint' ? name : null;
  return { level, kind: about, object: name, blueprint, what: `${brake} ${what}`, words };
}
