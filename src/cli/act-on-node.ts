/** Start, stop, restart and terminate: records the wish, and stays until the node is as wished. */
import { Command } from 'commander';
import { confirmed, detachedWords, statusPage } from './apply-blueprint.ts';
import { actOnNodes } from './act-on-nodes.ts';
import { judgeOperation } from './convergence.ts';
import { CliFailure } from './failure.ts';
import { findNode } from './find-node.ts';
import { blueprintSubject, follow } from './follow.ts';
import { failedNodeLines, shortName } from './node-text.ts';
import { beginning, withBlueprint, withExamples, withOutput, withWait, withYes } from './options.ts';
import { showObject } from './output.ts';
import { lastEvent } from './settle.ts';
import type { Client } from '../client/client.ts';
import type { BlueprintStatus, NodeAct, NodeActed } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { BlueprintOptions, OutputOptions, WaitOptions, YesOptions } from './options.ts';
import type { World } from './world.ts';

/** What is given with every act. */
export type ActOptions = BlueprintOptions &
  OutputOptions &
  WaitOptions &
  YesOptions & { readonly family?: string; readonly host?: string };

/** How one act is described and when it is done. */
export interface NodeCommand {
  readonly act: NodeAct;
  readonly description: string;
  /** `until …` of the help */
  readonly until: string;
  /** `stopped`, for the last line */
  readonly past: string;
  readonly examples: readonly (readonly [string, string])[];
  /** asked before it is done; not asked when absent */
  readonly question?: string;
  /** whether the node (undefined: gone) is as wished; `wished` is the node with the wish recorded */
  done(node: Node | undefined, wished: Node): boolean;
}

/** The command for one act. */
export function nodeActCommand(world: World, how: NodeCommand): Command {
  const command = withOutput(withBlueprint(new Command(how.act), 'the blueprint that the node is of'))
    .description(how.description)
    .argument('[nodes...]', 'ids, Erlang names, or family-ordinal')
    .option('--family <family>', 'all nodes of this family')
    .option('--host <host>', 'all nodes of this host: its address, or the token of its machine');
  if (how.question !== undefined) withYes(command);
  withWait(command, how.until);
  withExamples(command, how.examples);
  return command.action((references: readonly string[], options: ActOptions) => {
    refuseUnclear(how, references, options);
    const [reference, ...others] = references;
    if (reference === undefined || others.length > 0) return actOnNodes(world, how, references, options);
    return actOnNode(world, how, reference, options);
  });
}

/** Nodes are named or selected: to do something to all there are, one must name a blueprint, a family or a host. */
function refuseUnclear({ act }: NodeCommand, references: readonly string[], options: ActOptions): void {
  const { family, host, blueprint } = options;
  const selects = family !== undefined || host !== undefined;
  if (references.length > 0 ? !selects : selects || blueprint !== undefined) return;
  const sentence = references.length > 0 ? 'give names, or --family and --host, not both' : 'which nodes?';
  throw new CliFailure('invalid', sentence, {
    object: `node ${act}`,
    next: `name them, or select them with --family, --host or -b: wombat node ${act} --help`,
  });
}

async function actOnNode(world: World, how: NodeCommand, reference: string, options: ActOptions): Promise<void> {
  const client = await world.connect();
  const node = await findNode(client, reference, options, world.signal);
  if (how.question !== undefined && !(await confirmed(world, `${how.question} ${node.name}?`, options.yes === true)))
    return;
  const after = await lastEvent(client, world.signal);
  const wished = await client.nodes.act(node.id, how.act, beginning(world, options));
  if (options.wait) await untilDone(world, client, how, { wished, after, options });
  const line = options.wait ? `${node.name} ${how.past}` : `${node.name}: ${how.act} is recorded`;
  const result = { node: node.id, name: node.name, act: how.act, done: options.wait };
  showObject(world.terminal, options.output, result, { name: node.name, lines: () => [line] });
}

interface Wish {
  readonly wished: NodeActed;
  readonly after: number;
  readonly options: ActOptions;
}

async function untilDone(world: World, client: Client, how: NodeCommand, wish: Wish): Promise<void> {
  const { wished, after, options } = wish;
  const pursuit = {
    subject: blueprintSubject(world, client, wished.blueprint, wished.operation),
    blueprint: wished.blueprint,
    title: `${how.act} ${wished.name}`,
    after,
    timeoutMs: options.timeout,
    ndjson: options.output === 'ndjson',
    detached: detachedWords(wished.blueprint, wished.operation),
  };
  await follow(world, client, pursuit, {
    decide(sight): true | undefined {
      const { status } = sight;
      const node = status?.nodes.find((each) => each.id === wished.id);
      if (how.done(node, wished)) return true;
      if (node?.state.phase === 'failed' && node.failures > 1) throw failed(world, how, node);
      const ended = judgeOperation(sight, statusPage(world));
      if (ended instanceof Error) throw ended;
      return undefined;
    },
    late: (last) => late(world, how, wished, last?.status),
  });
}

function failed(world: World, how: NodeCommand, node: Node): CliFailure {
  return new CliFailure('not-converged', `${how.act} failed`, {
    object: node.name,
    lines: failedNodeLines(node, statusPage(world), world.clock.now()),
    next: `wombat node logs ${shortName(node)} -b ${node.blueprint}`,
  });
}

function late(world: World, how: NodeCommand, wished: Node, last: BlueprintStatus | undefined): CliFailure {
  const node = last?.nodes.find((each) => each.id === wished.id);
  if (node?.state.phase === 'failed') return failed(world, how, node);
  return new CliFailure('timeout', `not ${how.past} in time: it is ${node?.state.phase ?? 'not heard of'}`, {
    object: wished.name,
    next: `wombat node show ${shortName(wished)} -b ${wished.blueprint}`,
  });
}
