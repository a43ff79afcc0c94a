/**
 * The control plane of the soak, as a process of its own: the real store on disk, loops, planner thread, API and local provider,
 * by a clock that goes so many times as fast. What a host or an Erlang node is given to answer stays in real time, because
 * those are real and are no faster. SIGUSR2 has it write down what it holds, after a collection of garbage.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { getHeapSpaceStatistics } from 'node:v8';
import { openApi } from '../src/api/api.ts';
import { systemClock } from '../src/base/clock.ts';
import type { Clock } from '../src/base/clock.ts';
import { openLog } from '../src/base/log.ts';
import { openLocalShell } from '../src/base/process.ts';
import { systemRandom as random } from '../src/base/random.ts';
import { CallLog, createMeter, wrapCloud } from '../src/cloud/cloud.ts';
import { openLocal } from '../src/cloud/local/local.ts';
import { openCluster } from '../src/cluster/cluster.ts';
import { openHost } from '../src/host/host.ts';
import { endpointFile } from '../src/model/endpoint.ts';
import { openPlanner } from '../src/planner.ts';
import { openReconcile } from '../src/reconcile/reconcile.ts';
import type { ReconcileDependencies } from '../src/reconcile/reconcile.ts';
import { openArtifactStore } from '../src/release/release.ts';
import { openSqliteStore } from '../src/store/store.ts';
import { openFirstToken } from '../src/token.ts';
import { version } from '../src/base/version.ts';
import { hastyClock } from '../test/kit/hasty-clock.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { directory: text, 'log-level': text, haste: text } });
const directory = values.directory ?? '.';
const clock = withRealDeadlines(hastyClock(Number(values.haste ?? 1)));
const log = openLog('warn');

mkdirSync(directory, { recursive: true, mode: 0o700 });
const store = await openSqliteStore({ directory, clock });
const artifacts = openArtifactStore(join(directory, 'releases'));
const calls = { meter: createMeter(), log: new CallLog() };

const notHere = (): never => {
  throw new Error('the soak runs on this machine only');
};

const openCloud: ReconcileDependencies['openCloud'] = (provider, domains) => {
  const adapter = openLocal({
    ...{ provider, domains, owner: store.owner, clock: systemClock, random, log },
    ...{ secret: notHere, formerSecret: notHere, secretName: notHere, keySecret: 'none' },
    directory: join(directory, 'providers', provider.name),
  });
  return wrapCloud(adapter, { provider: provider.name, clock: systemClock, random, limits: {}, ...calls });
};

const loops = openReconcile({
  ...{ store, artifacts, planner: openPlanner(), openCloud, clock, random, log },
  // the least that can be kept, so that the past of an hour does not hide what grows: as short as it is long elsewhere
  keep: { eventDays: 1, events: 5_000, revisions: 20 },
  openHost: (access) => {
    if (access.method !== 'local') return notHere();
    const shell = openLocalShell({ clock: systemClock });
    return Promise.resolve(openHost(shell, { directory: access.directory, owner: store.owner }));
  },
  openLogin: notHere,
  openHostRoot: notHere,
  openCluster: (needs) => openCluster({ ...needs, clock: systemClock, log }),
});
const api = await openApi({
  ...{ store, artifacts, clock, log, version, host: '127.0.0.1', port: 0 },
  firstToken: openFirstToken(directory),
  ports: {
    ...loops,
    wake: () => loops.wakeAll(),
    providerCalls: () => ({ figures: [], recent: [] }),
    replicas: () => [],
  },
});
loops.start();
writeWhole(endpointFile, { url: api.url, pid: process.pid, startedAt: new Date().toISOString() });
process.once('SIGTERM', () => process.exit(0));

let told = 0;
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  // compiled code and what is learnt about it lies in spaces of its own, and grows for as long as code runs for the first time
  const spaces = Object.fromEntries(getHeapSpaceStatistics().map((one) => [one.space_name, one.space_used_size]));
  writeWhole('holds.json', { told: (told += 1), heapUsed, external, resources, spaces });
});

/** Deadlines (`withDeadline`) are for others, who are real: those are not hastened. */
function withRealDeadlines(hasty: Clock): Clock {
  return {
    ...hasty,
    after(ms, action) {
      const { stack = '' } = new Error();
      return (stack.includes('withDeadline') ? systemClock : hasty).after(ms, action);
    },
  };
}

function writeWhole(name: string, content: object): void {
  const path = join(directory, name);
  writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
