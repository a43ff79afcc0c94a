/**
 * The text of a blueprint: YAML 1.2 as plain data, with the line and column of everything in it. The only file that
 * knows the YAML library.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node as YamlNode, Pair, YAMLError } from 'yaml';
import type { DocumentPath, Locate, Place, Spot } from './document-path.ts';
import type { InputFault } from './problem.ts';

/** A text that was read. `data` is undefined when `faults` holds any. */
export interface Source {
  readonly data: unknown;
  readonly locate: Locate;
  readonly faults: readonly InputFault[];
}

/** Reads YAML text. Never throws. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const locate: Locate = (path, spot = 0) => place(offsetOf(document, path, spot));
  // behind the first error the rest is guesswork, but duplicate keys can all be told
  const telling = document.errors.filter((error, at) => at === 0 || error.code === 'DUPLICATE_KEY');
  if (telling.length > 0)
    return { data: undefined, locate, faults: telling.map((error) => syntaxFault(error, text, place)) };
  return { ...plainData(document), locate };
}

function plainData(document: Document): Pick<Source, 'data' | 'faults'> {
  try {
    return { data: document.toJS(), faults: [] };
  } catch (error) {
    // an alias without its anchor, or aliases that would grow without bound
    const message = error instanceof Error ? error.message : String(error);
    return { data: undefined, faults: [{ path: '', line: null, column: null, message, hint: null }] };
  }
}

const plainWords: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'YAML is indented with spaces'],
  MULTIPLE_DOCS: ['there is a second document behind "---"', 'one blueprint a file'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " stands on one line', 'put the text in quotation marks'],
};

function syntaxFault(error: YAMLError, text: string, place: (offset: number) => Place): InputFault {
  const at = place(error.pos[0]);
  const [message, hint] = plainWords[error.code] ?? [error.message, null];
  if (error.code !== 'DUPLICATE_KEY') return { path: '', ...at, message, hint };
  const key = /^["']?([^:"'\n]*)/.exec(text.slice(error.pos[0]))?.[1]?.trim() ?? '';
  return { path: key, ...at, message: `the key "${key}" is there twice`, hint: 'leave one of them out' };
}

/** The offset in the text of what stands at a path, or of the nearest thing above it. */
function offsetOf(document: Document, path: DocumentPath, spot: Spot): number {
  let node: YamlNode | null = isNode(document.contents) ? document.contents : null;
  let offset = 0;
  for (const key of path) {
    const [next, at] = stepInto(resolved(node, document), key);
    if (at === null) return offset;
    offset = at;
    node = next;
  }
  return spot !== 'key' && isScalar(node) ? (node.range?.[0] ?? offset) + within(node, spot) : offset;
}

/** The node behind a key, and where the key itself (or the list's entry) stands. */
function stepInto(node: YamlNode | null, key: string | number): [YamlNode | null, number | null] {
  if (isSeq(node)) {
    const entry = node.items[Number(key)];
    return isNode(entry) ? [entry, entry.range?.[0] ?? null] : [null, null];
  }
  const pair = isMap(node) ? node.items.find((one) => keyText(one) === String(key)) : undefined;
  if (pair === undefined || !isNode(pair.key)) return [null, null];
  return [isNode(pair.value) ? pair.value : null, pair.key.range?.[0] ?? null];
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function resolved(node: YamlNode | null, document: Document): YamlNode | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

/** How far into a scalar's source its character number `offset` stands; block scalars are told by their start. */
function within(node: { type?: string | undefined }, offset: number): number {
  if (node.type === 'PLAIN') return offset;
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  return quoted && offset > 0 ? offset + 1 : 0;
}
