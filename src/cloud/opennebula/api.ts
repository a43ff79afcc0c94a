/**
 * OpenNebula's XML-RPC (docs.opennebula.io, "XML-RPC API"), as far as it is used here.
 *
 * Every answer is HTTP 200: `[true, id or XML, 0]`, or `[false, message, code, object id, -1]`, whose last value is an
 * `<i8>`; wrong types and unknown methods are a `<fault>`. Results are XML within the string, their values in CDATA.
 * Entities other than XML's own five and document types are refused before anything is parsed.
 */
import { XMLParser } from 'fast-xml-parser';
import { Fault } from '../../base/fault.ts';
import type { Http, HttpAnswer } from '../../base/http.ts';
import { Slots } from '../../base/slots.ts';

/** An element: its text, or its children by name. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] };
/** What a call is given; a number is an integer. */
export type Parameter = string | number | boolean;

/** OpenNebula refused; `code` is its own (0x0100 authentication … 0x8000 locked), or 0 for a `<fault>`. */
export class OpenNebulaError extends Error {
  override readonly name = 'OpenNebulaError';
  readonly code: number;

  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

/** Requests at once: oned takes 15 by default (MAX_CONN) and is not ours alone. */
const requestsAtOnce = 8;

/** Calls methods with a session. */
export class OpenNebulaApi {
  readonly #http: Http;
  readonly #url: string;
  readonly #session: () => Promise<string>;
  readonly #slots = new Slots(requestsAtOnce);

  constructor(http: Http, url: string, session: () => Promise<string>) {
    this.#http = http;
    this.#url = url;
    this.#session = session;
  }

