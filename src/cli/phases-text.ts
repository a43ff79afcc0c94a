/** Phases of nodes, counted. */
import type { FamilyView } from '../model/exchange.ts';

/** `4 running, 1 starting`: the nodes of a family by phase. */
export function phasesText({ phases }: Pick<FamilyView, 'phases'>): string {
  const some = Object.entries(phases).filter(([, count]) => count > 0);
  return some.map(([phase, count]) => `${count} ${phase}`).join(', ');
}
