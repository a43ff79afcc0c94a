/**
 * What a simulated run did, in order: every crossing of a seam, every event that was committed, every mishap. Two runs of
 * one seed are the same when their hashes are (I10). The last lines are kept, to be shown when something is wrong.
 */
import { createHash } from 'node:crypto';
import type { Timeline } from './timeline.ts';

const kept = 8_000;
const batch = 256;

/** The record of one run. */
export class Trace {
  readonly #timeline: Timeline;
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];
  #waiting: string[] = [];

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** Writes one line down, with its moment. */
  add(what: string): void {
    // a key pair is the machine's own chance, not the seed's, and a provider's copy of it is named by it
    const said = what.replaceAll(/(wombat-wombat-\w+)-[0-9a-f]{12}/g, '$1-KEY').replaceAll(/SHA256:[\w+/]{43}/g, 'KEY');
    const line = `${(this.#timeline.now / 1_000).toFixed(3)} ${said}`;
    this.#waiting.push(line);
    if (this.#waiting.length >= batch) this.#flush();
  }

  /** The hash of all lines so far. */
  hash(): string {
    this.#flush();
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  /** The last lines. */
  last(count: number): readonly string[] {
    this.#flush();
    return this.#lines.slice(-count);
  }

  #flush(): void {
    this.#hash.update(this.#waiting.join('\n'));
    this.#lines.push(...this.#waiting);
    if (this.#lines.length > 2 * kept) this.#lines.splice(0, this.#lines.length - kept);
    this.#waiting = [];
  }
}
