/**
 * The composition root of the control plane: reads its configuration, opens the rooms from the bottom up, and closes
 * them in reverse when it is told to stop. Running Erlang nodes are not touched by either (I5).
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from './api/api.ts';
import { systemClock, timestamp } from './base/clock.ts';
import { fullDiskFault } from './base/disk.ts';
import { wordsOf } from './base/fault.ts';
import { openHeapTrim } from './base/heap-trim.ts';
import { Fault } from './base/fault.ts';
import { openLog } from './base/log.ts';
import type { Log } from './base/log.ts';
import { openLocalShell } from './base/process.ts';
import { newId, systemRandom } from './base/random.ts';
import { openSshShell } from './base/ssh.ts';
import { version } from './base/version.ts';
import { accountGates } from './account-gates.ts';
import { CallLog, createMeter, wrapCloud } from './cloud/cloud.ts';
import type { OpenCloud } from './cloud/cloud.ts';
import { openCloudStack } from './cloud/cloudstack/cloudstack.ts';
import { openEc2 } from './cloud/ec2/ec2.ts';
import { openEucalyptus } from './cloud/eucalyptus/eucalyptus.ts';
import { openHetzner } from './cloud/hetzner/hetzner.ts';
import { openLocal } from './cloud/local/local.ts';
import { MemoryWorld, openMemory } from './cloud/memory/memory.ts';
import { openOpenNebula } from './cloud/opennebula/opennebula.ts';
import { openOpenStack } from './cloud/openstack/openstack.ts';
import { openRackspace } from './cloud/rackspace/rackspace.ts';
import { openSsh } from './cloud/ssh/ssh.ts';
import { openCluster } from './cluster/cluster.ts';
import { readConfig } from './config.ts';
import type { Config } from './config.ts';
import { openHost, openHostRoot, openLogin } from './host/host.ts';
import type { Host, HostRoot } from './host/host.ts';
import { endpointFile } from './model/endpoint.ts';
import type { Endpoint } from './model/endpoint.ts';
import type { Access } from './model/machine.ts';
import type { ProviderCallsView } from './model/exchange.ts';
import type { ProviderKind } from './model/provider.ts';
import { formerSecretName, loginKeySecretName, secretName, secretScope } from './model/secret.ts';
import { openPlanner } from './planner.ts';
import { openReconcile } from './reconcile/reconcile.ts';
import type { ReconcileDependencies, Reconciler } from './reconcile/reconcile.ts';
import { ShareKeeper } from './share/share.ts';
import { openArtifactStore } from './release/release.ts';
import { openPostgresStore, openSqliteStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { openFirstToken } from './token.ts';

const [clock, random] = [systemClock, systemRandom];

/** Adapters by kind of provider: the one list of clouds. */
const adapters: Readonly<Record<ProviderKind, OpenCloud>> = {
  local: openLocal,
  ssh: openSsh,
  memory: openMemory(new MemoryWorld()),
  ec2: openEc2,
  eucalyptus: openEucalyptus,
  hetzner: openHetzner,
  openstack: openOpenStack,
  rackspace: openRackspace,
  opennebula: openOpenNebula,
  cloudstack: openCloudStack,
};

/** What a provider was asked: counted, and written down. */
interface Calls {
  readonly meter: ReturnType<typeof createMeter>;
  readonly log: CallLog;
}

/** The calls of every provider by name, from the first time that it is asked for on. */
function rememberCalls(): (provider: string) => Calls {
  const known = new Map<string, Calls>();
  return (provider) => {
    const calls = known.get(provider) ?? { meter: createMeter(), log: new CallLog() };
    known.set(provider, calls);
    return calls;
  };
}

function callsView({ meter, log }: Calls): ProviderCallsView {
  const figures = Object.entries(meter.snapshot()).map(([verb, { calls, ms, errors }]) => ({
    verb,
    calls,
    meanMs: Math.round(ms / calls),
    errors: { ...errors },
  }));
  return { figures, recent: [...log.recent] };
}

