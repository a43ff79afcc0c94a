/** `wombat plan`: what applying a blueprint would do, and why. */
import { Command } from 'commander';
import { makePlan } from '../apply-blueprint.ts';
import { readBlueprintFile } from '../blueprint-file.ts';
import { withExamples, withFile, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { changesAnything, planLines } from '../plan-text.ts';
import type { PlanDetail } from '../plan-text.ts';
import { shortageFailure } from '../shortage.ts';
import { outPage } from '../world.ts';
import type { FileOptions, OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface PlanOptions extends FileOptions, OutputOptions {
  readonly why?: true | string;
}

/** Exit 2 with changes, 0 without, 4 (8, 9) when a node has no place. The plan is kept: `wombat apply --plan ID` adopts it as it was shown. */
export function planCommand(world: World): Command {
  const command = withOutput(withFile(new Command('plan')))
    .summary('what apply would do, and why')
    .description('show what apply would do, and why; exit 2 when that is something')
    .option(
      '--why [name]',
      'the reason of every step and of every offer that was not used; or of one node, family, offer or domain',
    );
  withExamples(command, [
    ['wombat plan -f ants.yaml', 'what would change'],
    ['wombat plan -f ants.yaml --why', 'with the reason of every choice'],
    ['wombat plan -f ants.yaml --why colony-2', 'why that node is where it is'],
    ['wombat apply --plan $(wombat plan -f ants.yaml -o name) -y', 'apply exactly that plan'],
  ]);
  return command.action(async (options: PlanOptions) => {
    const blueprint = await readBlueprintFile(world, options.file);
    const client = await world.connect();
    const plan = await makePlan(world, client, blueprint, 'plan');
    showObject(world.terminal, options.output, plan, {
      name: plan.id,
      lines: (wide) => planLines(plan, outPage(world), detailOf(options.why, wide, blueprint.lineOf)),
    });
    const shortage = shortageFailure(plan);
    if (shortage !== undefined) throw shortage;
    if (changesAnything(plan)) world.finish(2);
  });
}

/** What to tell of a plan: `--why` alone asks for all reasons, with a name for those about it. */
function detailOf(why: PlanOptions['why'], all: boolean, lineOf: PlanDetail['lineOf']): PlanDetail {
  return { why: why === true, about: typeof why === 'string' ? why : undefined, all, lineOf };
}
