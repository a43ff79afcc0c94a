/** Tells listeners of commits: each after the commit, all in the order of the commits, none able to delay a commit. */
import type { Event } from '../model/event.ts';
import type { Change, Notice } from './store.ts';

type Listener = (notice: Notice) => void;

/** The listeners of one store. */
export class Notices {
  readonly #listeners = new Set<{ readonly call: Listener }>();

  /** Adds a listener; returns how to take it away again. */
  subscribe(call: Listener): () => void {
    const entry = { call };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /**
   * Delivers in microtasks of their own: a listener that commits cannot overtake the notice it is handling, and one
   * that throws surfaces as an uncaught error without keeping the others from hearing.
   */
  publish(notice: Notice): void {
    for (const entry of this.#listeners)
      queueMicrotask(() => {
        if (this.#listeners.has(entry)) entry.call(notice);
      });
  }
}

/** What listeners hear of a commit. */
export function noticeOf(changes: readonly Change[], events: readonly Event[]): Notice {
  return {
    changes: changes.map((change) =>
      'put' in change
        ? { kind: change.put, key: change.key, removed: false }
        : { kind: change.remove, key: change.key, removed: true },
    ),
    events,
  };
}
