/** A plan as the placement that it makes. */
import type { Planned } from '../../src/model/plan.ts';
import type { Put, Slot } from './placement-checker.ts';

/** Where the plan's nodes go, by slots: machines made from one offer take its slots one after another. */
export function putsOf(planned: Planned, slots: readonly Slot[]): Put[] {
  const offerOf = new Map(
    planned.steps.flatMap((step) => (step.do === 'acquire machine' ? [[step.token, step.offer]] : [])),
  );
  const slotOf = new Map<string, string>();
  for (const [token, offer] of offerOf) {
    const taken = new Set(slotOf.values());
    slotOf.set(token, slots.find((slot) => slot.offer.id === offer && !taken.has(slot.name))!.name);
  }
  return planned.steps.flatMap((step) =>
    step.do === 'add node' ? [{ family: step.family, slot: slotOf.get(step.placement.machine)! }] : [],
  );
}
