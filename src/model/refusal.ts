/**
 * What orders that were refused say about offers: one that is refused for long leaves out its offer, or all of its domain.
 * The plan passes over what is left out, and people see it with the provider's words where they look at a domain.
 */
import { refusedForLong } from './machine.ts';
import type { Machine, Offer, RefusedForLong } from './machine.ts';

/** Where an order goes, and which part of that its refusal leaves out. */
export type RefusedPlace = Pick<Machine, 'offer' | 'domain'> & Pick<RefusedForLong, 'what'>;

/** Refusals by what they leave out ({@link keyOfRefusal}). */
export type Refusals = ReadonlyMap<string, RefusedForLong>;

/** One key for each offer and each domain that may be left out. */
export function keyOfRefusal({ what, offer, domain }: RefusedPlace): string {
  return what === 'offer' ? `offer ${offer}` : `domain ${domain}`;
}

/** What the records of orders that go on being refused leave out. */
export function refusalsOf(machines: readonly Machine[]): Refusals {
  const refusals = new Map<string, RefusedForLong>();
  for (const machine of machines) {
    const refused = refusedForLong(machine);
    if (refused !== null) refusals.set(keyOfRefusal({ ...machine, what: refused.what }), refused);
  }
  return refusals;
}

/** The offers with what speaks against them; one that cannot be had for a reason of its own keeps that. */
export function judgedBy(offers: readonly Offer[], refusals: Refusals): Offer[] {
  if (refusals.size === 0) return [...offers];
  return offers.map((offer) => {
    const place = { offer: offer.id, domain: offer.domain };
    const refusal =
      refusals.get(keyOfRefusal({ what: 'offer', ...place })) ??
      refusals.get(keyOfRefusal({ what: 'domain', ...place }));
    if (refusal === undefined || offer.fault !== null) return offer;
    return { ...offer, fault: { code: refusal.code, why: `the last order was refused: ${refusal.why}` } };
  });
}
