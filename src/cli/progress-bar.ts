/** The bar and the numbers of a transfer. Pure. */
import { bytesText } from './quantity.ts';
import type { Paint } from './paint.ts';

/** How far a transfer is, bytes. */
export interface Transfer {
  readonly label: string;
  readonly done: number;
  readonly total: number;
}

const barWidth = 24;

/** `ants-1.0.0.tar.gz  ████████░░░░  12M of 18M`. */
export function transferLine({ label, done, total }: Transfer, paint: Paint): string {
  const filled = total === 0 ? barWidth : Math.min(barWidth, Math.floor((done / total) * barWidth));
  const bar = paint.good('█'.repeat(filled)) + paint.dim('░'.repeat(barWidth - filled));
  return `${label}  ${bar}  ${bytesText(done)} of ${bytesText(total)}`;
}
