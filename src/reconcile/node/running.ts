/**
 * A node that answers is watched: its connection tells within milliseconds when it dies, and now and then it is asked
 * all the same. A node that has died is started again; one that lives but is silent is given time, then ended.
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import { contradict } from '../proof.ts';
import { heldByBlueprint } from '../repair-brake.ts';
import { become, elapsedMs, hostOf, nodeEvent, now, sameProcess } from './stage.ts';
import { fail } from './failed.ts';
import type { HostState } from '../../host/host.ts';
import type { Machine } from '../../model/machine.ts';
import type { ProcessIdentity } from '../../model/node.ts';
import type { Pass, Stage, StageOutcome } from './stage.ts';

type Watched = Pass<'started' | 'running'>;

const periodMs = 10_000;
const commandPeriodMs = 5_000;
/** between two looks there is as much at least */
const leastMs = 500;
/** how old what is known of its host may be when a node is met again */
const seenMs = 1_000;
const silentLookMs = 1_000;
/** one that would be ended, and is not because so many are silent, is looked at so often */
const heldLookMs = 5_000;
/** a node that lives but does not answer for so long is ended and started again */
const silentMs = 30_000;
/** running for so long clears the count of failures, and with it the pause before the next restart */
const forgiveMs = 30_000;

/**
 * Watches a node that has completed its bootstrap, or waits for it. Nobody is asked who has just answered for a proof: that
 * asks for more.
 */
export const watched: Stage<'started' | 'running'> = async (pass) => {
  const { world, node, signal } = pass;
  if (node.generation > node.startedGeneration) return restart(pass);
  if (pass.machine === undefined || pass.machine.state.phase !== 'ready')
    return again(periodMs, 'its machine is out of reach');
  if (isSeen(pass) && (hasAnswered(pass) || hasJustStarted(pass))) {
    world.memory.silentSince.delete(node.id);
    return healthy(pass);
  }
  if (!isSeen(pass)) {
    // what was seen of its host before it answered, or before its connection was lost, says nothing of it
    const lostMs = world.clock.monotonic() - (world.memory.lostAt.get(node.id) ?? -Infinity);
    const state = await hostState(pass.machine, pass, Math.min(seenMs, lostMs, elapsedMs(pass, node.state.since)));
    if (!isHosted(pass, state)) return missed(pass, state);
    world.memory.seen.set(node.id, node.state.process);
  }
  try {
    await world.cluster.answers(node, signal);
    world.memory.silentSince.delete(node.id);
    return healthy(pass);
  } catch (error) {
    if (signal.aborted) throw error;
    // its host may be booted anew while nobody looks: whoever answers next may be another process
    world.memory.seen.delete(node.id);
    const why = wordsOf(error);
    await contradict(world, node, why);
    return isAnother(pass, error) ? renamed(pass, why) : silent(pass, why);
  }
};

/** Whether a node of another name has answered at its address. */
function isAnother({ node }: Watched, error: unknown): boolean {
  return node.specification.commands === undefined && error instanceof Fault && error.code === 'not-found';
}

/**
 * Somebody gave our process another name (`net_kernel:start`), or what answers is not our process. Ours is ended and started
 * again under its own name, with a pause where that does not last; a stranger is left alone, and its start will say so.
 */
async function renamed(pass: Watched, why: string): Promise<StageOutcome> {
  const { world, node, machine } = pass;
  if (machine === undefined) return again(periodMs, 'its machine is gone');
  const state = await hostState(machine, pass, 0);
  if (!isHosted(pass, state)) return missed(pass, state);
  world.cluster.forget(node.id);
  if (node.failures > 0) return fail(pass, `it goes by another name: ${why}`);
  const { process } = node.state;
  const words = `it goes by another name: ${why}; it is started again under its own`;
  return {
    outcome: 'become',
    node: { ...node, failures: 1, state: { phase: 'stopping', since: now(pass), process } },
    event: nodeEvent(node, { level: 'warning', what: 'renamed', words }),
  };
}

/** How long ago the nodes of its blueprint began to be asked for a proof that held; Infinity when nobody knows of one. */
function provenAgoMs({ world, node }: Watched): number {
  return world.clock.monotonic() - (world.memory.proven.get(node.blueprint)?.at ?? -Infinity);
}

/** Whether this process of it has answered for a proof a moment ago, and nothing was heard against it since. */
function hasAnswered(pass: Watched): boolean {
  const { world, node } = pass;
  const agoMs = provenAgoMs(pass);
  const lostMs = world.clock.monotonic() - (world.memory.lostAt.get(node.id) ?? -Infinity);
  return agoMs < Math.min(periodOf(node) - leastMs, lostMs) && agoMs <= elapsedMs(pass, node.state.since);
}

/** A node that has run for a while has its earlier failures forgiven. */
function healthy(pass: Watched): StageOutcome {
  const { node } = pass;
  const forgiven = node.state.phase === 'running' && node.failures > 0 && elapsedMs(pass, node.state.since) > forgiveMs;
  if (forgiven) return { outcome: 'become', node: { ...node, failures: 0 }, event: null };
  return again(untilNextMs(pass), 'it is looked at now and then');
}

