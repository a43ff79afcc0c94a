/** Waiting until secrets are replaced: the control plane does the work, this looks now and then. */
import { sleep } from '../base/clock.ts';
import type { Client } from '../client/client.ts';
import type { Rotation } from '../model/rotation.ts';
import type { World } from './world.ts';

const lookMs = 250;

/** Waits until none of these secrets is being replaced any more; one that still is when the time is over. */
export async function rotated(
  { clock, signal }: Pick<World, 'clock' | 'signal'>,
  client: Client,
  secrets: readonly string[],
  timeoutMs: number,
): Promise<Rotation | undefined> {
  const until = clock.monotonic() + timeoutMs;
  for (;;) {
    const left = (await client.secrets.rotations({}, signal).all()).find(({ secret }) => secrets.includes(secret));
    if (left === undefined || clock.monotonic() >= until) return left;
    await sleep(clock, lookMs, signal);
  }
}
