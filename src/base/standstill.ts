/** Whether we stood still ourselves: what others have sent meanwhile lies unread then, and nobody may be called silent or late. */

/** A timer that comes so much later than it was set for says that we stood still; and the longest time to read on, milliseconds. */
const [stoodMs, longestMs] = [1_000, 5_000];

/** How long to read on before a judgement, milliseconds, by how much too late a timer came; 0 where we did not stand still. */
export function readOnMs(lagMs: number): number {
  return lagMs < stoodMs ? 0 : Math.min(lagMs, longestMs);
}
