/**
 * The engine that hands shares of the work to control planes: graphile-worker on the store's own database. A share that nobody
 * has is offered as a job under its name; the engine gives it to one control plane that still has room. The job is over once
 * that one has taken the share (under a number, which the store knows), so nothing here lasts longer than a moment: what a
 * dead control plane had is offered anew, and the engine's own expiry is never waited for.
 */
import { Logger, run } from 'graphile-worker';
import type { Runner } from 'graphile-worker';
import type { Pool } from 'pg';
import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { wordsOf } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import { openPool } from '../store/store.ts';

/** What the engine is opened with. */
export interface EngineOptions {
  readonly url: string;
  /** the name of this control plane's sessions */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether another share can be taken now. */
  hasRoom(): boolean;
  /** Takes a share that was offered. */
  take(share: string): Promise<void>;
}

const task = 'share';
/** whoever has no room leaves jobs with this flag to the others */
const flag = 'share';
/** wake-ups come by LISTEN; this is for those that are lost, milliseconds */
const pollMs = 500;
/** the engine ends when the database is away for long; it is started again after so long, milliseconds */
const restartMs = 500;

/** Hands shares that are offered to control planes that have room. */
export interface Offering {
  /** Offers shares to all control planes. Best effort: what is not taken is offered again. */
  offer(shares: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The engine at work. */
export class Engine implements Offering {
  readonly #options: EngineOptions;
  readonly #stop = new AbortController();
  #runner: Runner | undefined;
  readonly #over: Promise<void>;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#over = this.#run();
  }

  async offer(shares: readonly string[]): Promise<void> {
    const runner = this.#runner;
    if (runner === undefined) return;
    await Promise.all(
      shares.map((share) =>
        runner.addJob(task, { share }, { jobKey: `share ${share}`, flags: [flag], maxAttempts: 3 }),
      ),
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#runner?.stop().catch(() => undefined);
    await this.#over;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const isOver = () => this.#stop.signal.aborted;
    while (!isOver()) {
      const pool = this.#pool();
      try {
        this.#runner = await run(this.#settings(pool));
        if (isOver()) await this.#runner.stop();
        await this.#runner.promise;
      } catch (error) {
        if (!isOver()) log.warn({ error: wordsOf(error) }, 'the engine that shares the work is started again');
      }
      this.#runner = undefined;
      // its sessions may be hung up with the database: nobody waits for their farewells
      pool.end().catch(() => undefined);
      await sleep(clock, restartMs, this.#stop.signal).catch(() => undefined);
    }
  }

  /**
   * Sessions for one run of the engine. Of a pool of its own the engine stops hearing errors when it ends, and the last sessions
   * of a database that was killed tell theirs later: nobody listening, that would end the control plane.
   */
  #pool(): Pool {
    const { url, name } = this.#options;
    return openPool({ connectionString: url, application_name: name, max: 3 });
  }

  #settings(pgPool: Pool) {
    const { log, hasRoom, take } = this.#options;
    return {
      pgPool,
      concurrency: 1,
      pollInterval: pollMs,
      noHandleSignals: true,
      forbiddenFlags: () => (hasRoom() ? [] : [flag]),
      taskList: { [task]: (payload: unknown) => take(String((payload as { share: unknown }).share)) },
      logger: new Logger(() => (level, message) => {
        if (level === 'error') log.debug({ words: message }, 'the engine that shares the work');
      }),
    };
  }
}
