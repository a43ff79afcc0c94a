/** XML-RPC as oned speaks it, from the server's side: calls, answers, refusals, templates. */
import { allIn, elementAt, parseXml, textAt, xmlOf } from '../../src/cloud/opennebula/api.ts';
import type { Xml } from '../../src/cloud/opennebula/api.ts';

/** Refused by code. */
export class Refusal extends Error {
  readonly code: number;
  readonly object: number;

  constructor(code: number, words: string, object = -1) {
    super(words);
    this.code = code;
    this.object = object;
  }
}

/** Not understood: answered as a `<fault>`. */
export class Misuse extends Error {
  readonly code: number;

  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

/** A parameter. */
export type Value = string | number | boolean;
/** A template. */
export type Body = Record<string, Xml | readonly Xml[]>;

/** The answer to a call: what came of it, or how it was refused. */
export function answerOf(act: () => string | number): string {
  try {
    return response([true, act(), 0].map(valueXml).join(''));
  } catch (error) {
    if (error instanceof Refusal)
      return response(
        [false, error.message, error.code, error.object].map(valueXml).join('') + '<value><i8>-1</i8></value>',
      );
    const [code, words] = error instanceof Misuse ? [error.code, error.message] : [-500, String(error)];
    return fault(code, words);
  }
}

/** As oned writes templates: every value a CDATA section. */
export function inSections(name: string, content: Xml | readonly Xml[]): string {
  if (Array.isArray(content)) return content.map((one: Xml) => inSections(name, one)).join('');
  const inner =
    typeof content === 'string'
      ? `<![CDATA[${content}]]>`
      : Object.entries(content as Body)
          .map(([child, value]) => inSections(child, value))
          .join('');
  return `<${name}>${inner}</${name}>`;
}

/** Templates come as XML or as text (`NAME = "value"`, `NAME = [ KEY = "value" ]`); names become upper case. */
export function templateFrom(method: string, given: string): Body {
  if (given === '') return {};
  if (given.startsWith('<')) {
    const document = parseXml(given);
    const body = elementAt(document, Object.keys(document)[0] ?? '');
    return Object.fromEntries(Object.entries(body as Body).map(([key, value]) => [key.toUpperCase(), value]));
  }
  const found = [...given.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|\[([^\]]*)\])/g)];
  if (found.length === 0) throw new Refusal(0x2000, `[${method}] Parse error: syntax error, unexpected VARIABLE`);
  return Object.fromEntries(
    found.map(([, key = '', value, vector]) => [
      key.toUpperCase(),
      vector === undefined ? (value ?? '').replace(/\\(.)/g, '$1') : (templateFrom(method, vector) as Xml),
    ]),
  );
}

/** The parameters after the session, by type: integer, string, boolean. More of them may come. */
export function want(values: readonly Value[], types: string): void {
  const kinds: Readonly<Record<string, string>> = { i: 'number', s: 'string', b: 'boolean' };
  types.split('').forEach((type, index) => {
    const value = values[index + 1];
    // later ones have defaults
    if (value === undefined && index > 0) return;
    if (typeof value !== kinds[type])
      throw new Misuse(
        -501,
        `Parameter ${index + 1} has the wrong type: ${typeof value}, expected ${kinds[type] ?? ''}`,
      );
  });
}

/** Reads a call: its method, and the session with the parameters. */
export function readCall(body: string): { method: string; values: Value[] } {
  const call = elementAt(parseXml(body), 'methodCall');
  const values = allIn(elementAt(call, 'params'), 'param').map((one): Value => {
    const value = elementAt(one, 'value');
    if (typeof value === 'string') return value;
    const [type = 'string'] = Object.keys(value);
    const raw = textAt(value, type) ?? '';
    if (type === 'boolean') return raw === '1';
    return type === 'string' ? raw : Number(raw);
  });
  return { method: textAt(call, 'methodName') ?? '', values };
}

function valueXml(value: Value): string {
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === 'number') return `<value><i4>${value}</i4></value>`;
  return `<value>${xmlOf('string', value)}</value>`;
}

function response(values: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n${values}\r\n</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n`;
}

function fault(code: number, words: string): string {
  const member = (name: string, value: string) => `<member><name>${name}</name><value>${value}</value></member>`;
  const struct = `<struct>${member('faultCode', `<int>${code}</int>`)}${member('faultString', xmlOf('string', words))}</struct>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse><fault><value>${struct}</value></fault></methodResponse>\r\n`;
}
