/**
 * What every imperative verb does: takes the revision in force, changes it, and has the result planned and adopted as the
 * next one; refused when somebody else was faster. So there is one source of truth, whoever wrote it.
 */
import { confirmed } from './apply-blueprint.ts';
import { beginning } from './options.ts';
import { changesAnything, planLines } from './plan-text.ts';
import { carryOut } from './settle.ts';
import { shortageFailure } from './shortage.ts';
import { notePage } from './world.ts';
import type { Client } from '../client/client.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { OutputOptions, WaitOptions, YesOptions } from './options.ts';
import type { World } from './world.ts';

/** A change that a verb makes. */
export interface Revision {
  readonly blueprint: string;
  /** for the history and the heading of the progress: `family set colony nodes=3` */
  readonly cause: string;
  /** The document changed; CliFailure when that cannot be. */
  change(document: BlueprintDocument): BlueprintDocument;
}

/** Plans the change, shows it, asks where it does anything to nodes, adopts it and waits for the proof. */
export async function revise(
  world: World,
  client: Client,
  revision: Revision,
  options: OutputOptions & WaitOptions & YesOptions,
): Promise<void> {
  const { blueprint, cause } = revision;
  const current = await client.blueprints.show(blueprint, world.signal);
  const made = { cause, revision: current.head.revision };
  const plan = await client.plans.create(revision.change(current.document), made, world.signal);
  world.terminal.note(...planLines(plan, notePage(world), { why: false, all: options.output === 'wide' }), '');
  const shortage = shortageFailure(plan);
  if (shortage !== undefined) throw shortage;
  if (changesAnything(plan) && !(await confirmed(world, 'Proceed?', options.yes === true))) return;
  const adopt = () => client.plans.adopt(plan.id, beginning(world, options));
  await carryOut(world, client, { title: cause, adopt }, options);
}
