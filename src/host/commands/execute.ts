/** A user's command beside a node: in its folder, with its environment, so that the release's own tools find it. */
import type { Command } from '../../base/shell.ts';
import { Fault } from '../../base/fault.ts';
import { quote } from '../../base/quote.ts';
import { nodeFolder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { enter } from './prelude.ts';

/** A hook may move data; its caller's signal ends it sooner. */
const longestMs = 600_000;

/** What is run beside a node. */
export interface Execution {
  readonly id: string;
  readonly command: string;
  /** become environment variables of the command */
  readonly variables: Readonly<Record<string, string>>;
}

/** What the script says on standard error, which is its own: the command's goes with its other output. */
export const noNodeHere = 'no such node';

/** Both outputs come as one; the variables and the command's text travel by standard input. */
export function executeBeside(layout: Layout, { id, command, variables }: Execution): Command {
  const exports = Object.entries(variables).map(([name, value]) => `export ${variableName(name)}=${quote(value)}`);
  const absent = `echo '${noNodeHere}' >&2; exit 1`;
  const script = `${enter(layout, absent)}
cd ${nodeFolder(id)} 2>/dev/null && read -r digest <digest && [ -f env ] || { ${absent}; }
input=$(cat)
set -- "$PWD" "$D/releases/\${digest%%:*}-\${digest#*:}"
. "$1/env"; eval "$input"
exec sh -c "$command" </dev/null 2>&1`;
  const input = [`command=${quote(command)}`, ...exports].join('\n');
  return { script, input: Buffer.from(input), timeoutMs: longestMs, what: `run a command beside node ${id}` };
}

function variableName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new Fault('invalid', `${JSON.stringify(name)} is no name of an environment variable`);
}