/** A provider's adapter within its wrappers, its secrets in the scope of whoever declared it. */
function cloudOpener(
  store: Store,
  directory: string,
  log: Log,
  callsOf: (provider: string) => Calls,
): ReconcileDependencies['openCloud'] {
  const gateOfAccount = accountGates(clock);
  return (provider, domains) => {
    const calls = callsOf(provider.name);
    const nameOf = (reference: string) => secretName(secretScope(provider), reference);
    const secret = async (reference: string) => {
      const value = await store.secrets.get(nameOf(reference));
      calls.log.conceal(value);
      return value;
    };
    const adapter = adapters[provider.definition.kind]({
      provider,
      domains,
      owner: store.owner,
      secret,
      formerSecret: (reference) => formerSecret(store, nameOf(reference)),
      secretName: nameOf,
      keySecret: loginKeySecretName(provider.name),
      directory: join(directory, 'providers', provider.name),
      clock,
      random,
      log,
    });
    const gateOf = () => gateOfAccount(provider, secret);
    return wrapCloud(adapter, { provider: provider.name, clock, random, gateOf, ...calls });
  };
}

/** What a secret was, while it is being replaced. */
async function formerSecret({ secrets }: Store, name: string): Promise<string | undefined> {
  const former = formerSecretName(name);
  return (await secrets.has(former)) ? secrets.get(former) : undefined;
}

/**
 * The shell of an account behind an access. While the key is being replaced, the one that it was is offered after it. A
 * shell that stays open comes in by what the keys are when it connects again.
 */
async function sshShellTo(store: Store, access: Extract<Access, { method: 'ssh' }>, user: string) {
  const { address, port, hostKey, keySecret } = access;
  const keysNow = async () => ({
    privateKey: await store.secrets.get(keySecret),
    formerKey: await formerSecret(store, keySecret),
  });
  return openSshShell({ address, port, user, hostKey, ...(await keysNow()), keysNow, clock });
}

/** A host behind an access: the shell that leads there, and what we do in it. */
async function hostBehind(store: Store, access: Access): Promise<Host> {
  const { owner } = store;
  switch (access.method) {
    case 'local':
      return openHost(openLocalShell({ clock }), { directory: access.directory, owner });
    case 'ssh':
      return openHost(await sshShellTo(store, access, access.user), { directory: access.directory, owner });
    case 'memory':
      throw new Fault('invalid', 'a machine of the simulated cloud runs no nodes: use it with `wombat plan`');
  }
}

/** Root on a machine: where first boot prepared it, our key leads root to one program; else the account is root or uses sudo. */
async function rootBehind(store: Store, access: Access, prepared: boolean): Promise<HostRoot> {
  if (access.method !== 'ssh') throw new Fault('invalid', 'root acts only on machines that are reached over SSH');
  const shell = await sshShellTo(store, access, prepared ? 'root' : access.user);
  return openHostRoot(shell, { owner: store.owner, sshPort: access.port });
}

/** Everything that is open, to be closed in reverse. */
interface Opened {
  readonly url: string;
  close(): Promise<void>;
}

/** The store, and the sharing of the work where several control planes use it. */
interface Kept {
  readonly store: Store;
  readonly shares?: ShareKeeper;
  /** Says where our API listens. */
  listensAt(url: string): Promise<void>;
}

/** The embedded store, or the one in PostgreSQL, which others may use as well. */
async function openStore({ directory, database }: Config, log: Log): Promise<Kept> {
  if (database === undefined)
    return { store: await openSqliteStore({ directory, clock }), listensAt: () => Promise.resolve() };
  const name = newId(random, 'wombat');
  const store = await openPostgresStore({ url: database, directory, name, clock });
  const keeper = new ShareKeeper({
    store,
    url: database,
    name,
    clock,
    log,
    changed: (urls) => keepEndpoint(directory, urls),
  });
  return { store, shares: keeper, listensAt: (url) => store.listensAt(url) };
}

