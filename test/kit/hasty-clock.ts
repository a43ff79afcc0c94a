/** The machine's clock, run faster: what waits for seconds waits for hundredths of them. */
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';

/** A clock on which `factor` seconds pass in one. */
export function hastyClock(factor: number): Clock {
  const begun = systemClock.monotonic();
  const monotonic = () => (systemClock.monotonic() - begun) * factor;
  const startMs = systemClock.now();
  return {
    now: () => Math.round(startMs + monotonic()),
    monotonic,
    after: (ms, action) => systemClock.after(ms / factor, action),
  };
}
