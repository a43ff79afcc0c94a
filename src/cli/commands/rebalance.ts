/** `wombat rebalance`: which running nodes would be better off elsewhere, and what is gained; moves them when told to. */
import { Command, Option } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { onlyBlueprint } from '../only-blueprint.ts';
import { beginning, withExamples, withOutput, withWait, withYes } from '../options.ts';
import { showObject } from '../output.ts';
import { changesAnything, planLines } from '../plan-text.ts';
import { carryOut } from '../settle.ts';
import { shortageFailure } from '../shortage.ts';
import { notePage, outPage } from '../world.ts';
import { locationLevels } from '../../model/family.ts';
import type { LocationLevel } from '../../model/family.ts';
import type { OutputOptions, WaitOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RebalanceOptions extends OutputOptions, WaitOptions, YesOptions {
  readonly plan?: true;
  readonly consolidate?: LocationLevel;
  readonly why?: true;
}

/** Exit 0 nothing to gain, or moved and proven; with `--plan` 2 when there is something to gain; else as `apply`. */
export function rebalanceCommand(world: World): Command {
  const command = withYes(withOutput(new Command('rebalance')))
    .summary('move running nodes to where they are better off')
    .description('place everything anew, show the moves and what they gain, ask, and move a few nodes at a time')
    .argument('[blueprint]', 'needed only where there are several')
    .option('--plan', 'show moves and gain and stop there; exit 2 when there are any')
    .addOption(new Option('--consolidate <level>', 'use as few of these as will do, this once').choices(locationLevels))
    .option('--why', 'show the reason of every move');
  withWait(command, 'the cluster is proven again');
  withExamples(command, [
    ['wombat rebalance --plan', 'what would move, and what it gains'],
    ['wombat rebalance --plan --consolidate provider', 'on as few providers as will do'],
    ['wombat apply --plan $(wombat rebalance --plan -o name) -y', 'make exactly those moves'],
    ['wombat rebalance ants -y', 'plan and move without asking'],
  ]);
  return command.action((name: string | undefined, options: RebalanceOptions) => rebalance(world, name, options));
}

async function rebalance(world: World, name: string | undefined, options: RebalanceOptions): Promise<void> {
  const client = await world.connect();
  const blueprint = name ?? (await onlyBlueprint(client, world.signal));
  const { consolidate } = options;
  const request = consolidate === undefined ? {} : { consolidate };
  const plan = await client.blueprints.rebalance(blueprint, request, world.signal);
  const detail = (all: boolean) => ({ why: options.why === true, all });
  const shortage = shortageFailure(plan);
  if (options.plan === true || !changesAnything(plan) || shortage !== undefined) {
    const lines = (wide: boolean) => planLines(plan, outPage(world), detail(wide));
    showObject(world.terminal, options.output, plan, { name: plan.id, lines });
    if (shortage !== undefined) throw shortage;
    if (changesAnything(plan)) world.finish(2);
    return;
  }
  world.terminal.note(...planLines(plan, notePage(world), detail(options.output === 'wide')), '');
  const kept = `Nothing was moved. The plan is kept: wombat apply --plan ${plan.id}`;
  if (!(await confirmed(world, 'Move them?', options.yes === true, kept))) return;
  const adopt = () => client.plans.adopt(plan.id, beginning(world, options));
  await carryOut(world, client, { title: `rebalancing ${blueprint}`, adopt }, options);
}
