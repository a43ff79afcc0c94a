/** Waiting until secrets are replaced: the control plane does the work, this looks now and then. */
import { sleep } from '../base/clock.ts';
import type { Client } from '../client/client.ts';
import type { Rotation } from '../model/rotation.ts';
import { openLiveDisplay } from './live-display.ts';
import { cut } from './text.ts';
import type { World } from './world.ts';

const lookMs = 250;
/** How often at most it is told how far it is, where that is not redrawn in place. */
const tellMs = 5_000;

/** Waits until none of these secrets is being replaced any more; one that still is when the time is over. Tells how far it is. */
export async function rotated(
  world: Pick<World, 'clock' | 'signal' | 'terminal'>,
  client: Client,
  secrets: readonly string[],
  timeoutMs: number,
): Promise<Rotation | undefined> {
  const { clock, signal } = world;
  const until = clock.monotonic() + timeoutMs;
  const progress = openProgress(world);
  try {
    for (;;) {
      const left = (await client.secrets.rotations({}, signal).all()).find(({ secret }) => secrets.includes(secret));
      if (left === undefined || clock.monotonic() >= until) return left;
      progress.show(left.words);
      await sleep(clock, lookMs, signal);
    }
  } finally {
    progress.clear();
  }
}

/** Redrawn in place on a terminal; elsewhere a line where there is news, now and then. */
function openProgress({ terminal, clock }: Pick<World, 'clock' | 'terminal'>) {
  const display = openLiveDisplay(terminal);
  let told = { words: '', at: clock.monotonic() };
  return {
    show(words: string): void {
      display.show([cut(words, terminal.width - 1)]);
      if (terminal.live || words === told.words || clock.monotonic() - told.at < tellMs) return;
      told = { words, at: clock.monotonic() };
      terminal.note(words);
    },
    clear: () => display.clear(),
  };
}
