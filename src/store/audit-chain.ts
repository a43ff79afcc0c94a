/**
 * The audit log's chain, whatever keeps it: each entry's hash is SHA-256 of the former entry's hash and its own text, so
 * that whoever changes, removes or moves one breaks every hash behind it. The end of the chain is kept beside it under an
 * HMAC of the store's key, which is not in the database.
 */
import { createHash, createHmac } from 'node:crypto';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../model/access.ts';

/** Where the chain ends: 0 and no hash before the first entry. */
export interface End {
  readonly sequence: number;
  readonly hash: string;
}

/** An entry as it is kept. */
export interface Link extends End {
  readonly blueprint: string | null;
  readonly value: string;
}

/** Before the first entry. */
export const beginning: End = { sequence: 0, hash: '' };

/** Stands for the hash of an end that is not known: no entry has it, and so nothing ever follows from it. */
const lost = 'lost';

/** Entries that follow an end, in their order. */
export function linksAfter(end: End, drafts: readonly AuditDraft[], at: string): Link[] {
  let last = end;
  return drafts.map((draft) => {
    const sequence = last.sequence + 1;
    const value = JSON.stringify({ sequence, at, ...draft } satisfies AuditEntry);
    const link = { sequence, hash: hashOf(last.hash, value), blueprint: draft.blueprint, value };
    last = link;
    return link;
  });
}

/** Follows the chain through rows that should come next. `words` says what stopped it. */
export function follow(from: End, rows: readonly Omit<Link, 'blueprint'>[]): { reached: End; words: string | null } {
  let reached = from;
  for (const { sequence, value, hash } of rows) {
    const next = reached.sequence + 1;
    if (sequence !== next) return { reached, words: `entry ${next} is not there` };
    if (hash !== hashOf(reached.hash, value)) return { reached, words: `entry ${next} is not what was written there` };
    reached = { sequence: next, hash };
  }
  return { reached, words: null };
}

/** An end as it is kept, signed. */
export function keptEnd(key: Uint8Array, end: End): string {
  return JSON.stringify([end.sequence, end.hash, signature(key, end)]);
}

/** The end that was kept; one that nothing follows where it is missing beside entries, or not ours. */
export function endOf(key: Uint8Array, kept: unknown, newest: number): End {
  if (kept === undefined && newest === 0) return beginning;
  const [sequence = 0, hash = '', signed] = endIn(kept);
  return signed === signature(key, { sequence, hash }) ? { sequence, hash } : { sequence: newest, hash: lost };
}

/** What checking came to. */
export function verdict({ sequence, hash }: End, broken: AuditVerdict['broken']): AuditVerdict {
  return { sound: sequence, head: hash, broken };
}

function endIn(kept: unknown): [number?, string?, string?] {
  try {
    const read: unknown = JSON.parse(String(kept));
    return Array.isArray(read) ? (read as [number?, string?, string?]) : [];
  } catch {
    return [];
  }
}

function hashOf(former: string, text: string): string {
  return createHash('sha256').update(`${former}\n${text}`).digest('hex');
}

function signature(key: Uint8Array, { sequence, hash }: End): string {
  return createHmac('sha256', key).update(`wombat audit log ${sequence} ${hash}`).digest('hex');
}
