/**
 * ETag, If-None-Match and If-Match (RFC 9110, sections 8.8.3 and 13.1). A tag has two parts: `"7-Zk3…"` or
 * `"7-Zk3….p0Qa…"`. The first is the version of the thing, the second the digest of the answer, which may also tell
 * what changes without anybody's doing (figures, ages). A reader is spared an answer only when both are the same;
 * whoever changes a thing is refused when the first is another one.
 *
 * The comparison is made right before the act. Where the act itself is a compare-and-set, it is made with the version
 * that was read (`Input.matched`), so that nobody comes in between.
 */
import type { Need, Subject as Request } from './access.ts';
import type { Store } from '../store/store.ts';
import { markOf } from './subject.ts';
import type { Standing, Subject } from './subject.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Thrown when a thing is not what it was when it was read. */
export class Stale extends Error {
  override readonly name = 'Stale';
  readonly object: string;
  readonly next: string;

  constructor(message: string, object: string, next: string) {
    super(message);
    this.object = object;
    this.next = next;
  }
}

/** The tag of an answer, given as the text that is sent. */
export function etagOf(standing: Standing | undefined, answer: string): string {
  const body = markOf(answer);
  return standing === undefined ? `"${body}"` : `"${versionTag(standing)}.${body}"`;
}

/** Whether the reader has this very answer already. */
export function isKnown(headers: Headers, etag: string): boolean {
  const tags = tagsIn(headers['if-none-match']);
  return tags.includes('*') || tags.includes(etag);
}

/** What a changing request is asked under. */
interface Condition {
  readonly need: Pick<Need, 'operation'>;
  readonly subject: Subject | undefined;
  readonly store: Store;
}

/** The version that the caller read, where it named one; null otherwise. Throws Stale when there is another one now. */
export async function matchedVersion(
  headers: Headers,
  request: Request,
  { need, subject, store }: Condition,
): Promise<number | null> {
  const [wanted, unwanted] = [tagsIn(headers['if-match']), tagsIn(headers['if-none-match'])];
  if (wanted.length === 0 && unwanted.length === 0) return null;
  if (subject === undefined)
    throw new Stale(`${need.operation} is about nothing that has a version`, need.operation, 'ask without If-Match');
  const standing = await subject(request, store);
  if (unwanted.includes('*') && standing !== undefined)
    throw new Stale(`there is ${standing.object} already`, standing.object, standing.next);
  if (wanted.length === 0) return null;
  if (standing === undefined) throw new Stale('it is not there any more', need.operation, 'look what is there now');
  if (wanted.includes('*')) return null;
  if (wanted.some((tag) => bare(tag).split('.')[0] === versionTag(standing))) return standing.version;
  throw await staleOf(standing, wanted);
}

async function staleOf(standing: Standing, wanted: readonly string[]): Promise<Stale> {
  const { object, version, next } = standing;
  const read = Number.parseInt(bare(wanted[0] ?? ''), 10);
  const was = Number.isNaN(read) || read >= version ? 'is another one' : `was at version ${read}`;
  const words = await standing.since(Number.isNaN(read) ? version : read);
  const since = words === null ? '' : ` (${words})`;
  return new Stale(`${object} ${was} when it was read, and is at version ${version} now${since}`, object, next);
}

function versionTag({ version, mark }: Standing): string {
  return `${version}-${mark}`;
}

function bare(tag: string): string {
  return tag.replaceAll('"', '');
}

/** Tags as they were sent; that one is weak makes no difference to us. */
function tagsIn(header: string | string[] | undefined): readonly string[] {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return text
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .filter((tag) => tag !== '');
}
