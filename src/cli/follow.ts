/**
 * Stays with a blueprint, or with an operation, until something is reached. Two sources, each enough to go on without the other: the event
 * stream gives the words, snapshots decide. The control plane may be restarted meanwhile: that is waited out, up to a
 * limit. Ctrl-C detaches and changes nothing on the server.
 */
import { sleep } from '../base/clock.ts';
import { ProblemError } from '../client/client.ts';
import { eventLine } from './event-text.ts';
import { Interrupted, orUndefined } from './failure.ts';
import { openLiveDisplay } from './live-display.ts';
import { eventsShown, progressLines } from './progress-text.ts';
import type { Progress } from './progress-text.ts';
import { notePage } from './world.ts';
import type { Client } from '../client/client.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { Event } from '../model/event.ts';
import type { Operation } from '../model/operation.ts';
import type { World } from './world.ts';

/** What is looked at again and again. */
export interface Subject<S> {
  /** Takes a snapshot. What it throws is silence where nobody answered, and else the end. */
  look(signal: AbortSignal): Promise<S>;
  /** The block that shows the last snapshot; `undefined` before the first one. */
  lines(last: S | undefined, progress: Passing): string[];
}

/** What a display shows besides a snapshot. */
export type Passing = Omit<Progress, 'status'>;

/** What to follow and how long. */
export interface Pursuit<S> {
  readonly subject: Subject<S>;
  /** whose events are shown */
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

/** How it ends. */
export interface End<S, T> {
  /** Decides on a snapshot: a value when it is over; throws when it failed. */
  decide(seen: S): T | undefined;
  /** Makes the failure for when the time is over. */
  late(last: S | undefined): Error;
}

/** A blueprint as it is, and the operation that one waits for where there is one. */
export interface Sight {
  /** undefined: the blueprint is gone */
  readonly status: BlueprintStatus | undefined;
  readonly operation: Operation | undefined;
}

/** A blueprint as what is followed, with the operation of that id where it is given. */
export function blueprintSubject(
  world: World,
  client: Client,
  blueprint: string,
  operation: string | null = null,
): Subject<Sight> {
  return {
    async look(signal) {
      const status = await orUndefined(client.blueprints.status(blueprint, signal));
      // behind it: what ended meanwhile explains what was seen
      const known = operation === null ? undefined : await orUndefined(client.operations.glance(operation, signal));
      return { status, operation: known };
    },
    lines: (last, progress) => progressLines({ ...progress, status: last?.status }, notePage(world)),
  };
}

/** Snapshots are asked for no more often than that, and never take more than a fifth of the time. */
const shortestPauseMs = 250;
/** A control plane that does not answer for so long is given up. */
const silenceMs = 60_000;

interface Journey<S> {
  readonly world: World;
  readonly client: Client;
  readonly pursuit: Pursuit<S>;
  readonly events: Event[];
  readonly startedMs: number;
  readonly show: (last: S | undefined, trouble: string) => void;
}

/** Follows until `decide` gives a value. Throws what `decide` throws, Interrupted, or the control plane's silence. */
export async function follow<S, T>(world: World, client: Client, pursuit: Pursuit<S>, end: End<S, T>): Promise<T> {
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

function setOut<S>(world: World, client: Client, pursuit: Pursuit<S>, draw: (lines: string[]) => void): Journey<S> {
  const events: Event[] = [];
  const startedMs = world.clock.monotonic();
  const show: Journey<S>['show'] = (last, trouble) => {
    const elapsedMs = world.clock.monotonic() - startedMs;
    draw(pursuit.subject.lines(last, { title: pursuit.title, elapsedMs, events, trouble }));
  };
  return { world, client, pursuit, events, startedMs, show };
}

/** Collects events, and where nothing is redrawn writes each as a line. A broken stream leaves the snapshots to decide. */
async function listen<S>({ world, client, pursuit, events }: Journey<S>, signal: AbortSignal): Promise<void> {
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

async function snapshots<S, T>(journey: Journey<S>, end: End<S, T>): Promise<T> {
  const { world, pursuit } = journey;
  let last: S | undefined;
  let heardMs = world.clock.monotonic();
  while (true) {
    const askedMs = world.clock.monotonic();
    const answer = await snapshot(journey);
    if (answer.heard) {
      heardMs = world.clock.monotonic();
      last = answer.seen;
      const reached = end.decide(answer.seen);
      if (reached !== undefined) return reached;
    } else if (world.clock.monotonic() - heardMs > silenceMs) throw answer.error;
    if (world.clock.monotonic() - journey.startedMs > pursuit.timeoutMs) throw end.late(last);
    journey.show(last, answer.heard ? '' : 'the control plane does not answer; trying again');
    await pause(journey, (world.clock.monotonic() - askedMs) * 4);
  }
}

type Answer<S> = { readonly heard: true; readonly seen: S } | { readonly heard: false; readonly error: unknown };

async function snapshot<S>({ world, pursuit }: Journey<S>): Promise<Answer<S>> {
  try {
    return { heard: true, seen: await pursuit.subject.look(world.signal) };
  } catch (error) {
    if (world.signal.aborted) throw new Interrupted(pursuit.detached);
    if (isSilence(error)) return { heard: false, error };
    throw error;
  }
}

/** Nobody answered, as opposed to an answer that says no. */
function isSilence(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.kind === 'unavailable' || error.problem.kind === 'timeout';
}

async function pause<S>({ world, pursuit }: Journey<S>, ms: number): Promise<void> {
  try {
    await sleep(world.clock, Math.max(shortestPauseMs, ms), world.signal);
  } catch {
    throw new Interrupted(pursuit.detached);
  }
}
