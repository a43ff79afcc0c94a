/**
 * Who works with a lab: two runs of the same tests must not take down each other's hosts. The claim is a socket in Linux's
 * abstract namespace (unix(7)), which goes with its process, however that ends.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { Fault } from '../../src/base/fault.ts';

/** How long another run may need to finish, milliseconds. */
const patienceMs = 90_000;
const askAgainMs = 500;

/** Waits until no other process works with lab number `network`, and claims it; the answer gives it back. */
export async function claimLab(network: number): Promise<() => Promise<void>> {
  const deadline = systemClock.monotonic() + patienceMs;
  for (;;) {
    const release = await tryToClaim(`\0wombat-lab-${network}`);
    if (release !== null) return release;
    if (systemClock.monotonic() > deadline)
      throw new Fault('conflict', `lab network ${network} is used by another process`, {
        next: 'wait for it, or take another network number',
      });
    await sleep(systemClock, askAgainMs);
  }
}

/** Null when somebody else has it. */
async function tryToClaim(name: string): Promise<(() => Promise<void>) | null> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(name);
    await once(server, 'listening');
  } catch {
    return null;
  }
  server.unref();
  return async () => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
}
