/** `wombat provider rotate-key`. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput, withStay } from '../options.ts';
import { showObject } from '../output.ts';
import { readText } from '../read-text.ts';
import { rotated } from '../rotated.ts';
import type { Rotation } from '../../model/rotation.ts';
import type { OutputOptions, StayOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RotateOptions extends OutputOptions, StayOptions {
  readonly key?: string;
}

/** Ends well when every machine lets the new key in and refuses the old one. */
export function providerRotateKeyCommand(world: World): Command {
  const command = withOutput(new Command('rotate-key'))
    .description('replace the SSH key by which machines are entered by another')
    .argument('<name>')
    .option('--key <file>', 'the new private key; where Wombat made the present one, it makes another without this');
  withStay(command, 'every machine lets the new one in and refuses the old one');
  withExamples(command, [
    ['wombat provider rotate-key aws', 'of machines that a cloud made'],
    ["ssh-keygen -t ed25519 -N '' -f new.key", 'for hosts of yours, first make one'],
    ['wombat provider rotate-key lab --key new.key', 'then put it where the blueprint says, for the next apply'],
  ]);
  return command.action((name: string, options: RotateOptions) => rotate(world, name, options));
}

async function rotate(world: World, name: string, { key, ...options }: RotateOptions): Promise<void> {
  const value = key === undefined ? undefined : await readText(resolve(world.environment.workingDirectory, key));
  const client = await world.connect();
  const rotation = await client.providers.rotateKey(name, value, world.signal);
  const left = options.wait ? await rotated(world, client, [rotation.secret], options.timeout) : undefined;
  if (left !== undefined)
    throw new CliFailure('timeout', `the key is not replaced everywhere yet: ${left.words}`, {
      object: `provider ${name}`,
      next: 'it goes on by itself, and remembers the old key for machines that cannot be reached: wombat secret list',
      lines: lackingOf(left),
    });
  const line = options.wait
    ? `${name}: every machine lets the new key in and refuses the old one`
    : `${name}: the key is being replaced. See how far it is with: wombat secret list`;
  showObject(world.terminal, options.output, rotation, { name, lines: () => [line] });
  const reference = / (secret:.*)$/.exec(rotation.secret)?.[1];
  if (reference !== undefined) world.terminal.note(`the next apply reads ${reference} again: put the new key there`);
}

/** Who lacks it, one a line. */
function lackingOf(rotation: Rotation): string[] {
  const lacking = rotation.what === 'ssh key' ? (rotation.lacking ?? []) : [];
  return lacking.map(({ where, why }) => `${where}: ${why}`);
}
