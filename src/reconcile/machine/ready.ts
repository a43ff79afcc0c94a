/**
 * A machine that answers is looked at now and then, all its nodes in one exchange. One that does not is out of reach
 * first and lost after a while, which gives its nodes back to the plan; when it comes back, what ran on runs on (I5).
 */
import { wordsOf } from '../../base/fault.ts';
import { skewWords } from '../../base/clock-skew.ts';
import { again } from '../../base/outcome.ts';
import type { MachineWarning } from '../../model/machine.ts';
import { heldByProvider, sinceHeldMs } from '../repair-brake.ts';
import { nodesOn } from '../nodes-on.ts';
import { isUnentered } from './first-boot.ts';
import { sighted } from './sighting.ts';
import { becomeMachine, machineEvent, msSince, nowOf } from './stage.ts';
import type { AnyMachinePass, MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const periodMs = 10_000;
const unreachableLookMs = 2_000;
/** one that would be given up, and is not because so many are out of reach, is looked at so often */
const heldLookMs = 5_000;
const lostAfterSecondsDefault = 60;

/** Looks at the host; out of reach at the first failure. */
export const ready: MachineStage<'ready'> = async (pass) => {
  const why = await unanswered(pass);
  if (why === null) return (await warned(pass)) ?? again(periodMs, 'it is looked at now and then');
  await wakeOthers(pass);
  return becomeMachine(
    pass,
    { state: { phase: 'unreachable', since: nowOf(pass), why } },
    { level: 'warning', what: 'unreachable', words: why },
  );
};

/** Whether it is this one only is soon to be known: where machines are given up early, the others are looked at now. */
async function wakeOthers({ world, machine, domain }: MachinePass<'ready'>): Promise<void> {
  if ((domain.definition.lostAfterSeconds ?? lostAfterSecondsDefault) >= lostAfterSecondsDefault) return;
  for (const { key, value } of await world.store.list('machine'))
    if (value.provider === machine.provider && value.state.phase === 'ready' && key !== machine.token)
      world.wake.machine(key);
}

/** Ready again when it answers; lost when it has not for as long as its domain allows. */
export const unreachable: MachineStage<'unreachable'> = async (pass) => {
  const why = await unanswered(pass);
  if (why === null) return back(pass);
  // it is gone for good where its provider says so, and perhaps only somewhere else
  const news = await sighted(pass);
  if (news !== null) return news;
  const allowedMs = (pass.domain.definition.lostAfterSeconds ?? lostAfterSecondsDefault) * 1_000;
  const outMs = msSince(pass, pass.machine.state.since);
  if (outMs < allowedMs) return again(Math.min(unreachableLookMs, allowedMs - outMs), why);
  const held = await heldByProvider(pass.world, pass.machine, pass.provider);
  if (held !== null) return again(heldLookMs, `${why}; ${held}`);
  // the time in which none could be reached is held against none
  const leftMs = allowedMs - sinceHeldMs(pass.world, pass.provider.name);
  if (leftMs > 0) return again(Math.min(unreachableLookMs, leftMs), why);
  const words = `out of reach for ${Math.round(outMs / 1_000)} s: ${why}`;
  return becomeMachine(
    pass,
    { state: { phase: 'lost', since: nowOf(pass), why: words } },
    { level: 'error', what: 'lost', words },
  );
};

/** A lost machine that answers again is ready again; the plan decides what becomes of what is on it. */
export const lost: MachineStage<'lost'> = async (pass) => {
  const { access, state } = pass.machine;
  if (access === null || (await isUnentered(pass))) return again(periodMs, state.why);
  const why = await unanswered(pass);
  return why === null ? back(pass) : again(periodMs, why);
};

function back(pass: MachinePass<'unreachable'> | MachinePass<'lost'>): MachineOutcome {
  const words = `answers again after ${Math.round(msSince(pass, pass.machine.state.since) / 1_000)} s`;
  return becomeMachine(pass, { state: { phase: 'ready', since: nowOf(pass) } }, { what: 'ready', words });
}

/** Why it does not answer; null when it does. What is found on it wakes the nodes concerned. */
async function unanswered(pass: AnyMachinePass): Promise<string | null> {
  const { world, machine, signal } = pass;
  try {
    const state = await world.hosts.state(machine, 500);
    const running = new Set(state.nodes.filter((node) => node.process !== null).map((node) => node.id));
    await wakeMissing(pass, running);
    return null;
  } catch (error) {
    if (signal.aborted) throw error;
    return wordsOf(error);
  }
}

/** What works there and is not as it should be, on record; each warning is told when it appears. Null when nothing changed. */
async function warned(pass: MachinePass<'ready'>): Promise<MachineOutcome | null> {
  const { world, machine } = pass;
  const warnings = await warningsOf(pass);
  const before = machine.warnings ?? [];
  const isKnown = (one: MachineWarning, among: readonly MachineWarning[]) =>
    among.some(({ what }) => what === one.what);
  const fresh = warnings.filter((one) => !isKnown(one, before));
  const gone = before.filter((one) => !isKnown(one, warnings));
  if (fresh.length + gone.length === 0) return null;
  const told = [
    ...fresh.map(({ what, words }) => machineEvent(machine, { level: 'warning', what, words })),
    ...gone.map(({ what, words }) =>
      machineEvent(machine, { what: `${what} no more`, words: `not any more: ${words}` }),
    ),
  ];
  await world.store.commit([], told);
  return becomeMachine(pass, { warnings });
}

async function warningsOf({ world, machine }: MachinePass<'ready'>): Promise<MachineWarning[]> {
  const { epmd, unsupervised: why } = await world.hosts.state(machine, periodMs);
  const skew = skewWords(world.hosts.skewMs(machine.token));
  return [
    ...(epmd.exposed ? [{ what: 'exposed', words: exposed }] : []),
    ...(why === null ? [] : [{ what: 'unsupervised', words: unsupervised(why) }]),
    ...(skew === null ? [] : [{ what: 'clock', words: skew }]),
  ];
}

/** An epmd that listens on all interfaces tells strangers which nodes there are. */
const exposed = 'its epmd listens on all interfaces, and is not ours: bind it with ERL_EPMD_ADDRESS, or close its port';

function unsupervised(why: string): string {
  return `a boot of this host does not start its nodes before the control plane sees them missing: ${why}`;
}

/** Nodes that are recorded as running there and are not: whoever lost them has to look. */
async function wakeMissing({ world, machine }: AnyMachinePass, running: ReadonlySet<string>): Promise<void> {
  for (const { value } of await nodesOn(world.store, machine.token)) {
    const here = value.state.phase === 'started' || value.state.phase === 'running';
    if (!here || running.has(value.id)) continue;
    // that it has answered for a proof a moment ago says nothing now
    world.memory.proven.delete(value.blueprint);
    world.wake.node(value.id);
  }
}
