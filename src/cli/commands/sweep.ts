/** `wombat sweep`: what is ours at providers and on no record, when and why it goes; has it go at once when told to. */
import { Command } from 'commander';
import { sleep } from '../../base/clock.ts';
import { confirmed } from '../apply-blueprint.ts';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput, withStay, withYes } from '../options.ts';
import { showObject } from '../output.ts';
import { sweepLines } from '../sweep-text.ts';
import { counted } from '../text.ts';
import { outPage } from '../world.ts';
import { strayKey } from '../../model/sweep.ts';
import type { Client } from '../../client/client.ts';
import type { StrayView, SweepView } from '../../model/sweep.ts';
import type { OutputOptions, StayOptions, YesOptions } from '../options.ts';
import type { StatusPage } from '../status-text.ts';
import type { World } from '../world.ts';

interface SweepOptions extends OutputOptions, StayOptions, YesOptions {
  readonly now?: true;
  readonly id?: readonly string[];
  readonly gone?: string;
}

const lookMs = 2_000;

const explanation = `
What carries the tag of this control plane and is on no record is found within
half a minute, and removed when it has been seen for as long as its provider
says (sweepAfterSeconds, a minute). Where that would be more than a tenth of
what there is, and more than two, nothing is removed: the record may be what is
wrong. Then it waits for --now.`;

/** Exit 0; 124 when what was asked for is still there at the end of the time. */
export function sweepCommand(world: World): Command {
  const command = withYes(withOutput(new Command('sweep')))
    .summary('what is ours and on no record, and what becomes of it')
    .description('look at all providers for what is ours and on no record: what would go, when and why')
    .argument('[provider]', 'only there')
    .option('--now', 'remove what is shown, without waiting for its time and whatever the brake says; asks first')
    .option('--id <id...>', 'only these of them')
    .option('--gone <what>', 'say that something that was given up is gone; it is looked for no more');
  withStay(command, 'it is gone, with --now').addHelpText('after', explanation);
  withExamples(command, [
    ['wombat sweep', 'what would go, when and why; nothing is removed by looking'],
    ['wombat sweep stack -o json', 'of one provider, for a program'],
    ['wombat sweep stack --now', 'remove what is shown, after a question: the answer to the brake'],
    ['wombat sweep --now --id i-0abc -y', 'only that one, without asking'],
    ['wombat sweep --gone ec2/machine/m-8f3k', 'somebody has seen that it is gone'],
  ]);
  return command.action((provider: string | undefined, options: SweepOptions) =>
    sweep(world, provider ?? null, options),
  );
}

async function sweep(world: World, provider: string | null, options: SweepOptions): Promise<void> {
  const client = await world.connect();
  if (options.gone !== undefined) {
    await client.sweep.forget(options.gone, world.signal);
    world.terminal.print(`${options.gone} is gone, as you say`);
    return;
  }
  const view = await client.sweep.look(provider, world.signal);
  if (options.now === true) await removeNow(world, client, view, options);
  else
    showObject(world.terminal, options.output, view, {
      name: namesIn(view),
      lines: (wide) => lines(world, view, wide),
    });
}

function lines(world: World, view: SweepView, wide: boolean): string[] {
  return sweepLines(view, pageOf(world, wide));
}

function pageOf(world: World, wide: boolean): StatusPage {
  return { ...outPage(world), tableWidth: world.terminal.tableWidth, nowMs: world.clock.now(), wide };
}

function straysIn(view: SweepView): readonly StrayView[] {
  return view.providers.flatMap(({ strays }) => strays);
}

function namesIn(view: SweepView): string {
  return straysIn(view)
    .map(({ id }) => id)
    .join('\n');
}

async function removeNow(world: World, client: Client, view: SweepView, options: SweepOptions): Promise<void> {
  const all = straysIn(view);
  const wanted = options.id === undefined ? all : options.id.map((id) => named(all, id));
  if (wanted.length === 0) {
    world.terminal.note('Nothing is on no record.');
    return;
  }
  world.terminal.note(...lines(world, view, options.output === 'wide'), '');
  const question = `Remove ${counted(wanted.length, 'thing')} for good?`;
  if (!(await confirmed(world, question, options.yes === true, 'Nothing was removed.'))) return;
  const { strays } = await client.sweep.remove(
    wanted.map(({ provider, kind, id }) => ({ provider, kind, id })),
    world.signal,
  );
  if (options.wait) await gone(world, client, wanted, options.timeout);
  const line = `${counted(wanted.length, 'thing')} ${options.wait ? 'removed' : 'to be removed'}: ${strays.map(({ id }) => id).join(', ')}`;
  showObject(world.terminal, options.output, strays, {
    name: strays.map(({ id }) => id).join('\n'),
    lines: () => [line],
  });
}

function named(all: readonly StrayView[], wanted: string): StrayView {
  const found = all.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  throw new CliFailure('not-found', 'it is no stray, or none any more', {
    object: `stray ${wanted}`,
    next: 'wombat sweep',
  });
}

/** Looks until none of them is there any more. */
async function gone(world: World, client: Client, wanted: readonly StrayView[], timeoutMs: number): Promise<void> {
  const until = world.clock.monotonic() + timeoutMs;
  const keys = new Set(wanted.map(strayKey));
  for (;;) {
    const left = straysIn(await client.sweep.look(null, world.signal)).filter((one) => keys.has(strayKey(one)));
    if (left.length === 0) return;
    if (world.clock.monotonic() >= until)
      throw new CliFailure('timeout', `${left.length} of ${wanted.length} are still there; the control plane goes on`, {
        object: 'sweep',
        lines: left.map(({ id, provider, failed }) => `  ${id} at ${provider}: ${failed ?? 'it is on its way out'}`),
        next: 'wombat sweep',
      });
    await sleep(world.clock, lookMs, world.signal);
  }
}
