/** One act on many nodes, named or selected: one request, then a wait for each of them, and a line each. */
import { confirmed } from './apply-blueprint.ts';
import { showFates } from './bulk.ts';
import type { Fate } from './bulk.ts';
import { CliFailure } from './failure.ts';
import { nodeCalled } from './find-node.ts';
import { blueprintSubject, follow } from './follow.ts';
import { shortName } from './node-text.ts';
import { beginning, ofBlueprint } from './options.ts';
import { lastEvent } from './settle.ts';
import { counted } from './text.ts';
import type { Client } from '../client/client.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { Problem } from '../model/problem.ts';
import type { ActOptions, NodeCommand } from './act-on-node.ts';
import type { World } from './world.ts';

/** A node, the wish, and what became of it: undefined while it is on its way. */
interface Wish {
  readonly before: Node;
  wished: Node;
  problem?: Problem | null;
}

/** Asks for the act on all of them. CliFailure by the worst of what went wrong. */
export async function actOnNodes(
  world: World,
  how: NodeCommand,
  references: readonly string[],
  options: ActOptions,
): Promise<void> {
  const client = await world.connect();
  const nodes = await meant(world, client, references, options);
  const question = `${how.question ?? ''} ${counted(nodes.length, 'node')} (${nodes.map(({ name }) => name).join(', ')})?`;
  if (how.question !== undefined && !(await confirmed(world, question, options.yes === true))) return;
  const after = await lastEvent(client, world.signal);
  const wishes = await wish(world, client, how, { nodes, options });
  if (options.wait) await untilDone(world, client, how, { wishes, after, options });
  const done = options.wait ? how.past : `: ${how.act} is recorded`;
  const fates = wishes.map(({ before, problem = null }): Fate => ({ name: before.name, done, problem }));
  showFates(world, options.output, 'node', fates);
}

/** The nodes that are meant. CliFailure for a name that is none, or of several. */
async function meant(
  world: World,
  client: Client,
  references: readonly string[],
  { blueprint, family, host }: ActOptions,
): Promise<readonly Node[]> {
  const all = await client.nodes.list(ofBlueprint(blueprint), world.signal).all();
  if (references.length > 0) return [...new Set(references.map((reference) => nodeCalled(reference, all)))];
  const isMeant = ({ family: own, placement, desired }: Node) =>
    desired !== 'removed' &&
    (family === undefined || own === family) &&
    (host === undefined || placement.advertised === host || placement.machine === host);
  const found = all.filter(isMeant);
  if (found.length > 0) return found;
  throw new CliFailure('not-found', 'there is no such node', {
    object: [family && `family ${family}`, host && `host ${host}`].filter(Boolean).join(', '),
    next: 'wombat node list',
  });
}

/** Has the wishes recorded, and looks how they are. */
async function wish(
  world: World,
  client: Client,
  { act }: NodeCommand,
  { nodes, options }: { readonly nodes: readonly Node[]; readonly options: ActOptions },
): Promise<Wish[]> {
  const asked = { act, nodes: nodes.map(({ id }) => id) };
  const { outcomes } = await client.nodes.actOnEach(asked, beginning(world, options));
  const problems = new Map(outcomes.map(({ object, problem }) => [object, problem]));
  const now = new Map(
    (await client.nodes.list(ofBlueprint(options.blueprint), world.signal).all()).map((node) => [node.id, node]),
  );
  return nodes.map((before) => {
    const problem = problems.get(before.id);
    return {
      before,
      wished: now.get(before.id) ?? before,
      ...(problem === undefined || problem === null ? {} : { problem }),
    };
  });
}

interface Pursued {
  readonly wishes: readonly Wish[];
  readonly after: number;
  readonly options: ActOptions;
}

/** Blueprint after blueprint; what is done in the second meanwhile is found done. */
async function untilDone(world: World, client: Client, how: NodeCommand, pursued: Pursued): Promise<void> {
  const deadline = world.clock.monotonic() + pursued.options.timeout;
  const byBlueprint = Map.groupBy(pursued.wishes, ({ before }) => before.blueprint);
  for (const [blueprint, wishes] of byBlueprint) {
    const timeoutMs = Math.max(0, deadline - world.clock.monotonic());
    await untilDoneIn(world, client, how, { ...pursued, blueprint, wishes, timeoutMs });
  }
}

async function untilDoneIn(
  world: World,
  client: Client,
  how: NodeCommand,
  {
    blueprint,
    wishes,
    timeoutMs,
    after,
    options,
  }: Pursued & { readonly blueprint: string; readonly timeoutMs: number },
): Promise<void> {
  const late = new CliFailure('timeout', `not ${how.past} in time`, { object: blueprint });
  const pursuit = {
    ...{ subject: blueprintSubject(world, client, blueprint), blueprint, timeoutMs, after },
    title: `${how.act} ${counted(wishes.length, 'node')} of ${blueprint}`,
    ndjson: options.output === 'ndjson',
    detached: `detached; the control plane goes on. See: wombat op list -b ${blueprint}`,
  };
  try {
    await follow(world, client, pursuit, {
      decide: ({ status }): true | undefined => (isOver(how, wishes, status) ? true : undefined),
      late: () => late,
    });
  } catch (error) {
    if (error !== late) throw error;
    for (const one of wishes)
      one.problem ??= problemOf('timeout', one, `is not ${how.past.replace(/^is /, '')} in time`);
  }
}

/** Notes what became of each by now, and says whether that is so of all. */
function isOver(how: NodeCommand, wishes: readonly Wish[], status: BlueprintStatus | undefined): boolean {
  const nodes = new Map(status?.nodes.map((node) => [node.id, node]));
  for (const one of wishes.filter(({ problem }) => problem === undefined)) {
    const node = nodes.get(one.before.id);
    if (how.done(node, one.wished)) one.problem = null;
    else if (node === undefined) one.problem = problemOf('not-found', one, 'is gone');
    else if (isTakenBack(node, one.wished))
      one.problem = problemOf('conflict', one, `is wanted as before: its ${how.act} was cancelled`);
    else if (node.state.phase === 'failed' && node.failures > 1)
      one.problem = problemOf('not-converged', one, node.state.why);
  }
  return wishes.every(({ problem }) => problem !== undefined);
}

/** Whether the wish is none any more: somebody has cancelled it. */
function isTakenBack(node: Node, wished: Node): boolean {
  return node.desired !== wished.desired || node.generation < wished.generation;
}

function problemOf(
  kind: 'timeout' | 'not-found' | 'not-converged' | 'conflict',
  { before }: Wish,
  words: string,
): Problem {
  const next = `wombat node logs ${shortName(before)} -b ${before.blueprint}`;
  return new CliFailure(kind, words, { object: before.name, next }).problem;
}
