/**
 * The node is launched and its first answer awaited. That it is to be launched is on record before (I1), and the host
 * itself makes sure that it runs once (I2): whoever comes back here after a crash finds it running.
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import { cookieSecretName } from '../../model/secret.ts';
import { awaitingBootstrap } from '../../model/node.ts';
import type { NodeSpecification, ProcessIdentity } from '../../model/node.ts';
import { become, elapsedMs, hostOf, nodeEvent, now, sameProcess } from './stage.ts';
import { fail } from './failed.ts';
import type { Pass, Stage, StageOutcome } from './stage.ts';

/** the first look at a release whose starts nobody has seen here; later ones come after most of the usual time */
const firstLookMs = 250;
const usualShare = 0.75;
const lookMs = 100;
/** the same for one that is asked by a command, which costs its host a process or two */
const commandLookMs = 500;
/** how long a silent node is believed to be booting before its host is asked whether its process is still there */
const patienceMs = 1_500;

/** Launches, then looks until the node answers, has died, or has taken too long. */
export const starting: Stage<'starting'> = async (pass) => {
  const { process } = pass.node.state;
  if (pass.machine === undefined || pass.machine.state.phase !== 'ready') {
    return become(pass, { phase: 'waiting', why: 'for its machine' });
  }
  pass.world.hosts.takeStartSlot(pass.machine, pass.node.id);
  return process === null ? launch(pass) : look(pass, process);
};

async function launch(pass: Pass<'starting'>): Promise<StageOutcome> {
  const { world, node, signal } = pass;
  const release = await world.store.get('release', node.specification.digest);
  if (release === undefined) return fail(pass, `release ${node.specification.digest} is not in the store any more`, []);
  const cookie = await world.store.secrets.get(cookieSecretName(node.blueprint, node.specification.component));
  const host = await hostOf(pass);
  const order = { id: node.id, name: node.name, placement: node.placement, specification: node.specification };
  const started = await host?.start({ ...order, inspection: release.value.inspection, cookie }, signal);
  if (started === undefined) return again(lookMs, 'its host is not there yet');
  if (started.outcome === 'refused') return refused(pass, started.why, started.log);
  const leftOut = `${started.stripped.join(', ')}: Wombat sets names, cookies and supervision itself`;
  const event = nodeEvent(node, { level: 'warning', what: 'settings left out', words: leftOut });
  const { asStarted: _, ...rest } = node;
  return {
    outcome: 'become',
    node: {
      ...rest,
      startedGeneration: node.generation,
      state: { phase: 'starting', since: now(pass), process: started.process },
    },
    event: started.stripped.length > 0 ? event : null,
  };
}

function refused(pass: Pass<'starting'>, why: string, log: readonly string[]): Promise<StageOutcome> {
  if (pass.machine !== undefined) pass.world.hosts.forgetReleases(pass.machine);
  return fail(pass, why, log);
}

async function look(pass: Pass<'starting'>, process: ProcessIdentity): Promise<StageOutcome> {
  const { world, node, signal } = pass;
  const waitedMs = elapsedMs(pass, node.state.since);
  const firstMs = Math.min(
    patienceMs,
    usualShare * (world.memory.bootMs.get(bootKey(pass)) ?? firstLookMs / usualShare),
  );
  if (waitedMs < firstMs) return again(firstMs - waitedMs, 'it is booting');
  let words = '';
  try {
    if (await world.cluster.answers(node, signal)) return answered(pass, process);
  } catch (error) {
    if (signal.aborted) throw error;
    words = wordsOf(error);
    if (error instanceof Fault && hopeless(node.specification).includes(error.code)) {
      return fail(pass, wordsOf(error));
    }
  }
  return waitedMs < patienceMs ? again(pauseOf(pass), 'it is booting') : stillThere(pass, process, words);
}

/**
 * What time does not mend: another node answers there, or refuses our cookie. What a start command begins with is its own
 * business: RabbitMQ has another node of its own on the port for a moment.
 */
function hopeless({ commands }: NodeSpecification): readonly string[] {
  return commands === undefined ? ['denied', 'not-found', 'conflict', 'exists'] : ['denied'];
}

function bootKey({ node }: Pass<'starting'>): string {
  return `${node.placement.machine} ${node.specification.digest}`;
}

/** Half of what was known, half of what was seen: the machine is busy at one time and idle at another. */
function remember(pass: Pass<'starting'>): void {
  const { bootMs } = pass.world.memory;
  const seen = elapsedMs(pass, pass.node.state.since);
  bootMs.set(bootKey(pass), ((bootMs.get(bootKey(pass)) ?? seen) + seen) / 2);
}

function answered(pass: Pass<'starting'>, process: ProcessIdentity): StageOutcome {
  const { world, node } = pass;
  remember(pass);
  world.memory.seen.set(node.id, process);
  world.hosts.freeStartSlot(node.placement.machine, node.id);
  const words = `pid ${process.pid} on ${node.placement.advertised}`;
  return become(
    pass,
    { phase: 'started', since: now(pass), process, why: awaitingBootstrap },
    { what: 'started', words },
  );
}

/** Silent for longer than usual: is its process alive? */
async function stillThere(pass: Pass<'starting'>, process: ProcessIdentity, words: string): Promise<StageOutcome> {
  if (pass.machine === undefined) return again(lookMs, 'its machine is gone');
  const state = await pass.world.hosts.state(pass.machine, 500);
  const hosted = state.nodes.find((one) => one.id === pass.node.id)?.process ?? null;
  if (!sameProcess(hosted, process)) return fail(pass, 'it ended while it was booting');
  const { bootSeconds } = pass.node.specification;
  const late = elapsedMs(pass, pass.node.state.since) > bootSeconds * 1_000;
  if (late) return fail(pass, `it did not answer within ${bootSeconds} s of its start${words && `: ${words}`}`);
  return again(pauseOf(pass), 'it is booting');
}

function pauseOf({ node }: Pass<'starting'>): number {
  return typeof node.specification.commands?.probe === 'string' ? commandLookMs : lookMs;
}
