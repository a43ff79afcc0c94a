/**
 * Gives memory back when a burst of work is over. V8 keeps what a heap has grown by while there was much to do, and where the
 * process goes on with a little to do all the time, its own look for such moments (the memory reducer) finds none: two fifths
 * of the heap of a control plane that had deployed thousands of nodes were free, hours later. So now and then, when the process
 * had little to do since the last look, and the heap is much larger than what was alive in it, it is collected to the end.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Timer } from './clock.ts';

/** What the old part of a heap is at a moment, bytes: what is young comes and goes at any rate. */
export interface HeapSize {
  /** taken from the system */
  readonly total: number;
  /** of that in use, garbage included that was not collected yet */
  readonly used: number;
}

/** How the heap is seen and collected. */
export interface HeapDoor {
  size(): HeapSize;
  /** how much of a core the process has used since it was last asked */
  busy(): number;
  /** Collects all there is, at once; tens of milliseconds for a hundred megabytes that are alive. */
  collect(): void;
}

const lookMs = 10_000;
/** with more to do it waits: whoever is served then is served first */
const quiet = 0.4;
/** so much more than was alive may be there: collecting takes time, too */
const slack = { share: 2, bytes: 32 * 2 ** 20 };

/** Looks every ten seconds until it is closed. */
export function openHeapTrim(clock: Clock, door: HeapDoor = v8Heap(clock)): { close(): void } {
  let alive = 0;
  let timer: Timer;
  const look = (): void => {
    timer = clock.after(lookMs, look);
    const busy = door.busy();
    if (busy > quiet || door.size().total < alive * slack.share + slack.bytes) return;
    door.collect();
    alive = door.size().used;
  };
  timer = clock.after(lookMs, look);
  return { close: () => timer.cancel() };
}

type Collector = (how: object) => void;

/** V8's own collector, which contexts have that are made while the flag is set; null where there is none. */
function v8Collector(): Collector | null {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext("typeof gc === 'function' ? gc : null") as Collector | null;
  setFlagsFromString('--no-expose-gc');
  return gc;
}

/** The heap of this thread, and what the whole process uses. */
export function v8Heap(clock: Clock): HeapDoor {
  let [used, at] = [process.cpuUsage(), clock.monotonic()];
  let gc: Collector | null | undefined;
  return {
    size() {
      const old = getHeapSpaceStatistics().filter(({ space_name }) => space_name !== 'new_space');
      const sum = (of: 'physical_space_size' | 'space_used_size') => old.reduce((all, space) => all + space[of], 0);
      return { total: sum('physical_space_size'), used: sum('space_used_size') };
    },
    busy() {
      const [usedNow, now] = [process.cpuUsage(), clock.monotonic()];
      const micros = usedNow.user + usedNow.system - used.user - used.system;
      const share = micros / 1_000 / Math.max(1, now - at);
      [used, at] = [usedNow, now];
      return share;
    },
    collect() {
      gc ??= v8Collector();
      // not as a last resort: that takes from what is young its room, too, and much of it is kept too long from then on
      gc?.({ type: 'major', execution: 'sync', flavor: 'regular' });
    },
  };
}
