/**
 * How a node is launched that is run by declared commands: its own start command, in its own folder, with an environment
 * that says who and where it is. What it makes of that is its own business; its cookie lies in its HOME like any node's.
 */
import { quote } from '../base/quote.ts';
import type { DeclaredCommands } from '../model/commands.ts';
import type { NodeOrder } from './host.ts';
import type { Launch } from './launch.ts';
import { emulatorVariables, familyVariables } from './launch-environment.ts';

/** The shell texts for an order that is run by commands. */
export function commandLaunch(order: NodeOrder, commands: DeclaredCommands): Launch {
  const own = ownVariables(order);
  const { free, colliding } = familyVariables(order, new Set([...own.keys(), 'PATH']));
  const lines = [...free, ...[...own].map(([name, value]) => `export ${name}=${value}`)];
  return {
    environment: `${lines.join('\n')}\n`,
    exec: `exec sh -c ${quote(commands.start)}\n`,
    stripped: colliding,
  };
}

function ownVariables({ name, placement, specification, inspection }: NodeOrder): ReadonlyMap<string, string> {
  return new Map<string, string>([
    ['HOME', '"$1"'],
    ['NODE_NAME', quote(name)],
    ['NODE_ADDRESS', quote(placement.advertised)],
    ['NODE_LISTEN', quote(placement.listen)],
    ['NODE_PORT', String(placement.port)],
    ['NODE_CORES', String(placement.cores)],
    ['RELEASE_ROOT', '"$2"'],
    ['RELEASE_NAME', quote(inspection.name)],
    ['RELEASE_VSN', quote(inspection.version)],
    ['RELEASE_TMP', '"$1/tmp"'],
    ...emulatorVariables(specification),
  ]);
}
