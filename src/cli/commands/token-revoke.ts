/** `wombat token revoke`. */
import { Command } from 'commander';
import { fatesOf, showFates } from '../bulk.ts';
import { withExamples, withOutput } from '../options.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Does not ask: whoever revokes a token that leaked is in a hurry, and a new one is made in a second. */
export function tokenRevokeCommand(world: World): Command {
  const command = withOutput(new Command('revoke')).description('refuse tokens from now on').argument('<names...>');
  withExamples(command, [
    ['wombat token revoke ci', 'whoever holds it is refused at the next request'],
    ['wombat token revoke ci board', 'several'],
  ]);
  return command.action(async (names: readonly string[], { output }: OutputOptions) => {
    const client = await world.connect();
    const answer = await client.tokens.revokeEach(names, world.signal);
    showFates(world, output, 'token', fatesOf(answer, 'is revoked'));
  });
}
