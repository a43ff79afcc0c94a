/**
 * Providers of one account keep to its limits together: who declares the same account five times may not ask five times as much.
 * An account is known by its kind, its endpoint and its credentials' value, of which only a digest is kept (I8). Providers that
 * say other limits keep to those by themselves.
 */
import type { Clock } from './base/clock.ts';
import { sha256Of } from './base/sha256.ts';
import { Gate, limitsOf } from './cloud/cloud.ts';
import type { Provider } from './model/provider.ts';

/** The gates of all accounts; `secret` is the value behind a reference of that provider. */
export function accountGates(
  clock: Clock,
): (provider: Provider, secret: (reference: string) => Promise<string>) => Promise<Gate> {
  const gates = new Map<string, Gate>();
  return async ({ name, definition }, secret) => {
    const limits = limitsOf('limits' in definition ? definition.limits : {});
    // what nobody has handed in yet is told by the adapter
    const value = 'credentials' in definition ? await secret(definition.credentials).catch(() => null) : null;
    const endpoint = 'endpoint' in definition ? (definition.endpoint ?? '') : '';
    const account = value === null ? ['provider', name] : [definition.kind, endpoint, value];
    const key = sha256Of(JSON.stringify([...account, limits.perSecond, limits.atOnce]));
    const gate = gates.get(key) ?? new Gate(limits, clock);
    gates.set(key, gate);
    return gate;
  };
}
