/**
 * A node is stopped: its drain hook, its planned leave when it is to go for good, `init:stop()`, and when its time is
 * up TERM and KILL. Every one of these may be repeated; none may keep the stop from ending (I3).
 */
import { wordsOf } from '../../base/fault.ts';
import { again, done } from '../../base/outcome.ts';
import { asStarted } from '../../model/node.ts';
import type { Node, ProcessIdentity } from '../../model/node.ts';
import { leave } from '../leave.ts';
import { become, elapsedMs, hostOf, nodeEvent, now } from './stage.ts';
import type { AnyPass, Pass, Stage, StageOutcome } from './stage.ts';

const lookMs = 150;
const killGraceMs = 2_000;
/** how old what is known of the host of a stopped node may be */
const stoppedLookMs = 5_000;

/** Asks once, looks until the process is gone, then goes on to what the node is meant to be. */
export const stopping: Stage<'stopping'> = async (pass) => {
  const { world, node, machine, signal } = pass;
  if (machine === undefined) return gone(pass);
  if (machine.state.phase === 'lost') return lostWithIt(pass);
  const state = await world.hosts.state(machine, lookMs / 2);
  const hosted = state.nodes.find((one) => one.id === node.id)?.process ?? null;
  if (hosted === null) return over(pass);
  if (elapsedMs(pass, node.state.since) < asStarted(node).specification.stopSeconds * 1_000) return ask(pass);
  const ended = await (await hostOf(pass))?.end(node.id, killGraceMs, signal);
  return ended === true ? gone(pass) : again(1_000, 'its process does not end');
};

/** What it left running goes too, and a boot of its host is kept from starting it. */
async function over(pass: Pass<'stopping'>): Promise<StageOutcome> {
  if (pass.node.desired !== 'stopped') return gone(pass);
  const ended = await (await hostOf(pass))?.end(pass.node.id, killGraceMs, pass.signal);
  return ended === true ? gone(pass) : again(1_000, 'what it left running does not end');
}

/**
 * Nobody can ask it any more: its survivors are told, and nothing is waited for. Its process may live all the same: one that
 * is to run again has it ended when its machine is back (waiting.ts).
 */
async function lostWithIt(pass: Pass<'stopping'>): Promise<StageOutcome> {
  const { world, node, signal } = pass;
  if (node.desired === 'removed') await leave(world, node, signal, { lost: true });
  if (node.desired !== 'running') return gone(pass);
  forget(pass);
  return become(pass, { phase: 'waiting', why: `for machine ${node.placement.advertised}` });
}

/** Hook, leave and `init:stop()`, as far as the node still answers; what fails is told and does not hold up the stop. */
async function ask(pass: Pass<'stopping'>): Promise<StageOutcome> {
  const { world, node, signal } = pass;
  if (asked(pass)) return again(lookMs, 'it is stopping');
  // what it is to run next says nothing of how the present process is stopped
  const present = asStarted(node);
  try {
    const hook = present.specification.beforeStop;
    if (hook !== null) await told(pass, 'drained', () => drained(pass, present, hook));
    if (node.desired === 'removed') await leave(world, node, signal);
    if (!(await world.cluster.stop(present, signal))) return await terminate(pass, present);
  } catch (error) {
    if (signal.aborted) throw error;
    world.log.info(
      { node: node.name, error: wordsOf(error) },
      'the node could not be asked to stop; it will be ended by force',
    );
    const ended = await (await hostOf(pass))?.end(node.id, killGraceMs, signal);
    if (ended === true) return gone(pass);
  }
  return again(lookMs, 'it is stopping');
}

/** Nobody declared how to ask: TERM, and KILL when its time is up. */
async function terminate(pass: Pass<'stopping'>, { id, specification }: Node): Promise<StageOutcome> {
  const ended = await (await hostOf(pass))?.end(id, specification.stopSeconds * 1_000, pass.signal);
  return ended === true ? gone(pass) : again(1_000, 'its process does not end');
}

/** Whether this stop was asked for before by this control plane: a repetition after a restart does no harm. */
function asked(pass: Pass<'stopping'>): boolean {
  const { stopsAsked } = pass.world.memory;
  const key = `${pass.node.id} ${pass.node.state.since}`;
  const before = stopsAsked.has(key);
  stopsAsked.add(key);
  return before;
}

/** A hook is an Erlang call: a node of commands that is none of Erlang's still has its own way to stop. */
async function drained(
  { world, signal }: Pass<'stopping'>,
  node: Node,
  hook: string,
): Promise<{ ok: boolean; words: string }> {
  try {
    return await world.cluster.call(node, hook, signal);
  } catch (error) {
    if (signal.aborted || node.specification.commands === undefined) throw error;
    return { ok: false, words: wordsOf(error) };
  }
}

async function told(pass: AnyPass, what: string, act: () => Promise<{ ok: boolean; words: string }>): Promise<void> {
  const answer = await act();
  const level = answer.ok ? 'info' : 'warning';
  await pass.world.store.commit(
    [],
    [nodeEvent(pass.node, { level, what: answer.ok ? what : `not ${what}`, words: answer.words })],
  );
}

/** The process is gone: what now depends on what the node is meant to be. */
function gone(pass: Pass<'stopping'>): StageOutcome {
  const { node } = pass;
  forget(pass);
  const since = now(pass);
  if (node.desired === 'removed') return become(pass, { phase: 'removing', since });
  if (node.desired === 'stopped')
    return become(pass, { phase: 'stopped', since }, { what: 'stopped', words: 'as asked' });
  return become(pass, { phase: 'installing', since });
}

function forget({ world, node }: Pass<'stopping'>): void {
  world.cluster.forget(node.id);
  world.memory.stopsAsked.delete(`${node.id} ${node.state.since}`);
  world.hosts.freeStartSlot(node.placement.machine, node.id);
}

/** A stopped node stays so until it is wanted again: one that was lost with its host may have been started by a boot. */
export const stopped: Stage<'stopped'> = async (pass) => {
  if (pass.node.desired === 'stopped') {
    const process = await foundRunning(pass);
    if (process === null) return done;
    return become(pass, { phase: 'stopping', since: now(pass), process }, { what: 'stopping', words: 'found running' });
  }
  if (pass.node.desired === 'removed') return become(pass, { phase: 'removing', since: now(pass) });
  return become(pass, { phase: 'waiting', why: 'for its turn' }, { what: 'starting', words: 'as asked' });
};

async function foundRunning({ world, node, machine }: Pass<'stopped'>): Promise<ProcessIdentity | null> {
  if (machine?.state.phase !== 'ready') return null;
  const state = await world.hosts.state(machine, stoppedLookMs);
  return state.nodes.find((one) => one.id === node.id)?.process ?? null;
}
