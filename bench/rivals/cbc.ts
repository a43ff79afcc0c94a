/** CBC (Debian: coinor-cbc) on prob090 written as an integer program by the formulas of its description. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VmOffer } from '../prob090.ts';

/** What CBC says: the best price, whether it is proved, and its own CPU time, milliseconds. */
export interface CbcAnswer {
  readonly price: number;
  readonly proved: boolean;
  readonly cpuMs: number;
}

/** cores, memory and storage of WordPress, MySQL, DNS balancer, HTTP balancer, Varnish */
const needs = [
  [2, 512, 1000],
  [2, 512, 2000],
  [4, 2048, 500],
  [4, 2048, 500],
  [4, 4000, 500],
] as const;

const never = [
  [4, 2],
  [4, 3],
  [4, 1],
  [2, 0],
  [2, 1],
  [3, 0],
  [3, 1],
] as const;

/** The program: machine k is of offer o (y), component c is on machine k (x); d and h say which balancer it is. */
function programOf(wordpress: number, offers: readonly VmOffer[]): string {
  const machines = wordpress + Math.ceil((2 * wordpress) / 3) + Math.ceil(wordpress / 3) + 4;
  const slots = Array.from({ length: machines }, (_, k) => k);
  const total = (component: number, factor = 1) => slots.map((k) => `${factor} x${component}_${k}`).join(' + ');
  const less = (component: number, factor: number) => slots.map((k) => `- ${factor} x${component}_${k}`).join(' ');
  const rows = slots.flatMap((k) => [
    `${offers.map((_, o) => `y${k}_${o}`).join(' + ')} <= 1`,
    ...[0, 1, 2].map((h) => {
      const sold = offers.map((offer, o) => `- ${offer[h as 0 | 1 | 2]} y${k}_${o}`).join(' ');
      return `${needs.map((need, c) => `${need[h as 0 | 1 | 2]} x${c}_${k}`).join(' + ')} ${sold} <= 0`;
    }),
    ...never.map(([a, b]) => `x${a}_${k} + x${b}_${k} <= 1`),
  ]);
  return [
    'Minimize',
    slots.map((k) => offers.map((offer, o) => `${offer[3]} y${k}_${o}`).join(' + ')).join(' + '),
    'Subject To',
    ...rows,
    `${total(0)} >= ${wordpress}`,
    `${total(4)} >= 2`,
    `${total(1)} >= 2`,
    `${total(0, 2)} ${less(1, 3)} <= 0`,
    `${total(2)} - d = 0`,
    `${total(3)} - ${machines} h <= 0`,
    `${total(3)} - h >= 0`,
    'd + h = 1',
    `${total(0)} + 100 d <= 107`,
    `${total(0)} ${less(3, 3)} - 100 d <= 0`,
    'Binary',
    ...slots.flatMap((k) => [...offers.map((_, o) => `y${k}_${o}`), ...needs.map((_, c) => `x${c}_${k}`)]),
    'd h',
    'End',
  ].join('\n');
}

/** Whether CBC is installed. */
export function hasCbc(): boolean {
  return spawnSync('cbc', ['-quit']).error === undefined;
}

/** Solves the size, with a limit in seconds; null when it found nothing in time. */
export function cbc(wordpress: number, offers: readonly VmOffer[], seconds: number): CbcAnswer | null {
  const folder = mkdtempSync(join(tmpdir(), 'wombat-cbc-'));
  try {
    writeFileSync(join(folder, 'program.lp'), programOf(wordpress, offers));
    const ran = spawnSync('cbc', ['program.lp', 'sec', String(seconds), 'solve', 'solu', 'answer'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const [head = ''] = readFileSync(join(folder, 'answer'), 'utf8').split('\n');
    const price = Number(/objective value\s+([-\d.]+)/.exec(head)?.[1]);
    const cpuMs = 1_000 * Number(/Total time \(CPU seconds\):\s+([\d.]+)/.exec(ran.stdout)?.[1]);
    return Number.isNaN(price) ? null : { price, proved: head.startsWith('Optimal'), cpuMs };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
