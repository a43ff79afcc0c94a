/** What stands in the way when not every node of a plan finds a place, in the words that everybody has for it. Pure. */
import type { Report, Shortage } from './plan.ts';

/** The worst cause, why for every family, and what to do next. */
export interface Lack {
  readonly code: Shortage['code'];
  readonly why: string;
  readonly next: string;
}

/** A refusal weighs more than a lack, a lack more than a silence. */
const byWeight = ['denied', 'unsatisfiable', 'timeout', 'unavailable'] as const;

const nextOf = {
  denied: 'wombat provider list',
  unsatisfiable: 'change the demands, or add a provider that meets them',
  timeout: 'ask for less at once: fewer nodes, or fewer of the rules that bind them to each other',
  unavailable: 'wombat provider list',
} as const;

/** What is lacking by a plan's report; null when every node has a place. */
export function lackIn({ shortages }: Pick<Report, 'shortages'>): Lack | null {
  const code = byWeight.find((one) => shortages.some((shortage) => shortage.code === one));
  if (code === undefined) return null;
  return { code, why: shortages.map(sentence).join('; '), next: nextOf[code] };
}

function sentence({ family, wanted, placed, why }: Shortage): string {
  const nodes = wanted === 1 ? '1 node has' : `${wanted} nodes have`;
  return `family ${family}: ${placed} of ${nodes} a place: ${why.join('; ')}`;
}
