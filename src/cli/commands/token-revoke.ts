/** `wombat token revoke`. */
import { Command } from 'commander';
import { withExamples } from '../options.ts';
import type { World } from '../world.ts';

/** Does not ask: whoever revokes a token that leaked is in a hurry, and a new one is made in a second. */
export function tokenRevokeCommand(world: World): Command {
  const command = new Command('revoke').description('refuse a token from now on').argument('<name>');
  withExamples(command, [['wombat token revoke ci', 'whoever holds it is refused at the next request']]);
  return command.action(async (name: string) => {
    const client = await world.connect();
    await client.tokens.revoke(name, world.signal);
    world.terminal.print(`token ${name} is revoked`);
  });
}
