/** What orders of a batch are for, and what they need alike. */
import { Fault } from '../base/fault.ts';
import type { Domain } from '../model/domain.ts';
import type { CloudContext, Order } from './cloud.ts';

/** The domain of which the order takes an offer; undefined where it has no such offer. */
export function orderedDomain({ domains }: CloudContext, { domain, offer, machineType }: Order): Domain | undefined {
  const found = domains.find(({ name }) => name === domain);
  const isSold = found?.definition.machineTypes?.includes(machineType) ?? true;
  return isSold && offer === `${domain}/${machineType}` ? found : undefined;
}

/** The fault of an order for what no domain offers. */
export function noOffer({ offer }: Order): Fault {
  return new Fault('not-found', `there is no offer ${offer}`, { object: `offer ${offer}` });
}

/**
 * Gives each order of a batch what those of one owner, domain and key need alike; `ask` is called once for all of them.
 * Rejects with `noOffer` where there is no such offer.
 */
export function groundOf<G>(
  context: CloudContext,
  ask: (order: Order, domain: Domain) => Promise<G>,
): (order: Order) => Promise<G> {
  const asked = new Map<string, Promise<G>>();
  return (order) => {
    const domain = orderedDomain(context, order);
    if (domain === undefined) return Promise.reject(noOffer(order));
    const key = JSON.stringify([order.owner, order.domain, order.boot?.publicKey ?? null]);
    const ground = asked.get(key) ?? ask(order, domain);
    asked.set(key, ground);
    return ground;
  };
}