/**
 * Nodes of one machine are looked at together, so that their questions travel in one packet: in the rhythm of their blueprint's
 * proof, and at a time of their machine's own while there is none.
 */
function untilNextMs(pass: Watched): number {
  const { world, node } = pass;
  const period = periodOf(node);
  const ownMs = world.clock.monotonic() + placeOf(node.placement.machine, period);
  const agoMs = provenAgoMs(pass);
  const sinceMs = (Number.isFinite(agoMs) ? agoMs : ownMs) % period;
  return sinceMs > period - leastMs ? 2 * period - sinceMs : period - sinceMs;
}

/** A number below `period` that is spread evenly over machines. */
function placeOf(machine: string, period: number): number {
  return Array.from(machine).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7) % period;
}

/** No connection tells of the death of a node that is asked by a command. */
function periodOf({ specification: { commands } }: Pass<'started' | 'running'>['node']): number {
  return typeof commands?.probe === 'string' ? commandPeriodMs : periodMs;
}

function restart(pass: Watched): StageOutcome {
  const { state, asStarted } = pass.node;
  const words = asStarted === undefined ? 'as asked' : 'to be changed';
  return become(pass, { phase: 'stopping', since: now(pass), process: state.process }, { what: 'restarting', words });
}

/** It does not answer: dead, replaced behind our back, or hanging? */
async function silent(pass: Watched, why: string): Promise<StageOutcome> {
  const { world, node, machine } = pass;
  if (machine === undefined) return again(periodMs, 'its machine is gone');
  const state = await hostState(machine, pass, 0);
  if (!isHosted(pass, state)) return missed(pass, state);
  const since = world.memory.silentSince.get(node.id) ?? world.clock.monotonic();
  world.memory.silentSince.set(node.id, since);
  if (world.clock.monotonic() - since < silentMs) return again(silentLookMs, why);
  const held = await heldByBlueprint(world, node.blueprint);
  if (held !== null) {
    // the time in which so many were silent is held against none
    world.memory.silentSince.set(node.id, world.clock.monotonic());
    return again(heldLookMs, `${why}; ${held}`);
  }
  world.memory.silentSince.delete(node.id);
  return fail(pass, `its process lives, but it has not answered for ${silentMs / 1_000} s: ${why}`);
}

/** Whether the recorded process is known to be the one that would answer; a probe may look at what a dead one has left. */
function isSeen({ world, node }: Watched): boolean {
  if (node.specification.commands !== undefined) return false;
  return sameProcess(world.memory.seen.get(node.id) ?? null, node.state.process);
}

/** Whether its first answer has made it a started one just now: it is not asked the same at once again. */
function hasJustStarted(pass: Watched): boolean {
  const { state } = pass.node;
  return state.phase === 'started' && elapsedMs(pass, state.since) < leastMs;
}

/** What its host holds; a host that does not say so has its machine looked at. */
async function hostState(machine: Machine, { world }: Watched, maxAgeMs: number): Promise<HostState> {
  try {
    return await world.hosts.state(machine, maxAgeMs);
  } catch (error) {
    if (error instanceof Fault) world.wake.machine(machine.token);
    throw error;
  }
}

function hostedOf({ node }: Watched, state: HostState): ProcessIdentity | null {
  return state.nodes.find((one) => one.id === node.id)?.process ?? null;
}

function isHosted(pass: Watched, state: HostState): boolean {
  return sameProcess(hostedOf(pass, state), pass.node.state.process);
}

/**
 * The recorded process is gone: with its host, which is no failure of the node's and may have started it anew, by itself, or
 * by somebody who has started the node again: that one is taken over, and not ended for the other's death.
 */
function missed(pass: Watched, state: HostState): Promise<StageOutcome> | StageOutcome {
  const { process } = pass.node.state;
  const hosted = hostedOf(pass, state);
  const isSameBoot = state.bootId === process.bootId;
  if (isSameBoot && hosted === null) return died(pass);
  pass.world.cluster.forget(pass.node.id);
  const anew = hosted === null ? 'started again' : `its host has started it as pid ${hosted.pid}`;
  const told = isSameBoot
    ? { what: 'replaced', words: `pid ${process.pid} is gone, and somebody has started it as pid ${hosted?.pid}` }
    : { what: 'host booted', words: `its host was booted anew; ${anew}` };
  return become(pass, { phase: 'installing', since: now(pass) }, { level: 'warning', ...told });
}

/** Started again at once; after a second death in a row with a pause. */
async function died(pass: Watched): Promise<StageOutcome> {
  const { world, node, signal } = pass;
  world.cluster.forget(node.id);
  if (node.state.phase === 'started' || node.failures > 0)
    return fail(pass, `it has died (pid ${node.state.process.pid})`);
  const log = await (await hostOf(pass))?.logs(node.id, 3, signal).catch(() => []);
  const words = `pid ${node.state.process.pid} is gone; started again${log?.length ? `; it wrote last: ${log.join(' | ')}` : ''}`;
  return {
    outcome: 'become',
    node: { ...node, failures: 1, state: { phase: 'installing', since: now(pass) } },
    event: nodeEvent(node, { level: 'warning', what: 'died', words }),
  };
}
