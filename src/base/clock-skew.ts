/** Clocks that disagree: how far another machine's is from ours, as far as an exchange can tell, and how to say it. */

/** More than this is told, milliseconds: less harms nobody, and slow exchanges look like it. */
const toldMs = 60_000;

/** When a machine was asked for its time, and when it had answered: our clock, milliseconds. */
export interface Exchange {
  readonly beganMs: number;
  readonly endedMs: number;
}

/** How far the other clock is ahead of ours at least, milliseconds, negative where it is behind; 0 while it may be right. */
export function skewMs(theirSeconds: number, { beganMs, endedMs }: Exchange): number {
  const [earliest, latest] = [theirSeconds * 1000, theirSeconds * 1000 + 999];
  if (earliest > endedMs) return earliest - endedMs;
  return latest < beganMs ? latest - beganMs : 0;
}

/** The skew as a sentence about `whose` clock; null where it is not worth one. */
export function skewWords(ms: number): string | null {
  if (Math.abs(ms) <= toldMs) return null;
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const direction = ms > 0 ? 'ahead of' : 'behind';
  return `its clock is ${minutes} min ${direction} the control plane's: let both be set by NTP; times in logs and certificates are wrong on one of them`;
}
