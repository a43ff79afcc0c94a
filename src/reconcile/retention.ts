/**
 * How much of the past is kept. Events go oldest first and without gaps, so that whoever reads on from a number either gets all
 * that came after it, or is told that it is not there any more. An event goes when it is older than so many days, or more than so
 * many came after it; but never
 *
 *   - the newest `fewestEvents`, by which operations show what became of them,
 *   - one of the last day: that long answers are kept under their idempotency keys, and a listener may be behind,
 *   - one that came after an operation began which has not ended.
 *
 * Of revisions the newest stay, and whatever a head, a rollout, a version in quarantine, a move or an operation refers to. The
 * audit log is a chain and stays whole. With several control planes each does this: what is gone already is no trouble.
 */
import { sleep } from '../base/clock.ts';
import { wordsOf } from '../base/fault.ts';
import { fewestEvents } from '../model/event.ts';
import type { Change, Store } from '../store/store.ts';
import type { World } from './world.ts';

/** How much of the past is kept. */
export interface Retention {
  /** events of so many days */
  readonly eventDays: number;
  /** so many events in all */
  readonly events: number;
  /** so many revisions of a blueprint, besides those that are referred to */
  readonly revisions: number;
}

const dayMs = 24 * 3_600_000;
/** Between two looks, milliseconds. */
const periodMs = 10 * 60_000;
/** Events that go in one commit: others have their turn in between. */
const together = 1_000;

/** What is done now and then, from `start` to `close`. */
export class Retaining {
  readonly #world: World;
  readonly #closed = new AbortController();
  #over = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    const { keep } = this.#world;
    if (keep !== undefined) this.#over = this.#run(keep);
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the control plane is stopping'));
    await this.#over;
  }

  async #run(keep: Retention): Promise<void> {
    const { clock, log } = this.#world;
    const { signal } = this.#closed;
    for (;;) {
      await sleep(clock, periodMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const gone = await forgetPast(this.#world, keep, signal);
        if (gone.events + gone.revisions > 0) log.info(gone, 'what is older than what is kept is gone');
      } catch (error) {
        log.warn({ error: wordsOf(error) }, 'what is older than what is kept could not be removed yet');
      }
    }
  }
}

/** Removes what is not kept any more; answers how much that was. */
export async function forgetPast(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  keep: Retention,
  signal: AbortSignal,
): Promise<{ readonly events: number; readonly revisions: number }> {
  const events = await forgetEvents(store, clock.now(), keep, signal);
  let revisions = 0;
  for (const { key } of await store.list('blueprint')) {
    signal.throwIfAborted();
    revisions += await forgetRevisions(store, key, keep.revisions);
  }
  return { events, revisions };
}

async function forgetEvents(store: Store, now: number, keep: Retention, signal: AbortSignal): Promise<number> {
  const [newest] = await store.recentEvents({ limit: 1 });
  if (newest === undefined) return 0;
  const operations = (await store.list('operation')).map(({ value }) => value);
  const begun = operations.filter(({ state }) => state === 'running').map((one) => Date.parse(one.begun));
  const stays = Math.min(now - dayMs, ...begun);
  const isOver = ({ sequence, at }: { readonly sequence: number; readonly at: string }): boolean => {
    const behind = newest.sequence - sequence;
    const time = Date.parse(at);
    return behind >= fewestEvents && time < stays && (time < now - keep.eventDays * dayMs || behind >= keep.events);
  };
  let gone = 0;
  for (;;) {
    signal.throwIfAborted();
    const first = await store.firstEvent();
    const oldest = await store.events({ after: first - 1, limit: together });
    // of those in a row from the oldest on: where the clock was set back, no gap comes of it
    const end = oldest.findIndex((event) => !isOver(event));
    const last = (end === -1 ? oldest : oldest.slice(0, end)).at(-1);
    if (last === undefined) return gone;
    gone += await store.forgetEvents(last.sequence, together);
    if (end !== -1) return gone;
  }
}

async function forgetRevisions(store: Store, blueprint: string, keep: number): Promise<number> {
  const head = (await store.get('blueprint', blueprint))?.value;
  if (head === undefined || head.revision <= keep) return 0;
  const referred = await referredTo(store, blueprint);
  const revisions = await store.list('revision', { blueprint });
  const changes = revisions.flatMap(({ key, version, value: { number } }): Change[] =>
    number > head.revision - keep || referred.has(number) ? [] : [{ remove: 'revision', key, expect: version }],
  );
  if (changes.length > 0) await store.commit(changes);
  return changes.length;
}

/** Numbers of revisions that something on record speaks of. */
async function referredTo(store: Store, blueprint: string): Promise<ReadonlySet<number>> {
  const of = { blueprint };
  const [rollouts, quarantines] = [await store.list('rollout', of), await store.list('quarantine', of)];
  const [nodes, operations] = [await store.list('node', of), await store.list('operation', of)];
  return new Set(
    [
      ...rollouts.flatMap(({ value }) => [value.revision, value.former, value.returned]),
      ...quarantines.map(({ value }) => value.revision),
      ...nodes.map(({ value }) => value.move?.revision),
      ...operations.flatMap(({ value }) => [value.revision, value.former]),
    ].filter((number) => typeof number === 'number'),
  );
}
