/** Which node a person means: by its id, its Erlang name, or `family-ordinal` where only one is called so. */
import { CliFailure } from './failure.ts';
import { shortName } from './node-text.ts';
import type { Client } from '../client/client.ts';
import type { Node } from '../model/node.ts';
import { ofBlueprint } from './options.ts';
import type { BlueprintOptions } from './options.ts';

/** Help for the argument of every command that takes a node. */
export const nodeArgument = ['<node>', 'an id, an Erlang name, or family-ordinal'] as const;

/** How many nodes an error names. */
const namedAtMost = 8;

/** The node meant. CliFailure not-found, or invalid when several are called so. */
export async function findNode(
  client: Client,
  reference: string,
  { blueprint }: BlueprintOptions,
  signal: AbortSignal,
): Promise<Node> {
  return nodeCalled(reference, await client.nodes.list(ofBlueprint(blueprint), signal).all());
}

/** The one of these nodes that is called so. CliFailure not-found, or invalid when several are. */
export function nodeCalled(reference: string, nodes: readonly Node[]): Node {
  const found = nodes.filter((node) => [node.id, node.name, shortName(node)].includes(reference));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw only === undefined ? noNode(reference, nodes) : severalNodes(reference, found);
}

function noNode(reference: string, nodes: readonly Node[]): CliFailure {
  const family = reference.replace(/[-@].*$/, '');
  const siblings = nodes.filter((node) => node.family === family);
  const named = siblings.slice(0, namedAtMost).map(shortName).join(', ');
  const isAll = siblings.length <= namedAtMost;
  const next =
    siblings.length === 0 ? 'wombat node list' : `name one of ${named}${isAll ? '' : ' … (wombat node list)'}`;
  return new CliFailure('not-found', 'there is no such node', { object: `node ${reference}`, next });
}

function severalNodes(reference: string, found: readonly Node[]): CliFailure {
  const [first] = found;
  return new CliFailure('invalid', 'is the name of several nodes', {
    object: `node ${reference}`,
    lines: found.map((node) => `  ${node.id}  ${node.name}  of ${node.blueprint}`),
    next: `name the blueprint with -b ${first?.blueprint ?? 'NAME'}, or the node by its id`,
  });
}