  /** The result as text. Errors: OpenNebulaError, and Faults of HTTP and of answers that are none. */
  async call(method: string, parameters: readonly Parameter[], signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const session = await this.#session();
    const body = requestOf(method, [session, ...parameters]);
    const headers = { 'content-type': 'text/xml' };
    const leave = await this.#slots.take(signal);
    try {
      return resultOf(await this.#http({ method: 'POST', url: this.#url, headers, body }, signal));
    } finally {
      leave();
    }
  }

  /** The result as an element: the root's content. */
  async read(method: string, parameters: readonly Parameter[], signal: AbortSignal): Promise<Xml> {
    const document = parseXml(await this.call(method, parameters, signal));
    return typeof document === 'string' ? '' : first(Object.values(document)[0]);
  }
}

/** The children of that name. */
export function allIn(element: Xml, name: string): readonly Xml[] {
  const found = typeof element === 'string' ? undefined : element[name];
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

/** The first child on that path; an empty one where there is none. */
export function elementAt(element: Xml, ...path: readonly string[]): Xml {
  return path.reduce<Xml>((at, name) => allIn(at, name)[0] ?? '', element);
}

/** Its text; undefined where there is none, or an empty one. */
export function textAt(element: Xml, ...path: readonly string[]): string | undefined {
  const found = elementAt(element, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The number there; undefined where there is none. */
export function numberAt(element: Xml, ...path: readonly string[]): number | undefined {
  const text = textAt(element, ...path);
  const value = text === undefined ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Writes elements: OpenNebula takes templates as XML too, which knows how to escape. */
export function xmlOf(name: string, content: Xml | readonly Xml[]): string {
  if (isList(content)) return content.map((one) => xmlOf(name, one)).join('');
  const inner =
    typeof content === 'string'
      ? escaped(content)
      : Object.entries(content)
          .map(([child, value]) => xmlOf(child, value))
          .join('');
  return `<${name}>${inner}</${name}>`;
}

/** Reads a document. Fault unavailable for what is none. */
export function parseXml(text: string): Xml {
  const plain = plainOf(text);
  if (scan(plain) === null) throw nonsense(text);
  try {
    return parser.parse(plain) as Xml;
  } catch (error) {
    throw nonsense(text, error);
  }
}

/** The children of a document's root, each a document of its own, unread. Fault unavailable for what is no document. */
export function childrenOf(text: string): readonly string[] {
  const plain = plainOf(text);
  const children = scan(plain);
  if (children === null) throw nonsense(text);
  return children.map(([from, to]) => plain.slice(from, to));
}

/** The text without CDATA sections: what they hold is escaped like everything else. */
function plainOf(text: string): string {
  if (/<!(DOCTYPE|ENTITY)/i.test(text) || !/^\s*</.test(text)) throw nonsense(text);
  return text.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_section, raw: string) => escaped(raw));
}

/** elements within elements: what OpenNebula sends has ten */
const deepest = 50;

/**
 * Where the children of the root begin and end. Null unless every element that begins also ends: the parser would make
 * something of half a document.
 */
function scan(text: string): readonly (readonly [from: number, to: number])[] | null {
  const open: string[] = [];
  const children: (readonly [number, number])[] = [];
  let roots = 0;
  let from = 0;
  for (const { 0: tag, 1: close, 2: name = '', 3: empty, index } of text.matchAll(/<(\/?)([\w:.-]+)[^<>]*?(\/?)>/g)) {
    if (close === '/' && open.pop() !== name) return null;
    if (close === '' && open.length === 1) from = index;
    if (close === '') open.push(name);
    if (empty === '/') open.pop();
    if (open.length > deepest) return null;
    const ends = close === '/' || empty === '/';
    if (ends && open.length === 1) children.push([from, index + tag.length]);
    if (ends && open.length === 0) roots += 1;
  }
  return roots === 1 && open.length === 0 ? children : null;
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  tagValueProcessor: (_name, value) => unescaped(value),
});

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Lists are megabytes of `&lt;` and `&gt;`: those are not looked at one by one, as characters by number must be. */
function unescaped(text: string): string {
  if (text.includes('&#')) return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, oneUnescaped);
  const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"');
  return plain.replaceAll('&apos;', "'").replaceAll('&amp;', '&');
}

function oneUnescaped(whole: string, name: string): string {
  if (!name.startsWith('#')) return entities[name] ?? whole;
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

function requestOf(method: string, parameters: readonly Parameter[]): string {
  const values = parameters.map((one) => `<param><value>${valueOf(one)}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values}</params></methodCall>`;
}

function valueOf(parameter: Parameter): string {
  if (typeof parameter === 'boolean') return `<boolean>${parameter ? 1 : 0}</boolean>`;
  return typeof parameter === 'number' ? `<i4>${parameter}</i4>` : `<string>${escaped(parameter)}</string>`;
}

function resultOf(answer: HttpAnswer): string {
  if (answer.status !== 200) throw refusedBy(answer);
  const response = elementAt(parseXml(answer.text), 'methodResponse');
  const fault = allIn(elementAt(response, 'fault', 'value', 'struct'), 'member');
  if (fault.length > 0) {
    const words = fault.map((member) => scalar(elementAt(member, 'value'))).join(': ');
    throw new OpenNebulaError(0, words);
  }
  const values = allIn(elementAt(response, 'params', 'param', 'value', 'array', 'data'), 'value');
  if (values.length < 3) throw nonsense(answer.text);
  const [ok, result, code] = values.map(scalar);
  if (ok === '1') return result ?? '';
  throw new OpenNebulaError(Number(code), result ?? '');
}

/** The text of a value of whatever type; one without a type is a string. */
function scalar(value: Xml): string {
  const inner = typeof value === 'string' ? value : first(Object.values(value)[0]);
  return typeof inner === 'string' ? inner : '';
}

function first(found: Xml | readonly Xml[] | undefined): Xml {
  if (found === undefined) return '';
  return isList(found) ? (found[0] ?? '') : found;
}

function isList(found: Xml | readonly Xml[]): found is readonly Xml[] {
  return Array.isArray(found);
}

/** What stands before oned refused: a proxy, a balancer. */
function refusedBy({ status, text, retryAfterMs }: HttpAnswer): Fault {
  const code = status === 429 ? 'throttled' : status === 401 || status === 403 ? 'denied' : 'unavailable';
  return new Fault(code, `HTTP ${status}: ${firstWords(text)}`, {
    words: firstWords(text),
    retryAfterMs,
  });
}

function nonsense(text: string, cause?: unknown): Fault {
  const words = firstWords(text);
  return new Fault('unavailable', `the answer is no XML-RPC: ${words === '' ? '(nothing)' : words}`, { words, cause });
}

function firstWords(text: string): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}
