/** `wombat secret rotate-cookie`. */
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput, withStay } from '../options.ts';
import { showObject } from '../output.ts';
import { lastEvent } from '../settle.ts';
import { rotated } from '../rotated.ts';
import type { OutputOptions, StayOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RotateOptions extends OutputOptions, StayOptions {
  readonly family?: string;
}

/** Ends well when every node has the new cookie, refuses the old one, and the mesh is proven. */
export function secretRotateCookieCommand(world: World): Command {
  const command = withOutput(new Command('rotate-cookie'))
    .description('replace the cookie of running nodes, without a restart')
    .argument('<blueprint>')
    .option('--family <name>', 'only of the families that are linked with this one');
  withStay(command, 'every node has the new one and refuses the old one');
  withExamples(command, [
    ['wombat secret rotate-cookie ants', 'of all its nodes'],
    ['wombat secret rotate-cookie ants --no-wait', 'and look later: wombat secret list'],
  ]);
  return command.action((blueprint: string, options: RotateOptions) => rotate(world, blueprint, options));
}

async function rotate(world: World, blueprint: string, options: RotateOptions): Promise<void> {
  const client = await world.connect();
  const after = await lastEvent(client, world.signal);
  const request = options.family === undefined ? {} : { family: options.family };
  const rotations = await client.blueprints.rotateCookie(blueprint, request, world.signal);
  const secrets = rotations.map(({ secret }) => secret);
  if (!options.wait) {
    const line = `${blueprint}: its cookie is being replaced. See how far it is with: wombat secret list`;
    showObject(world.terminal, options.output, rotations, { name: blueprint, lines: () => [line] });
    return;
  }
  const left = await rotated(world, client, secrets, options.timeout);
  if (left !== undefined)
    throw new CliFailure('timeout', `the cookie is not replaced yet: ${left.words}`, {
      object: blueprint,
      next: 'it goes on by itself: wombat secret list',
    });
  const events = await client.events.list({ after, blueprint }, world.signal).all();
  const told = events.filter(({ what }) => what === 'cookie rotated').map(({ words }) => words);
  showObject(world.terminal, options.output, { blueprint, told }, { name: blueprint, lines: () => told });
}
