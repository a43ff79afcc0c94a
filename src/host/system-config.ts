/**
 * A family's settings as an Erlang configuration file (`config(4)` of kernel: one list of `{Application, Parameters}`).
 *
 * YAML has fewer types than Erlang, so a value is read by this rule:
 *   number            integer, or float when it has a fraction
 *   true, false       the atom;  null is the atom undefined
 *   text              an atom where it looks like a plain one (`master`, `ants_tcp`, `node@host`: a lower-case letter, then
 *                     letters, digits, _ and @), else a string
 *   list              a list
 *   mapping           a property list with atoms as keys
 *   {atom: …}  {string: …}  {binary: …}  {float: …}  {tuple: […]}  {map: {…}}
 *                     exactly that, where the rule above would say something else
 */
import { Fault } from '../base/fault.ts';
import { atom, binary, bool, charlist, erlangMap, float, formatTerms, tuple } from '../erlang/term/term.ts';
import type { Term } from '../erlang/term/term.ts';
import type { NodeConfiguration } from '../model/family.ts';

type Settings = NonNullable<NodeConfiguration['sysConfig']>;
type Value = Settings[string][string];

const plainAtom = /^[a-z][A-Za-z0-9_@]*$/;

/** The configuration file's text. Fault invalid naming the setting that has no Erlang form. */
export function systemConfig(settings: Settings): string {
  const applications = Object.entries(settings).map(([application, parameters]) => {
    const pairs = Object.entries(parameters).map(([key, value]) => tuple(atom(key), term(value, [application, key])));
    return tuple(atom(application), pairs);
  });
  return formatTerms([applications]);
}

/** One value; `path` says where it stands, for the fault. */
function term(value: Value, path: readonly string[]): Term {
  if (value === null) return atom('undefined');
  if (typeof value === 'boolean') return bool(value);
  if (typeof value === 'number') return Number.isInteger(value) ? integer(value) : float(value);
  if (typeof value === 'string') return plainAtom.test(value) ? atom(value) : charlist(value);
  if (Array.isArray(value)) return value.map((element, index) => term(element, [...path, String(index)]));
  return exactly(value, path) ?? properties(value, path);
}

function integer(value: number): Term {
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

function properties(value: Readonly<Record<string, Value>>, path: readonly string[]): Term {
  return Object.entries(value).map(([key, inner]) => tuple(atom(key), term(inner, [...path, key])));
}

/** The forms that name their type; null for a mapping that is none of them. */
function exactly(value: Readonly<Record<string, Value>>, path: readonly string[]): Term | null {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return null;
  const [form, inner] = entry;
  switch (form) {
    case 'atom':
      return atom(text(inner, [...path, form]));
    case 'string':
      return charlist(text(inner, [...path, form]));
    case 'binary':
      return binary(text(inner, [...path, form]));
    case 'float':
      return float(number(inner, [...path, form]));
    case 'tuple':
      return tuple(...list(inner, [...path, form]).map((element, index) => term(element, [...path, String(index)])));
    case 'map':
      return erlangMap(
        Object.entries(mapping(inner, [...path, form])).map(([key, v]) => [atom(key), term(v, [...path, key])]),
      );
    default:
      return null;
  }
}

function text(value: Value, path: readonly string[]): string {
  return typeof value === 'string' ? value : refuse(path, 'text');
}

function number(value: Value, path: readonly string[]): number {
  return typeof value === 'number' ? value : refuse(path, 'a number');
}

function list(value: Value, path: readonly string[]): readonly Value[] {
  return Array.isArray(value) ? value : refuse(path, 'a list');
}

function mapping(value: Value, path: readonly string[]): Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : refuse(path, 'a mapping');
}

function refuse(path: readonly string[], wanted: string): never {
  throw new Fault('invalid', `sysConfig ${path.join('.')} must be ${wanted}`, {
    object: `sysConfig ${path.join('.')}`,
  });
}
