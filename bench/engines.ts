/**
 * Two job engines on one PostgreSQL, by what sharing work among control planes asks of them: how soon a job is begun, how many a
 * second of CPU, what waiting for nothing costs, and how a job whose worker was killed is taken over. Each worker is a process of
 * its own with four places; both engines wake by LISTEN/NOTIFY and poll every two seconds besides.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeWorkerUtils } from 'graphile-worker';
import { PgBoss } from 'pg-boss';
import { realPostgres } from '../test/kit/real-postgres.ts';
import type { RealPostgres } from '../test/kit/real-postgres.ts';
import type { Benchmark } from './benchmark.ts';

const single = 200;
const many = 2000;
const idleMs = 10_000;
/** what a killed worker's job is waited for at most */
const takeOverMs = 60_000;

/** An engine as whoever adds jobs sees it. */
interface Engine {
  add(payload: { readonly number: number; readonly isHeld?: boolean }): Promise<void>;
  /** What the engine has for taking work from a worker that somebody knows to be dead; else it waits. */
  free(): Promise<void>;
  close(): Promise<void>;
}

const engines: Readonly<Record<string, (url: string) => Promise<Engine>>> = {
  graphile: openGraphile,
  boss: openBoss,
};

async function openGraphile(url: string): Promise<Engine> {
  const utils = await makeWorkerUtils({ connectionString: url });
  await utils.migrate();
  return {
    async add(payload) {
      await utils.addJob('bench', payload);
    },
    async free() {
      const locked = await utils.withPgClient((client) =>
        client.query<{ locked_by: string }>('SELECT locked_by FROM graphile_worker.jobs WHERE locked_by IS NOT NULL'),
      );
      await utils.forceUnlockWorkers(locked.rows.map((row) => row.locked_by));
    },
    close: async () => utils.release(),
  };
}

async function openBoss(url: string): Promise<Engine> {
  const boss = new PgBoss({ connectionString: url, monitorIntervalSeconds: 1, superviseIntervalSeconds: 1 });
  // what it says when the server is stopped at the end is no news
  boss.on('error', () => undefined);
  await boss.start();
  // ten seconds is the least that it takes
  await boss.createQueue('bench', { notify: true, heartbeatSeconds: 10, retryLimit: 5, retryDelay: 0 });
  return {
    async add(payload) {
      await boss.send('bench', payload);
    },
    free: () => Promise.resolve(),
    close: () => boss.stop({ graceful: false }),
  };
}

/** A worker process, and which jobs it began when. */
class Worker {
  readonly child: ChildProcess;
  readonly began = new Map<number, number>();
  cpuMs = 0;
  #heard: () => void = () => undefined;

  constructor(engine: string, url: string) {
    this.child = fork(join(import.meta.dirname, 'rivals', 'engine-worker.ts'), [engine, url]);
    this.child.on('message', (message: { began?: number; cpuMs?: number }) => {
      if (message.began !== undefined) this.began.set(message.began, performance.now());
      if (message.cpuMs !== undefined) this.cpuMs = message.cpuMs;
      this.#heard();
    });
  }

  async until(isSo: () => boolean, ms = 180_000): Promise<void> {
    const deadline = performance.now() + ms;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error('the worker did not do it in time');
      await Promise.race([new Promise<void>((resolve) => (this.#heard = resolve)), wait(500)]);
    }
  }

  /** CPU milliseconds so far. */
  async cpu(): Promise<number> {
    const before = this.cpuMs;
    this.child.send('cpu');
    await this.until(() => this.cpuMs !== before);
    return this.cpuMs;
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

async function latency(engine: Engine, worker: Worker): Promise<number> {
  const took: number[] = [];
  for (let number = 0; number < single; number++) {
    const from = performance.now();
    await engine.add({ number });
    await worker.until(() => worker.began.has(number));
    took.push((worker.began.get(number) ?? NaN) - from);
  }
  return median(took);
}

async function throughput(engine: Engine, worker: Worker): Promise<number> {
  const before = await worker.cpu();
  await Promise.all(Array.from({ length: many }, (_, i) => engine.add({ number: 1000 + i })));
  await worker.until(() => worker.began.size >= single + many);
  return many / (((await worker.cpu()) - before) / 1000);
}

function transactions(server: RealPostgres, url: string): number {
  const text = 'SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()';
  return Number(server.run(url, text));
}

async function idle(server: RealPostgres, url: string, worker: Worker) {
  await wait(3000);
  const [cpu, count] = [await worker.cpu(), transactions(server, url)];
  await wait(idleMs);
  return {
    cpuMs: ((await worker.cpu()) - cpu) / (idleMs / 1000),
    transactions: (transactions(server, url) - count) / (idleMs / 1000),
  };
}

/** How long a job of a worker that is killed waits for the other one; `frees` tells the engine who is dead. Null: longer than we wait. */
async function takeOver(engine: Engine, workers: readonly [string, string], frees: boolean): Promise<number | null> {
  const [name, url] = workers;
  const number = frees ? 900_001 : 900_000;
  const first = new Worker(name, url);
  await wait(1500);
  await engine.add({ number, isHeld: true });
  await first.until(() => first.began.has(number));
  const second = new Worker(name, url);
  await wait(1500);
  first.child.kill('SIGKILL');
  const from = performance.now();
  if (frees) await engine.free();
  try {
    await second.until(() => second.began.has(number), takeOverMs);
    return performance.now() - from;
  } catch {
    return null;
  } finally {
    second.child.kill('SIGKILL');
    await engine.free();
  }
}

async function measure(name: string, server: RealPostgres): Promise<Record<string, number>> {
  const url = server.newDatabase();
  const engine = await (engines[name] ?? openGraphile)(url);
  const worker = new Worker(name, url);
  await worker.until(() => worker.child.connected);
  await wait(1500);
  const figures: Record<string, number> = {
    [`${name}_latency_ms`]: await latency(engine, worker),
    [`${name}_jobs_per_cpu_s`]: await throughput(engine, worker),
  };
  const quiet = await idle(server, url, worker);
  figures[`${name}_idle_cpu_ms_per_s`] = quiet.cpuMs;
  figures[`${name}_idle_transactions_per_s`] = quiet.transactions;
  worker.child.kill('SIGKILL');
  await wait(500);
  const byItself = await takeOver(engine, [name, url], false);
  if (byItself === null) figures[`${name}_takeover_by_itself_beyond_ms`] = takeOverMs;
  else figures[`${name}_takeover_by_itself_ms`] = byItself;
  if (name === 'graphile') figures[`${name}_takeover_told_ms`] = (await takeOver(engine, [name, url], true)) ?? NaN;
  await engine.close();
  return figures;
}

/** `npm run bench -- engines`. */
export const engineRivals: Benchmark = {
  what: 'graphile-worker beside pg-boss',
  async run(say) {
    const server = await realPostgres();
    const figures: Record<string, number> = {};
    try {
      for (const name of Object.keys(engines)) {
        Object.assign(figures, await measure(name, server));
        say(`${name} is measured`);
      }
    } finally {
      await server.stop();
    }
    const rounded = Object.entries(figures).map(([key, value]) => [key, Math.round(value * 100) / 100]);
    return Object.fromEntries(rounded) as Record<string, number>;
  },
};
