/** One worker of a job engine as a process of its own, for `engines`: takes jobs, and tells its parent of each. */
import { Logger, run } from 'graphile-worker';
import { PgBoss } from 'pg-boss';

/** A job that is to be held is not ended before its worker is. */
interface Payload {
  readonly number: number;
  readonly isHeld?: boolean;
}

const [engine = '', url = ''] = process.argv.slice(2);

async function work({ number, isHeld }: Payload): Promise<void> {
  process.send?.({ began: number });
  if (isHeld === true) await new Promise(() => undefined);
}

if (engine === 'graphile') {
  await run({
    connectionString: url,
    concurrency: 4,
    pollInterval: 2000,
    noHandleSignals: true,
    taskList: { bench: (payload) => work(payload as Payload) },
    logger: new Logger(() => () => undefined),
  });
} else {
  const boss = new PgBoss({
    connectionString: url,
    useListenNotify: true,
    monitorIntervalSeconds: 1,
    superviseIntervalSeconds: 1,
  });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.work<Payload>('bench', { batchSize: 1, localConcurrency: 4, pollingIntervalSeconds: 2 }, async ([job]) => {
    if (job !== undefined) await work(job.data);
  });
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.send?.({ ready: true });
