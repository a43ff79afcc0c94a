/** Extended headers: records `LENGTH KEY=VALUE\n` that describe the next entry (POSIX.1-2001 pax, "Extended Header"). */
import { refused } from './limits.ts';
import { text } from './tar-header.ts';

/** What a record changes. The rest (times, owners, comments) does not matter here. */
export interface PaxChanges {
  readonly path?: string;
  readonly link?: string;
  readonly size?: number;
}

/** Reads the records in front of one entry. Fault `invalid` for broken records and for sparse files. */
export function parsePax(body: Buffer): PaxChanges {
  let changes: PaxChanges = {};
  for (const [key, value] of records(body)) changes = { ...changes, ...change(key, value) };
  return changes;
}

/** A global header may carry a comment (git archive writes one), but may not rename what follows. */
export function checkGlobalPax(body: Buffer): void {
  for (const [key, value] of records(body))
    if (Object.keys(change(key, value)).length > 0)
      throw refused(`a global header sets ${key} for all entries that follow`);
}

function change(key: string, value: Buffer): PaxChanges {
  if (key.startsWith('GNU.sparse')) throw refused('it holds a sparse file, which not every tar unpacks alike');
  if (key === 'path') return { path: whole(value, key) };
  if (key === 'linkpath') return { link: whole(value, key) };
  return key === 'size' ? { size: size(value) } : {};
}

/** A NUL would end the name for some tools and not for others. */
function whole(value: Buffer, key: string): string {
  if (value.length === 0 || value.includes(0)) throw refused(`an extended header has an empty or cut ${key}`);
  return text(value);
}

function size(value: Buffer): number {
  const digits = value.toString('latin1');
  if (!/^\d{1,15}$/.test(digits)) throw refused('an extended header states a size that is no number');
  return Number(digits);
}

function* records(body: Buffer): Generator<readonly [string, Buffer]> {
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 ? '' : body.toString('latin1', at, space);
    const end = at + Number(digits);
    const equals = body.indexOf(0x3d, space);
    if (!/^\d{1,9}$/.test(digits) || end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end)
      throw refused('an extended header is broken');
    yield [body.toString('utf8', space + 1, equals), body.subarray(equals + 1, end - 1)];
    at = end;
  }
}
