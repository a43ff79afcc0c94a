/** `wombat release unquarantine`. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { CliFailure } from '../failure.ts';
import { ofBlueprint, withExamples, withYes } from '../options.ts';
import type { Quarantine } from '../../model/rollout.ts';
import type { YesOptions } from '../options.ts';
import type { World } from '../world.ts';

interface UnquarantineOptions extends YesOptions {
  readonly blueprint?: string;
}

/** Lets a version that failed be applied again. */
export function releaseUnquarantineCommand(world: World): Command {
  const command = withYes(new Command('unquarantine'))
    .description('let a version that was rolled back be applied again')
    .argument('<release>', 'a digest, or name@version')
    .option('-b, --blueprint <name>', 'only there; in every blueprint when absent');
  withExamples(command, [['wombat release unquarantine ants@2.0.0 -b ants -y', 'what was wrong was not the release']]);
  return command.action((reference: string, options: UnquarantineOptions) => unquarantine(world, reference, options));
}

async function unquarantine(world: World, reference: string, { blueprint, yes }: UnquarantineOptions): Promise<void> {
  const client = await world.connect();
  const all = await client.releases.quarantine(ofBlueprint(blueprint), world.signal).all();
  const mine = all.filter(({ release, digest }) => reference === release || reference === digest);
  if (mine.length === 0)
    throw new CliFailure('not-found', 'no version of it is in quarantine', {
      object: `release ${reference}`,
      next: 'wombat release list',
    });
  world.terminal.note(...mine.map(quarantineWords));
  if (!(await confirmed(world, 'Let it be applied again?', yes === true))) return;
  for (const name of new Set(mine.map((one) => one.blueprint)))
    await client.releases.unquarantine(name, reference, world.signal);
  world.terminal.print(`${reference} is not in quarantine any more`);
}

/** Where, since when and why. */
export function quarantineWords({ blueprint, family, revision, why }: Quarantine): string {
  return `${blueprint}/${family}, as of revision ${revision}: ${why}`;
}