async function open(config: Config, log: Log): Promise<Opened> {
  const { directory, host, port } = config;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { store, shares, listensAt } = await openStore(config, log);
  const artifacts = openArtifactStore(join(directory, 'releases'));
  const planner = openPlanner();
  const callsOf = rememberCalls();
  const loops = openReconcile({
    store,
    artifacts,
    planner,
    openCloud: cloudOpener(store, directory, log, callsOf),
    openHost: (access) => hostBehind(store, access),
    openLogin: (access, privateKey, by) => openLogin(openSshShell({ ...access, privateKey, clock }), by),
    openHostRoot: (access, prepared) => rootBehind(store, access, prepared),
    openCluster: (needs) => openCluster({ ...needs, clock, log }),
    shares,
    keep: config.keep,
    clock,
    random,
    log,
  });
  let endpoint = '';
  const alone = { number: 1, since: timestamp(clock), state: 'there', isSelf: true, shares: null } as const;
  const api = await openApi({
    store,
    artifacts,
    ports: {
      ...portsOf(loops),
      providerCalls: (provider) => callsView(callsOf(provider)),
      replicas: () => shares?.replicas() ?? [{ ...alone, url: endpoint }],
    },
    firstToken: openFirstToken(directory),
    clock,
    log,
    host,
    port,
    version,
  });
  endpoint = api.url;
  await listensAt(api.url);
  ownEndpoint = api.url;
  loops.start();
  const trim = openHeapTrim(clock);
  return {
    url: api.url,
    async close() {
      trim.close();
      await api.close();
      await loops.close();
      await shares?.close();
      await planner.close();
      await store.close();
    },
  };
}

function portsOf(loops: Reconciler) {
  return { ...loops, wake: () => loops.wakeAll() };
}

/** Tells the command line beside us where we are, in one atomic step. */
function writeEndpoint(directory: string, url: string): void {
  const path = join(directory, endpointFile);
  writeFileSync(`${path}.new`, JSON.stringify({ url, pid: process.pid, startedAt: timestamp(clock) }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Where we listen; empty before that. */
let ownEndpoint = '';

/** Control planes of one directory: the command line beside them is led to one that is there. */
function keepEndpoint(directory: string, urls: readonly string[]): void {
  if (ownEndpoint === '' || urls.includes(toldEndpoint(directory)?.url ?? '')) return;
  writeEndpoint(directory, ownEndpoint);
}

function toldEndpoint(directory: string): Endpoint | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, endpointFile), 'utf8')) as Endpoint;
  } catch {
    return undefined;
  }
}

/** Opens everything and tells where we are; a disk without room for that is said to be full. */
async function begun(config: Config, log: Log): Promise<Opened> {
  try {
    const opened = await open(config, log);
    writeEndpoint(config.directory, opened.url);
    return opened;
  } catch (error) {
    throw fullDiskFault(error, config.directory, 'its files cannot be written') ?? error;
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2));
  const log = openLog(config.logLevel);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort(signal));
  const opened = await begun(config, log);
  log.info({ url: opened.url, directory: config.directory }, 'the control plane listens');
  const stop = (): void => {
    log.info({ signal: stopping.signal.reason as unknown }, 'stopping; running nodes stay as they are');
    if (toldEndpoint(config.directory)?.pid === process.pid)
      rmSync(join(config.directory, endpointFile), { force: true });
    ownEndpoint = '';
    opened.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error: wordsOf(error) }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  if (stopping.signal.aborted) stop();
  else stopping.signal.addEventListener('abort', stop);
}

main().catch((error: unknown) => {
  const next = error instanceof Fault ? error.detail.next : undefined;
  process.stderr.write(
    `wombat: the control plane could not start: ${wordsOf(error)}\n${next === undefined ? '' : `  next: ${next}\n`}`,
  );
  process.exit(1);
});
