/** `wombat token create`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { roles } from '../../model/access.ts';
import { readSeconds, withExamples, withOutput } from '../options.ts';
import { isForPeople, showObject } from '../output.ts';
import type { Role } from '../../model/access.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface TokenOptions extends OutputOptions {
  readonly role: Role;
  readonly blueprint?: string[];
  /** seconds */
  readonly expires?: number;
}

/** The value goes to standard output alone, so that it can be sent into a file; it is not told again. */
export function tokenCreateCommand(world: World): Command {
  const command = withOutput(new Command('create'))
    .description('make a token; its value is shown this once')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what it allows').choices(roles).makeOptionMandatory())
    .option('-b, --blueprint <name...>', 'for these blueprints only')
    .addOption(new Option('--expires <duration>', 'when it ends; never when absent').argParser(readLifetime));
  withExamples(command, [
    ['wombat token create ci --role operate -b ants --expires 30d >ci.token', 'for one blueprint, for thirty days'],
    ['wombat token create board --role read', 'to look at everything, until it is revoked'],
  ]);
  return command.action((name: string, options: TokenOptions) => create(world, name, options));
}

async function create(world: World, name: string, options: TokenOptions): Promise<void> {
  const { role, blueprint: blueprints = null, expires: expiresAfterSeconds = null, output } = options;
  const client = await world.connect();
  const made = await client.tokens.create({ name, role, blueprints, expiresAfterSeconds }, world.signal);
  showObject(world.terminal, output, made, { name, lines: () => [made.value] });
  if (!isForPeople(output)) return;
  const until = made.token.expiresAt === null ? 'until it is revoked' : `until ${made.token.expiresAt}`;
  world.terminal.note(`token ${name} (${role}) is made and holds ${until}; its value is not shown again`);
}

function readLifetime(text: string): number {
  const seconds = readSeconds(text);
  if (seconds < 1) throw new InvalidArgumentError('A duration looks like 12h or 30d.');
  return seconds;
}
