/**
 * The audit log's chain, whatever keeps it: each entry's hash is SHA-256 of the former entry's hash and its own text, so
 * that whoever changes, removes or moves one breaks every hash behind it. The end of the chain is kept beside it under an
 * HMAC of the store's key, which is not in the database.
 */
import { createHmac } from 'node:crypto';
import { nextTurn } from '../base/clock.ts';
import { sha256Of } from '../base/sha256.ts';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../model/access.ts';

/** Where the chain ends: 0 and no hash before the first entry. */
export interface End {
  readonly sequence: number;
  readonly hash: string;
}

/** An entry as it is kept. */
interface Link extends End {
  readonly blueprint: string | null;
  readonly value: string;
}

/** Before the first entry. */
export const beginning: End = { sequence: 0, hash: '' };

/** Entries that are checked in one turn of the event loop. */
const batch = 1000;

/** Stands for the hash of an end that is not known: no entry has it, and so nothing ever follows from it. */
const lost = 'lost';

/** Entries that follow an end, in their order, and the end that they make. */
export function linksAfter(end: End, drafts: readonly AuditDraft[], at: string): { links: Link[]; end: End } {
  let last = end;
  const links = drafts.map((draft) => {
    const sequence = last.sequence + 1;
    const value = JSON.stringify({ sequence, at, ...draft } satisfies AuditEntry);
    const hash = hashOf(last.hash, value);
    last = { sequence, hash };
    return { ...last, blueprint: draft.blueprint, value };
  });
  return { links, end: last };
}

/** A chain as it is kept somewhere. */
export interface KeptChain {
  /** The end that is known now. */
  end(): End;
  /** Rows behind one number up to another, by their number, at most `limit`. */
  rows(after: number, until: number, limit: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The greatest number that is kept; 0 where there is none. */
  newest(): Promise<number>;
}

/** Follows all of a chain, and says which entry is the first that is not as it was written. */
export async function checkChain(chain: KeptChain): Promise<AuditVerdict> {
  const end = chain.end();
  let last = beginning;
  while (last.sequence < end.sequence) {
    const { reached, words } = await followSome(chain, last, end.sequence);
    if (words !== null) return verdict(reached, { sequence: reached.sequence + 1, words });
    last = reached;
    await nextTurn();
  }
  const added = await chain.newest();
  if (added > chain.end().sequence)
    return verdict(last, { sequence: added, words: `entry ${added} was not written here` });
  if (last.hash === end.hash) return verdict(last, null);
  return verdict(last, { sequence: last.sequence, words: 'the end of the log was changed or removed' });
}

/** Goes on for a batch. `words` says what stopped it. */
async function followSome(chain: KeptChain, from: End, until: number): Promise<{ reached: End; words: string | null }> {
  const rows = await chain.rows(from.sequence, until, batch);
  let reached = from;
  for (const row of rows) {
    const [next, hash] = [reached.sequence + 1, String(row['hash'])];
    if (Number(row['sequence']) !== next) return { reached, words: `entry ${next} is not there` };
    if (hash !== hashOf(reached.hash, String(row['value'])))
      return { reached, words: `entry ${next} is not what was written there` };
    reached = { sequence: next, hash };
  }
  if (reached.sequence === until || rows.length === batch) return { reached, words: null };
  return { reached, words: `entry ${reached.sequence + 1} is not there` };
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

function verdict({ sequence, hash }: End, broken: AuditVerdict['broken']): AuditVerdict {
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
  return sha256Of(`${former}\n${text}`);
}

function signature(key: Uint8Array, { sequence, hash }: End): string {
  return createHmac('sha256', key).update(`wombat audit log ${sequence} ${hash}`).digest('hex');
}
