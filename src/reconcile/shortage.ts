/** What stands in the way when not every node finds a place: as a state of the blueprint, and as a fault. */
import { Fault } from '../base/fault.ts';
import type { Head } from '../model/head.ts';
import type { Report, Shortage } from '../model/plan.ts';

/** What keeps nodes from being placed; null when nothing does. A refusal weighs more than a lack, a lack more than a silence. */
export function shortageOf(report: Report): Head['stuck'] {
  const [first] = [...report.shortages].sort((a, b) => weight(b) - weight(a));
  return first === undefined ? null : { code: first.code, why: report.shortages.map(sentence).join('; ') };
}

/** The same as a fault to throw. */
export function shortageFault(report: Report): Fault | null {
  const shortage = shortageOf(report);
  if (shortage === null) return null;
  const next =
    shortage.code === 'unsatisfiable'
      ? 'change the demands, or add a provider that meets them'
      : 'wombat provider list';
  return new Fault(shortage.code as 'unsatisfiable', shortage.why, { next });
}

function weight({ code }: Shortage): number {
  return { unsatisfiable: 1, unavailable: 0, denied: 2 }[code];
}

function sentence({ family, wanted, placed, why }: Shortage): string {
  return `family ${family}: ${placed} of ${wanted} nodes have a place: ${why.join('; ')}`;
}
