/**
 * A node that answers is watched: its connection tells within milliseconds when it dies, and now and then it is asked
 * all the same. A node that has died is started again; one that lives but is silent is given time, then ended.
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import { become, elapsedMs, hostOf, nodeEvent, now, sameProcess } from './stage.ts';
import { fail } from './failed.ts';
import type { Machine } from '../../model/machine.ts';
import type { Pass, Stage, StageOutcome } from './stage.ts';

const periodMs = 15_000;
const commandPeriodMs = 5_000;
const silentLookMs = 1_000;
/** a node that lives but does not answer for so long is ended and started again */
const silentMs = 30_000;
/** running for so long clears the count of failures, and with it the pause before the next restart */
const forgiveMs = 30_000;

/** Watches a node that has completed its bootstrap, or waits for it. */
export const watched: Stage<'started' | 'running'> = async (pass) => {
  const { world, node, signal } = pass;
  if (node.generation > node.startedGeneration) return restart(pass);
  if (pass.machine === undefined || pass.machine.state.phase !== 'ready')
    return again(periodMs, 'its machine is out of reach');
  try {
    if (node.specification.commands !== undefined && !(await isThere(pass, pass.machine))) return await died(pass);
    await world.cluster.answers(node, signal);
    world.memory.silentSince.delete(node.id);
    return healthy(pass);
  } catch (error) {
    if (signal.aborted) throw error;
    return silent(pass, wordsOf(error));
  }
};

/** A node that has run for a while has its earlier failures forgiven. */
function healthy(pass: Pass<'started' | 'running'>): StageOutcome {
  const { node } = pass;
  const forgiven = node.state.phase === 'running' && node.failures > 0 && elapsedMs(pass, node.state.since) > forgiveMs;
  if (forgiven) return { outcome: 'become', node: { ...node, failures: 0 }, event: null };
  return again(periodOf(node), 'it is looked at now and then');
}

/** No connection tells of the death of a node that is asked by a command. */
function periodOf({ specification: { commands } }: Pass<'started' | 'running'>['node']): number {
  return typeof commands?.probe === 'string' ? commandPeriodMs : periodMs;
}

function restart(pass: Pass<'started' | 'running'>): StageOutcome {
  const { process } = pass.node.state;
  return become(pass, { phase: 'stopping', since: now(pass), process }, { what: 'restarting', words: 'as asked' });
}

/** Whether its process runs: a probe may look at what a dead one has left. */
async function isThere({ world, node }: Pass<'started' | 'running'>, machine: Machine): Promise<boolean> {
  const state = await world.hosts.state(machine, 1_000);
  return sameProcess(state.nodes.find((one) => one.id === node.id)?.process ?? null, node.state.process);
}

/** It does not answer: dead, replaced behind our back, or hanging? */
async function silent(pass: Pass<'started' | 'running'>, why: string): Promise<StageOutcome> {
  const { world, node, machine } = pass;
  if (machine === undefined) return again(periodMs, 'its machine is gone');
  let hosted;
  try {
    const state = await world.hosts.state(machine, 0);
    hosted = state.nodes.find((one) => one.id === node.id)?.process ?? null;
  } catch (error) {
    if (error instanceof Fault) world.wake.machine(machine.token);
    throw error;
  }
  if (!sameProcess(hosted, node.state.process)) return died(pass);
  const since = world.memory.silentSince.get(node.id) ?? world.clock.monotonic();
  world.memory.silentSince.set(node.id, since);
  if (world.clock.monotonic() - since < silentMs) return again(silentLookMs, why);
  world.memory.silentSince.delete(node.id);
  return fail(pass, `its process lives, but it has not answered for ${silentMs / 1_000} s: ${why}`);
}

/** Started again at once; after a second death in a row with a pause. */
async function died(pass: Pass<'started' | 'running'>): Promise<StageOutcome> {
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
