/** A proof in words: the verdict, then every fault. Pure. */
import { age } from './quantity.ts';
import { hanging } from './text.ts';
import type { Proof } from '../model/topology.ts';
import type { Page } from './failure-text.ts';

/** The verdict with its moment, the first faults, and hidden nodes that were seen. */
export function proofLines(proof: Proof, page: Page & { readonly nowMs: number }): string[] {
  const { paint, width } = page;
  const mark = proof.ok ? paint.good('✓') : paint.bad('✗');
  const moment = age(proof.at, page.nowMs);
  const lines = hanging(`${mark} `, `${proof.verdict} (proven ${moment === 'now' ? 'now' : `${moment} ago`})`, width);
  const faults = proof.faults.slice(0, 20).flatMap((fault) => hanging(`  ${fault.kind}: `, fault.words, width));
  const rest = proof.faults.length > 20 ? [`  … and ${proof.faults.length - 20} more`] : [];
  return [...lines, ...faults, ...rest];
}
