/** `wombat provider rotate-key`. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput, withStay } from '../options.ts';
import { showObject } from '../output.ts';
import { readText } from '../read-text.ts';
import { rotated } from '../rotated.ts';
import type { OutputOptions, StayOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RotateOptions extends OutputOptions, StayOptions {
  readonly key: string;
}

/** Ends well when every host lets the new key in and refuses the old one. */
export function providerRotateKeyCommand(world: World): Command {
  const command = withOutput(new Command('rotate-key'))
    .description('replace the SSH key of hosts by another')
    .argument('<name>')
    .requiredOption('--key <file>', 'the new private key');
  withStay(command, 'every host lets the new one in and refuses the old one');
  withExamples(command, [
    ["ssh-keygen -t ed25519 -N '' -f new.key", 'first make one'],
    ['wombat provider rotate-key lab --key new.key', 'then put it where the blueprint says, for the next apply'],
  ]);
  return command.action((name: string, options: RotateOptions) => rotate(world, name, options));
}

async function rotate(world: World, name: string, { key, ...options }: RotateOptions): Promise<void> {
  const value = await readText(resolve(world.environment.workingDirectory, key));
  const client = await world.connect();
  const rotation = await client.providers.rotateKey(name, value, world.signal);
  const left = options.wait ? await rotated(world, client, [rotation.secret], options.timeout) : undefined;
  if (left !== undefined)
    throw new CliFailure('timeout', `the key is not replaced everywhere yet: ${left.words}`, {
      object: `provider ${name}`,
      next: 'it goes on by itself, and remembers the old key for hosts that cannot be reached: wombat secret list',
    });
  const line = options.wait
    ? `${name}: every host lets the new key in and refuses the old one`
    : `${name}: the key is being replaced. See how far it is with: wombat secret list`;
  showObject(world.terminal, options.output, rotation, { name, lines: () => [line] });
  const [, reference = rotation.secret] = / (secret:.*)$/.exec(rotation.secret) ?? [];
  world.terminal.note(`the next apply reads ${reference} again: put the new key there`);
}
