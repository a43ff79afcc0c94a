/** `wombat provider check`: whether a provider can be used now, and if not why. */
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { hanging } from '../text.ts';
import { outPage } from '../world.ts';
import { problemKinds } from '../../model/problem-kind.ts';
import type { FindingView } from '../../model/exchange.ts';
import type { ProblemKind } from '../../model/problem-kind.ts';
import type { Page } from '../failure-text.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Exit 0 when nothing is wrong, else the code of the first error found (8 denied, 9 out of reach). */
export function providerCheckCommand(world: World): Command {
  const command = withOutput(new Command('check'))
    .description('ask a provider now: can it be used, and if not why')
    .argument('<name>');
  withExamples(command, [['wombat provider check lab', 'reaches every host and compares its key']]);
  return command.action(async (name: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const findings = await client.providers.check(name, world.signal);
    showObject(world.terminal, output, findings, {
      name,
      lines: () => findings.flatMap((finding) => findingLines(finding, outPage(world))),
    });
    const wrong = findings.find((finding) => finding.level === 'error');
    if (wrong !== undefined) throw notUsable(name, wrong);
  });
}

function findingLines({ level, what, words }: FindingView, { paint, width }: Page): string[] {
  const mark = level === 'ok' ? paint.good('✓') : level === 'warning' ? paint.warn('!') : paint.bad('✗');
  return hanging(`${mark} ${what}: `, words, width);
}

function notUsable(name: string, { code, what }: FindingView): CliFailure {
  const kind: ProblemKind = code !== null && code in problemKinds ? (code as ProblemKind) : 'unavailable';
  return new CliFailure(kind, `cannot be used as it is (${what})`, {
    object: `provider ${name}`,
    next: `wombat provider show ${name}`,
  });
}
