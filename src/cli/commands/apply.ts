/** `wombat apply`: makes the world as a blueprint says, and stays until its cluster is proven. */
import { Command } from 'commander';
import { confirmed, makePlan } from '../apply-blueprint.ts';
import { readBlueprintFile } from '../blueprint-file.ts';
import { differences } from '../document-diff.ts';
import { orUndefined } from '../failure.ts';
import { beginning, defaultFile, withExamples, withFile, withOutput, withWait, withYes } from '../options.ts';
import { showObject } from '../output.ts';
import { changesAnything, planLines } from '../plan-text.ts';
import { carryOut } from '../settle.ts';
import { shortageFailure } from '../shortage.ts';
import { notePage } from '../world.ts';
import type { Client } from '../../client/client.ts';
import type { Plan } from '../../model/plan.ts';
import type { FileOptions, OutputOptions, WaitOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

interface ApplyOptions extends FileOptions, OutputOptions, WaitOptions, YesOptions {
  readonly plan?: string;
  readonly why?: true;
  readonly dryRun?: true;
}

/** Exit 0 converged or nothing to do, 4 no place, 5 not converged, 7 the plan is stale, 124 not in time. */
export function applyCommand(world: World): Command {
  const command = withYes(withOutput(withFile(new Command('apply'))))
    .summary('make it so, and wait for the proof')
    .description('make it so: plan, ask, adopt, and wait until the cluster is proven')
    .option('--plan <id>', 'adopt this plan; refused (exit 7) when the facts have changed since it was made')
    .option('--why', 'show the reason of every step')
    .option('--dry-run', 'show what it would do and stop there; exit 2 when that is something');
  withWait(command, 'the cluster is proven');
  withExamples(command, [
    ['wombat apply', `apply ${defaultFile} of this folder`],
    ['wombat apply -f ants.yaml -y', 'without asking'],
    ['wombat apply --plan p-8f3kq0zt1m', 'adopt a plan that was shown before'],
    ['wombat apply -f ants.yaml -y --no-wait', 'return at once; watch it later with wombat watch'],
  ]);
  return command.action((options: ApplyOptions) => apply(world, options));
}

async function apply(world: World, options: ApplyOptions): Promise<void> {
  const blueprint = options.plan === undefined ? await readBlueprintFile(world, options.file) : undefined;
  const client = await world.connect();
  const plan =
    blueprint === undefined
      ? await client.plans.show(options.plan ?? '', world.signal)
      : await makePlan(world, client, blueprint, 'apply');
  const detail = { why: options.why === true, all: options.output === 'wide', lineOf: blueprint?.lineOf };
  world.terminal.note(...planLines(plan, notePage(world), detail), '');
  const shortage = shortageFailure(plan);
  if (shortage !== undefined) throw shortage;
  if (options.dryRun === true) {
    showObject(world.terminal, options.output, plan, {
      name: plan.id,
      lines: () => ['Nothing was changed: a dry run.'],
    });
    if (changesAnything(plan)) world.finish(2);
    return;
  }
  if (!(await isNews(world, client, plan))) return nothingToDo(world, client, plan, options);
  if (!(await confirmed(world, 'Proceed?', options.yes === true))) return;
  const adopt = () => client.plans.adopt(plan.id, beginning(world, options));
  await carryOut(world, client, { title: `applying ${plan.blueprint}`, adopt }, options);
}

/** Whether adopting the plan would change a node, or only what is declared. */
async function isNews(world: World, client: Client, plan: Plan): Promise<boolean> {
  if (changesAnything(plan)) return true;
  const stored = await orUndefined(client.blueprints.show(plan.blueprint, world.signal));
  return differences(stored?.document, plan.document).length > 0;
}

async function nothingToDo(world: World, client: Client, plan: Plan, options: OutputOptions): Promise<void> {
  const status = await client.blueprints.status(plan.blueprint, world.signal);
  showObject(world.terminal, options.output, status, {
    name: plan.blueprint,
    lines: () => [`No changes: ${plan.blueprint} is as declared. ${status.proof?.verdict ?? status.words}`],
  });
}
