/**
 * Stays with a blueprint until something is reached. Two sources, each enough to go on without the other: the event
 * stream gives the words, snapshots decide. The control plane may be restarted meanwhile: that is waited out, up to a
 * limit. Ctrl-C detaches and changes nothing on the server.
 */
import { sleep } from '../base/clock.ts';
import { ProblemError } from '../client/client.ts';
import { eventLine } from './event-text.ts';
import { Interrupted } from './failure.ts';
import { openLiveDisplay } from './live-display.ts';
import { eventsShown, progressLines } from './progress-text.ts';
import { notePage } from './world.ts';
import type { Client } from '../client/client.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { Event } from '../model/event.ts';
import type { World } from './world.ts';

/** What to follow and how long. */
export interface Pursuit {
  readonly blueprint: string;
  /** heading of the progress display, e.g. `applying ants` */
  readonly title: string;
  /** events behind this sequence are shown; from now on when absent */
  readonly after?: number;
  readonly timeoutMs: number;
  /** each event as one JSON line on standard output */
  readonly ndjson: boolean;
  /** what goes on without us, for the one who presses Ctrl-C */
  readonly detached: string;
}

/** Decides on a snapshot (`undefined`: the blueprint is gone): a value when it is over; throws when it failed. */
export type Decide<T> = (status: BlueprintStatus | undefined) => T | undefined;

/** Snapshots are asked for no more often than that, and never take more than a fifth of the time. */
const shortestPauseMs = 250;
/** A control plane that does not answer for so long is given up. */
const silenceMs = 60_000;

interface Journey {
  readonly world: World;
  readonly client: Client;
  readonly pursuit: Pursuit;
  readonly events: Event[];
  readonly startedMs: number;
  readonly show: (status: BlueprintStatus | undefined, trouble: string) => void;
}

/**
 * Follows until `decide` gives a value; `late` makes the failure for when the time is over. Throws what `decide`
 * throws, Interrupted, or the control plane's silence.
 */
export async function follow<T>(
  world: World,
  client: Client,
  pursuit: Pursuit,
  end: { readonly decide: Decide<T>; readonly late: (last: BlueprintStatus | undefined) => Error },
): Promise<T> {
  const display = openLiveDisplay(world.terminal);
  const stop = new AbortController();
  const journey = setOut(world, client, pursuit, (lines) => display.show(lines));
  const listening = listen(journey, AbortSignal.any([world.signal, stop.signal]));
  try {
    return await snapshots(journey, end);
  } finally {
    stop.abort();
    await listening;
    display.clear();
  }
}

function setOut(world: World, client: Client, pursuit: Pursuit, draw: (lines: string[]) => void): Journey {
  const events: Event[] = [];
  const startedMs = world.clock.monotonic();
  const show: Journey['show'] = (status, trouble) => {
    const elapsedMs = world.clock.monotonic() - startedMs;
    draw(progressLines({ title: pursuit.title, elapsedMs, status, events, trouble }, notePage(world)));
  };
  return { world, client, pursuit, events, startedMs, show };
}

/** Collects events, and where nothing is redrawn writes each as a line. A broken stream leaves the snapshots to decide. */
async function listen({ world, client, pursuit, events }: Journey, signal: AbortSignal): Promise<void> {
  const { terminal } = world;
  try {
    const selector = { blueprint: pursuit.blueprint, ...(pursuit.after === undefined ? {} : { after: pursuit.after }) };
    for await (const event of client.events.follow(selector, signal)) {
      events.push(event);
      if (events.length > eventsShown) events.shift();
      if (pursuit.ndjson) terminal.print(JSON.stringify(event));
      else if (!terminal.live) terminal.note(eventLine(event, { paint: terminal.notePaint, width: Infinity }));
    }
  } catch {
    // the snapshots meet the same trouble, and tell it
  }
}

async function snapshots<T>(
  journey: Journey,
  { decide, late }: { decide: Decide<T>; late: (last: BlueprintStatus | undefined) => Error },
): Promise<T> {
  const { world, pursuit } = journey;
  let last: BlueprintStatus | undefined;
  let heardMs = world.clock.monotonic();
  while (true) {
    const askedMs = world.clock.monotonic();
    const answer = await snapshot(journey);
    if (answer.heard) {
      heardMs = world.clock.monotonic();
      last = answer.status;
      const reached = decide(answer.status);
      if (reached !== undefined) return reached;
    } else if (world.clock.monotonic() - heardMs > silenceMs) throw answer.error;
    if (world.clock.monotonic() - journey.startedMs > pursuit.timeoutMs) throw late(last);
    journey.show(last, answer.heard ? '' : 'the control plane does not answer; trying again');
    await pause(journey, (world.clock.monotonic() - askedMs) * 4);
  }
}

type Answer =
  | { readonly heard: true; readonly status: BlueprintStatus | undefined }
  | { readonly heard: false; readonly error: unknown };

async function snapshot({ world, client, pursuit }: Journey): Promise<Answer> {
  try {
    return { heard: true, status: await client.blueprints.status(pursuit.blueprint, world.signal) };
  } catch (error) {
    if (world.signal.aborted) throw new Interrupted(pursuit.detached);
    if (error instanceof ProblemError && error.problem.kind === 'not-found') return { heard: true, status: undefined };
    if (isSilence(error)) return { heard: false, error };
    throw error;
  }
}

/** Nobody answered, as opposed to an answer that says no. */
function isSilence(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.kind === 'unavailable' || error.problem.kind === 'timeout';
}

async function pause({ world, pursuit }: Journey, ms: number): Promise<void> {
  try {
    await sleep(world.clock, Math.max(shortestPauseMs, ms), world.signal);
  } catch {
    throw new Interrupted(pursuit.detached);
  }
}
