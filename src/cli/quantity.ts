/** Times and sizes as people write and read them. Pure: the present moment is handed in. */

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration such as `90s`, `10m`, `1h30m`; a bare number is seconds. Undefined when it is none. */
export function durationMs(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * unitMs[unit as keyof typeof unitMs], 0);
}

/** `850ms` below a second, then the two largest units: `12s`, `3m 20s`, `2h 5m`, `4d 1h`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  if (seconds < 86_400) return joined(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'm');
  return joined(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;
}

/** How long ago a timestamp was, in its largest unit: `now`, `12s`, `3m`, `2h`, `4d`. */
export function age(timestamp: string, nowMs: number): string {
  const seconds = Math.floor((nowMs - Date.parse(timestamp)) / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A number of bytes as `512`, `3.4K`, `18M`, `1.5G` (powers of 1024, as blueprints write them). */
export function bytesText(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T', 'P'];
  let rest = bytes;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && rest < 9.95 ? rest.toFixed(1).replace(/\.0$/, '') : Math.round(rest).toString();
  return `${digits}${units[unit] ?? ''}`;
}

/** The clock time of a timestamp, `12:34:56`, in UTC as everything else we store. */
export function clockTime(timestamp: string): string {
  return timestamp.slice(11, 19);
}
