/** A host that is given back: whatever of ours still runs or lies there goes, on record or not. */
import { Fault } from '../base/fault.ts';
import type { Host } from '../host/host.ts';

const graceMs = 5_000;

/** Ends and removes every node of ours on the host, then leaves it. Fault unavailable when one of them does not end. */
export async function emptyHost(host: Host, signal: AbortSignal): Promise<void> {
  for (const { id } of (await host.state(signal)).nodes) {
    if (!(await host.end(id, graceMs, signal)))
      throw new Fault('unavailable', `node ${id} on ${host.where} does not end`);
    await host.removeNode(id, signal);
  }
  await host.leave(signal);
}
