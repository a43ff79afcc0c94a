/**
 * What control planes of one database tell each other, by NOTIFY: which records and events a commit wrote (within its
 * transaction, so that it is told if and only if it is done), and what is posted besides. A message is JSON of less than the
 * 8,000 bytes that the server takes; what is longer is told in several.
 */
import type { Kind, Notice } from '../store.ts';
import type { Posted } from '../shared.ts';
import type { Session } from './database.ts';
import { channel } from './seat.ts';

const longest = 7000;

/** A message from another control plane. */
export type Message =
  | { readonly changes: Notice['changes']; readonly events: { readonly after: number; readonly count: number } | null }
  | Posted;

type Asked = Pick<Session, 'query'>;
type Item = readonly (string | null)[];

/** Tells what a commit wrote, within its transaction. */
export async function tellCommit(session: Asked, from: string, { changes, events }: Notice): Promise<void> {
  const items = changes.map(({ kind, key, removed }): Item => [kind, key, removed ? '-' : null]);
  const first = events[0]?.sequence;
  const about = first === undefined ? null : [first - 1, events.length];
  await tell(
    session,
    inParts(items).map((part, i) => ({ from, changes: part, events: i === 0 ? about : null })),
  );
}

/** Tells what is posted. */
export async function tellPosted(asked: Asked, from: string, { topic, items }: Posted): Promise<void> {
  await tell(
    asked,
    inParts(items).map((part) => ({ from, topic, items: part })),
  );
}

async function tell(asked: Asked, messages: readonly object[]): Promise<void> {
  const payloads = messages.map((message) => JSON.stringify(message));
  await asked.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [channel, payloads]);
}

/** What another control plane told; undefined for what we told ourselves. */
export function heard(payload: string, self: string): Message | undefined {
  const { from, topic, items, changes, events } = JSON.parse(payload) as Partial<{
    from: string;
    topic: string;
    items: readonly Item[];
    changes: readonly [Kind, string, string | null][];
    events: readonly [number, number] | null;
  }>;
  if (from === self) return undefined;
  if (topic !== undefined) return { topic, items: items ?? [] };
  return {
    changes: (changes ?? []).map(([kind, key, removed]) => ({ kind, key, removed: removed !== null })),
    events: events === null || events === undefined ? null : { after: events[0], count: events[1] },
  };
}

function inParts(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [[]];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes + size > longest) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(item);
    bytes += size;
  }
  return parts;
}
