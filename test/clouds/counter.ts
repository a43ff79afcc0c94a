/** A proxy before a provider that counts the calls which pass, by name. */
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';

/** The proxy, listening. */
export interface Counter {
  readonly url: string;
  /** What passed since this was asked last, in the order of names. */
  take(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Opens it before the provider at that origin; `nameOf` says what a request asks for. */
export async function openCounter(upstream: string, nameOf: (request: PassingRequest) => string): Promise<Counter> {
  const calls = new Map<string, number>();
  const counted = new WeakSet<PassingRequest>();
  const changes = (request: PassingRequest) => {
    const name = nameOf(request);
    if (!counted.has(request)) calls.set(name, (calls.get(name) ?? 0) + 1);
    counted.add(request);
    return true;
  };
  const { url, close } = await openFaultProxy({ upstream, changes });
  const take = () => {
    const taken = Object.fromEntries([...calls].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    calls.clear();
    return taken;
  };
  return { url, take, close };
}
