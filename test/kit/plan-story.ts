/** A plan as a golden file shows it: every step, reason, shortage, rejection and warning, one a line. */
import type { Planned, Step } from '../../src/model/plan.ts';

/** The plan's text. Machines are shown by their offers: tokens and ids come from the seed. */
export function planStory(title: string, { steps, report, costBefore, costAfter }: Planned): string {
  const lines = [
    `# ${title}`,
    ...(steps.length === 0 ? ['nothing to do'] : steps.map(stepLine)),
    ...report.shortages.map(
      ({ family, placed, wanted, code, why }) => `SHORT ${family} ${placed}/${wanted} ${code}: ${why.join('; ')}`,
    ),
    ...(report.conflict?.members ?? []).map(({ path, words }) => `conflict: ${words} (${path})`),
    ...(typeof report.conflict?.relax === 'string' ? [`relax: ${report.conflict.relax}`] : []),
    ...(report.placement === undefined
      ? []
      : [`placed by ${report.placement.method}, ${report.placement.proved ? 'proved the best' : 'not proved'}`]),
    ...(report.gain ?? []).map(({ what, before, after }) => `gain: ${what}: ${before} -> ${after}`),
    ...report.rejections.map(({ family, offer, why }) => `not for ${family}: ${offer}: ${why}`),
    ...report.warnings.map((warning) => `warning: ${warning}`),
    ...(costAfter === null ? [] : [`cost: ${String(costBefore)} -> ${costAfter}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function stepLine(step: Step): string {
  switch (step.do) {
    case 'acquire machine':
      return `acquire ${step.offer} (${step.why})`;
    case 'release machine':
      return `release a machine of ${step.domain} (${step.why})`;
    case 'add node': {
      const { listen, port, cores } = step.placement;
      return `add ${shown(step.name, step.placement.machine)} at ${shown(listen, step.placement.machine)}:${port} cores=${cores} (${step.why})`;
    }
    case 'change node':
      return `change ${step.name} (${step.why})`;
    case 'remove node':
      return `remove ${step.name} (${step.why})`;
  }
}

function shown(text: string, token: string): string {
  return text.replace(token, '<not known yet>');
}
