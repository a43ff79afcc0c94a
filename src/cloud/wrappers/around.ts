/** What all wrappers share: a Cloud of the same shape, with something done around each of its calls. */
import type { Cloud, Owned, Verb } from '../cloud.ts';

/** What is done around a call that answers once, and around the listing that answers piece by piece. */
export interface Around {
  readonly call: <T>(verb: Verb, act: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly list: (act: (signal: AbortSignal) => AsyncIterable<Owned>, signal: AbortSignal) => AsyncIterable<Owned>;
}

/** The cloud with `around` about each of its verbs. */
export function around(cloud: Cloud, { call, list }: Around): Cloud {
  return {
    kind: cloud.kind,
    traits: cloud.traits,
    check: (signal) => call('check', (inner) => cloud.check(inner), signal),
    offers: (signal) => call('offers', (inner) => cloud.offers(inner), signal),
    create: (orders, signal) => call('create', (inner) => cloud.create(orders, inner), signal),
    allow: (owner, rules, signal) => call('allow', (inner) => cloud.allow(owner, rules, inner), signal),
    list: (owner, signal) => list((inner) => cloud.list(owner, inner), signal),
    destroy: (owned, signal) => call('destroy', (inner) => cloud.destroy(owned, inner), signal),
    faultOf: (error) => cloud.faultOf(error),
  };
}
