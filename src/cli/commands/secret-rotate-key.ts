/** `wombat secret rotate-key`. */
import { Command } from 'commander';
import { withExamples } from '../options.ts';
import type { World } from '../world.ts';

/** Another key file for the control plane; nothing else changes. */
export function secretRotateKeyCommand(world: World): Command {
  const command = new Command('rotate-key').description('seal all secrets with another key file');
  withExamples(command, [['wombat secret rotate-key', 'the key file was seen by somebody, or is old']]);
  return command.action(async () => {
    const client = await world.connect();
    await client.secrets.rotateKey(world.signal);
    world.terminal.print('all secrets are sealed with another key, in the same file');
    world.terminal.note('backups of before open with the key file of before: make a new one with wombat backup');
  });
}
