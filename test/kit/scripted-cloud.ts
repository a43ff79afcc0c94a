/** A cloud that does what a test says, call by call: for the wrappers, which look at nothing but calls and outcomes. */
import type { Cloud, Created, Order, Owned, Traits, Verb } from '../../src/cloud/cloud.ts';
import { faultCodeOf } from '../../src/base/fault.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: true,
  tags: true,
  firewall: 'none',
  zones: false,
  priceFeed: false,
  batchCreate: true,
  bootMs: 1000,
};

/** What the calls of a verb come to, first call first; the last one again and again. An error is thrown. */
export type Script = Partial<Record<Verb, readonly unknown[]>>;

/** A cloud and the calls that were made to it. */
export interface ScriptedCloud extends Cloud {
  readonly calls: readonly { readonly verb: Verb; readonly arguments: readonly unknown[] }[];
}

/** A cloud that follows the script; what the script does not name succeeds with nothing. */
export function scriptedCloud(script: Script): ScriptedCloud {
  const calls: { verb: Verb; arguments: readonly unknown[] }[] = [];
  const answer = async <T>(verb: Verb, given: readonly unknown[]): Promise<T> => {
    const outcomes = script[verb] ?? [[]];
    const outcome = outcomes[Math.min(calls.filter((call) => call.verb === verb).length, outcomes.length - 1)];
    calls.push({ verb, arguments: given });
    const said: unknown =
      typeof outcome === 'function' ? await (outcome as (...all: unknown[]) => unknown)(...given) : outcome;
    if (said instanceof Error) throw said;
    return said as T;
  };
  return {
    kind: 'scripted',
    traits,
    calls,
    check: (signal) => answer('check', [signal]),
    offers: (signal) => answer('offers', [signal]),
    create: (orders, signal) => answer('create', [orders, signal]),
    allow: (owner, rules, signal) => answer('allow', [owner, rules, signal]),
    async *list(owner, signal) {
      for (const piece of await answer<readonly (Owned | Error)[]>('list', [owner, signal])) {
        if (piece instanceof Error) throw piece;
        yield piece;
      }
    },
    destroy: (owned, signal) => answer('destroy', [owned, signal]),
    faultOf: faultCodeOf,
  };
}

/** An order of that token. */
export function orderOf(token: string): Order {
  return { token, owner: 'o', domain: 'd', offer: 'd/x', machineType: 'x', name: token, boot: null };
}

/** A machine of that token, running. */
export function ownedOf(token: string): Owned {
  return {
    kind: 'machine',
    id: `id-${token}`,
    token,
    owner: 'o',
    domain: 'd',
    state: 'running',
    words: null,
    access: null,
    addresses: [],
    capacity: null,
    platform: null,
  };
}

/** The outcome of an order that went well. */
export function made(token: string): Created {
  return { token, ok: true, owned: ownedOf(token) };
}
