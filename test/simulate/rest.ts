/**
 * What must be true when nothing goes wrong any more: the blueprint has converged, in the control plane's own words and in
 * the world itself; nothing is there twice or without a record; and after a destroy nothing is there at all.
 */
import { blueprintStatus } from '../../src/model/blueprint-status.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import { expectedEdges } from '../../src/model/component.ts';
import { cookieSecretName, formerSecretName } from '../../src/model/secret.ts';
import { linkRecordsOf } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Ledger } from './ledger.ts';
import { neighbour } from './neighbour.ts';
import { blueprint } from './user.ts';
import type { SimulatedWorld } from './world.ts';

const lookMs = 1_000;

/** The status as the API gives it; undefined when there is no such blueprint. */
async function statusOf(store: Store, blueprint: string): Promise<BlueprintStatus | undefined> {
  const head = (await store.get('blueprint', blueprint))?.value;
  if (head === undefined) return undefined;
  const values = async <K extends 'node' | 'machine' | 'release' | 'rollout' | 'quarantine'>(kind: K) =>
    (await store.list(kind)).map((record) => record.value);
  const document = (await store.get('revision', `${blueprint}@${head.revision}`))!.value.document;
  const nodes = (await store.list('node', { blueprint })).map(({ value }) => value);
  const links = await linkRecordsOf(store, document, nodes);
  return blueprintStatus({
    links,
    head,
    document,
    nodes,
    machines: await values('machine'),
    proof: (await store.get('proof', blueprint))?.value ?? null,
    releases: await values('release'),
    rollouts: await values('rollout'),
    quarantine: await values('quarantine'),
  });
}

/** Waits until the blueprint has converged and the world is as it says; reports `stuck` with the words of what is not. */
export async function convergence(world: SimulatedWorld, withinMs: number): Promise<void> {
  await eventually(world, withinMs, 'stuck', async () => {
    for (const name of world.ownSite === null ? [blueprint] : [blueprint, neighbour]) {
      const status = await statusOf(world.disk.store, name);
      if (status?.state !== 'converged') return `${status?.state ?? `no blueprint ${name}`}: ${status?.words ?? ''}`;
    }
    const secrets = await world.disk.store.secrets.names();
    return (
      asRecorded(world) ??
      unguarded(world) ??
      orphan(world) ??
      openOperation(world) ??
      firstKey(world, secrets) ??
      oldKey(world, secrets) ??
      oldRun(world) ??
      (await openAlarm(world)) ??
      (await oldCookie(world))
    );
  });
}

/** Waits until nothing of ours is left anywhere. */
export async function emptiness(world: SimulatedWorld, withinMs: number): Promise<void> {
  await eventually(world, withinMs, 'not destroyed', async () => {
    const status = await statusOf(world.disk.store, blueprint);
    if (status !== undefined) return `it is still there: ${status.words}`;
    const { ledger, disk, sites, erlang } = world;
    if (ledger.machines.size + ledger.nodes.size > 0) return `${ledger.machines.size} machines are still on record`;
    const [left] = sites.flatMap((site) => site.standing(disk.owner).map(({ id }) => `${id} stands at ${site.name}`));
    const [beside] = sites.flatMap((site) => site.beside(disk.owner).map((id) => `${id} stands at ${site.name}`));
    const [alive] = erlang.alive;
    const secrets = (await world.disk.store.secrets.names()).filter((name) => !name.startsWith('provider:'));
    const kept = secrets.length === 0 ? undefined : `secret ${secrets[0] ?? ''} is kept`;
    return left ?? beside ?? (alive === undefined ? kept : `${alive.name} still runs`) ?? null;
  });
}

