/** A plan that leaves nodes without a place, as the failure it is: exit 4, or 8 and 9 where a provider is the cause. */
import { CliFailure } from './failure.ts';
import { counted } from './text.ts';
import type { Plan } from '../model/plan.ts';

/** The failure; undefined when every node has a place. The worst cause decides its kind. */
export function shortageFailure({ blueprint, report }: Plan): CliFailure | undefined {
  const [first] = report.shortages;
  if (first === undefined) return undefined;
  const codes = report.shortages.map((shortage) => shortage.code);
  const kind = (['unsatisfiable', 'denied', 'unavailable'] as const).find((code) => codes.includes(code));
  const { family, placed, wanted, why } = first;
  const sentence = `family ${family}: ${placed} of ${counted(wanted, 'node')} have a place: ${why[0] ?? 'no reason is known'}`;
  return new CliFailure(kind ?? first.code, sentence, {
    object: blueprint,
    next: kind === 'unsatisfiable' ? 'change the demands, or add a provider that meets them' : 'wombat provider list',
  });
}
