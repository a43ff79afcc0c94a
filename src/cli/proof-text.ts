/** A proof in words: the verdict, then every fault. Pure. */
import { age } from './quantity.ts';
import { hanging } from './text.ts';
import type { Proof } from '../model/topology.ts';
import type { Page } from './failure-text.ts';

/** A page, and the present moment. */
export interface TimedPage extends Page {
  readonly nowMs: number;
}

/** The verdict with its moment. */
export function verdictLines({ ok, verdict, at }: Proof, { paint, width, nowMs }: TimedPage): string[] {
  const mark = ok ? paint.good('✓') : paint.bad('✗');
  const moment = age(at, nowMs);
  return hanging(`${mark} `, `${verdict} (proven ${moment === 'now' ? 'now' : `${moment} ago`})`, width);
}

/** The verdict with its moment and the first faults. */
export function proofLines(proof: Proof, page: TimedPage): string[] {
  const { width } = page;
  const lines = verdictLines(proof, page);
  const faults = proof.faults.slice(0, 20).flatMap((fault) => hanging(`  ${fault.kind}: `, fault.words, width));
  const rest = proof.faults.length > 20 ? [`  … and ${proof.faults.length - 20} more`] : [];
  return [...lines, ...faults, ...rest];
}