/** Looks now and then; what is wrong until the end is reported. */
async function eventually(
  world: SimulatedWorld,
  withinMs: number,
  of: string,
  wrong: () => Promise<string | null>,
): Promise<void> {
  const until = world.timeline.now + withinMs;
  for (;;) {
    const words = await wrong();
    if (words === null || world.invariants.violations.length > 0) return;
    if (world.timeline.now >= until) {
      world.invariants.report(of, `after ${withinMs / 60_000} calm minutes: ${words}`);
      return;
    }
    await world.timeline.pause(lookMs);
  }
}

/** The world against the records: each node runs as the process that is on record, and sees whom it should. */
function asRecorded(world: SimulatedWorld): string | null {
  const { ledger, erlang, releases } = world;
  const nodes = [...ledger.nodes.values()].filter(({ desired }) => desired === 'running');
  const alive = new Map(erlang.alive.map((process) => [process.id, process]));
  for (const { id, name, state, specification } of nodes) {
    const process = alive.get(id);
    if (process?.phase !== 'up') return `${name} is recorded as running, and does not`;
    if (!('process' in state) || state.process?.pid !== process.identity.pid) return `${name} is another process`;
    if (process.digest !== specification.digest || !releases.has(process.digest)) return `${name} runs another release`;
  }
  for (const name of ledger.heads.keys()) {
    const wrong = wrongEdge(world, name);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** An edge that is not there, or one to another blueprint that nobody declares; null when there is none. */
function wrongEdge({ ledger, erlang }: SimulatedWorld, blueprint: string): string | null {
  const document = ledger.documentOf(blueprint)!;
  const across = ledger.across(document);
  const edges = [...expectedEdges(document, ledger.wanted(blueprint), ledger.runsOf(blueprint)), ...across.edges];
  const byName = new Map(erlang.alive.map((process) => [process.name, process]));
  const missing = edges.find(([one, other]) => !byName.get(one)?.visible.has(byName.get(other)!));
  if (missing !== undefined) return `${missing.join(' and ')} do not see each other`;
  const declared = new Set(across.edges.map((edge) => edge.join(' ')));
  const ofThis = (id: string) => ledger.nodes.get(id)?.blueprint === blueprint;
  for (const one of erlang.alive.filter(({ id }) => ofThis(id)))
    for (const other of one.visible)
      if (!ofThis(other.id) && !declared.has(`${one.name} ${other.name}`))
        return `${one.name} sees ${other.name}, and their blueprints are not linked so`;
  return null;
}

/** A machine of the rack on which nodes run without a firewall; null when there is none. */
function unguarded({ ledger, park }: SimulatedWorld): string | null {
  const used = new Set([...ledger.nodes.values()].map(({ placement }) => placement.machine));
  for (const { token, access, state } of ledger.machines.values()) {
    const machine = access?.method === 'ssh' ? park.at(access.address) : undefined;
    const isOpen = machine?.isGuarded === true && !machine.hasFirewall;
    if (isOpen && used.has(token) && state.phase === 'ready') return `${machine.key} has no firewall`;
  }
  return null;
}

/** An operation that has not ended although everything is as it should be; null when there is none. */
function openOperation({ ledger }: SimulatedWorld): string | null {
  const open = [...ledger.operations.values()].find(({ state }) => state === 'running');
  return open === undefined ? null : `operation ${open.id} (${open.cause}) does not end: ${open.words}`;
}

/** A brake that holds although all is well; null when none does. */
async function openAlarm({ disk }: SimulatedWorld): Promise<string | null> {
  const [alarm] = await disk.store.list('alarm');
  return alarm === undefined ? null : `the brake ${alarm.key} holds: ${alarm.value.words}`;
}

/** A cookie that is being replaced, or a process, a file or a secret that holds another than the one in force; null when none does. */
async function oldCookie({ disk, erlang, park, ledger }: SimulatedWorld): Promise<string | null> {
  const { store } = disk;
  const rotation = (await store.list('rotation')).find(({ key }) => !isAwaited(ledger, key));
  if (rotation !== undefined) return `${rotation.key} is still being replaced: ${rotation.value.words}`;
  const components = new Map(
    [...ledger.nodes.values()].map((node) => [`${node.blueprint} ${node.specification.component}`, node]),
  );
  for (const { blueprint: name, specification } of components.values()) {
    const { component } = specification;
    const secret = cookieSecretName(name, component);
    const cookie = await store.secrets.get(secret);
    if (await store.secrets.has(formerSecretName(secret))) return `what ${secret} was before is still kept`;
    const isMine = (id: string) =>
      ledger.nodes.get(id)?.blueprint === name && ledger.nodes.get(id)?.specification.component === component;
    const process = erlang.alive.find((one) => isMine(one.id) && one.cookie !== cookie);
    if (process !== undefined) return `${process.name} goes by an old cookie`;
    for (const { key, folders } of park.all)
      for (const [id, { order, process: one }] of folders)
        if (isMine(id) && one?.phase === 'up' && order.cookie !== cookie)
          return `${id} on ${key} would start by an old cookie`;
  }
  return null;
}

/** A run between nodes that are no more; null when there is none. */
function oldRun({ ledger }: SimulatedWorld): string | null {
  const known = (id: string | null) => id === null || ledger.nodes.has(id);
  const old = [...ledger.runs.values()].find(({ node, peer }) => !known(node) || !known(peer));
  return old === undefined ? null : `the run of ${old.nodeName} with ${old.peerName ?? 'nobody'} is still on record`;
}

/** A machine whose first host key still opens it although it is ready; null when there is none (I8). */
function firstKey({ ledger, park }: SimulatedWorld, secrets: readonly string[]): string | null {
  for (const { token, state, providerId, access } of ledger.machines.values()) {
    if (state.phase !== 'ready' || access?.method !== 'ssh') continue;
    const machine = park.get(providerId ?? '');
    const isOld = machine !== undefined && machine.next !== null && machine.shown !== machine.next;
    if (isOld || secrets.some((name) => name.startsWith(`machine:${token} `)))
      return `${token} has its first key still`;
  }
  return null;
}

/** A key that is being replaced, or a machine that lets in another one than the one in force; null when there is none. */
function oldKey({ ledger, park, disk }: SimulatedWorld, secrets: readonly string[]): string | null {
  const kept = secrets.find((name) => passing.test(name) && !isAwaited(ledger, name.replace(passing, '')));
  if (kept !== undefined) return `${kept.replace(/ next .*/, ' next')} is still kept`;
  for (const { token, state, providerId, access } of ledger.machines.values()) {
    if (state.phase !== 'ready' || access?.method !== 'ssh') continue;
    const keys = park.get(providerId ?? '')?.keys ?? null;
    const [present] = disk.held.opening(access.keySecret);
    if (keys !== null && (keys.size !== 1 || !keys.has(present ?? ''))) return `${token} is opened by another key`;
  }
  return null;
}

/** What a secret is called besides while it is being replaced. */
const passing = / former$| next .*$/;

/** Whether a lost machine on record is opened by that key: it may come back, and until then what the key was is remembered. */
function isAwaited({ machines }: Ledger, secret: string): boolean {
  return [...machines.values()].some(
    ({ state, access }) => state.phase === 'lost' && access?.method === 'ssh' && access.keySecret === secret,
  );
}

/** What is ours and on no record, or there twice; null when there is none. */
function orphan({ ledger, sites, disk, erlang }: SimulatedWorld): string | null {
  for (const site of sites) {
    const tokens = new Set<string>();
    for (const { id, token } of site.standing(disk.owner)) {
      if (!ledger.machines.has(token)) return `${id} stands at ${site.name} without a record`;
      if (tokens.has(token)) return `${token} stands twice at ${site.name}`;
      tokens.add(token);
    }
  }
  const stray = erlang.alive.find(({ id }) => ledger.nodes.get(id)?.desired !== 'running');
  return stray === undefined ? null : `${stray.name} runs without a record that wants it`;
}
