/**
 * What the schema found, in words for the person who wrote the file: what is wrong, and what to write instead. The
 * schema library tells a union's failure as the failures of all members; here the member that was most likely meant
 * speaks.
 */
import type { z } from 'zod';
import { nearest, suggestion } from '../base/nearest.ts';
import { knownKeys } from './blueprint-schema.ts';
import { pathText, valueAt } from './document-path.ts';
import type { DocumentPath, Finding } from './document-path.ts';

type Issue = z.core.$ZodIssue;

/** The findings behind the schema's issues; `data` is what was checked. */
export function findingsOf(issues: readonly Issue[], data: unknown): Finding[] {
  return onceTold(issues.flatMap((issue) => explain(issue, issue.path as DocumentPath, data)));
}

/** A mistyped key is missing under its right name, too: told once is enough. */
function onceTold(findings: readonly Finding[]): Finding[] {
  const meant = findings.flatMap(({ path, hint }) => {
    const [, key] = /^did you mean "(.*)"\?$/.exec(hint ?? '') ?? [];
    return key === undefined ? [] : [pathText([...path.slice(0, -1), key])];
  });
  return findings.filter((one) => !(one.message.endsWith(' is missing') && meant.includes(pathText(one.path))));
}

function explain(issue: Issue, path: DocumentPath, data: unknown): Finding[] {
  const value = valueAt(data, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(data, path, key));
  if (issue.code === 'invalid_key') return [finding([...path], issue.issues[0]?.message ?? issue.message, null, 'key')];
  if (value === undefined) return [missing(issue, path)];
  switch (issue.code) {
    case 'invalid_union':
      return explainUnion(issue, path, data);
    case 'invalid_type':
      return [wrongType(path, issue.expected, value)];
    case 'invalid_value':
      return [notOneOf(path, issue.values.map(String), value)];
    case 'too_small':
      return [
        finding(
          path,
          `${found(value)} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'small' : 'short'}: at least ${issue.minimum}`,
        ),
      ];
    case 'too_big':
      return [
        finding(
          path,
          `${found(value)} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'big' : 'long'}: at most ${issue.maximum}`,
        ),
      ];
    default:
      return [finding(path, `${found(value)}: ${issue.message}`)];
  }
}

function finding(path: DocumentPath, message: string, hint: string | null = null, spot: Finding['spot'] = 0): Finding {
  return { path, spot, message, hint };
}

function unknownKey(data: unknown, path: DocumentPath, key: string): Finding {
  const hint = suggestion(key, knownKeys(data, path), 'the keys here are');
  return finding([...path, key], `unknown key "${key}"`, hint, 'key');
}

function missing(issue: Issue, path: DocumentPath): Finding {
  const options = optionsOf(issue);
  const hint = options.length === 0 ? null : `one of ${options.join(', ')}`;
  return finding(path, `"${String(path.at(-1))}" is missing`, hint);
}

function optionsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  const named = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  return [
    ...named,
    ...issue.errors
      .flat()
      .filter((inner) => inner.path.length === 0)
      .flatMap(optionsOf),
  ];
}

function notOneOf(path: DocumentPath, options: readonly string[], value: unknown): Finding {
  const message =
    options.length === 1
      ? `expected ${options[0] ?? ''}, found ${found(value)}`
      : `${found(value)} is not one of ${options.join(', ')}`;
  const near = typeof value === 'string' ? nearest(value, options) : undefined;
  return finding(path, message, near === undefined ? null : `did you mean "${near}"?`);
}

/** What a union's members expect when none of them takes a value of this type. */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: DocumentPath, data: unknown): Finding[] {
  const options = optionsOf(issue);
  if (issue.errors.length === 0) return [notOneOf(path, options, valueAt(data, path))];
  const fitting = issue.errors.filter((issues) => !issues.some(isWrongAtRoot));
  const meant = fitting.sort((one, other) => distance(one) - distance(other))[0];
  if (meant !== undefined) return explainMember(meant, path, data);
  const value = valueAt(data, path);
  if (typeof value === 'string' && options.length > 0) return [withKeys(notOneOf(path, options, value), data)];
  const expected = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_type' ? [typeWords(inner.expected)] : []));
  const alternatives = [...options, ...new Set(expected)].join(' or ');
  return [withKeys(finding(path, `expected ${alternatives}, found ${found(value)}`), data)];
}

/** Adds that a mapping would do as well, where nothing better is known. */
function withKeys(one: Finding, data: unknown): Finding {
  const keys = knownKeys(data, one.path);
  return one.hint !== null || keys.length === 0 ? one : { ...one, hint: `or a mapping with: ${keys.join(', ')}` };
}

function isWrongAtRoot(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** How far the data is from a member: a wrong value tells members apart better than a key that is missing or too much. */
function distance(issues: readonly Issue[]): number {
  const weight = (issue: Issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.length : issue.code === 'invalid_value' ? 3 : 1;
  return issues.reduce((sum, issue) => sum + weight(issue), 0);
}

function explainMember(issues: readonly Issue[], path: DocumentPath, data: unknown): Finding[] {
  return issues.flatMap((issue) => explain(issue, [...path, ...(issue.path as DocumentPath)], data));
}

function wrongType(path: DocumentPath, expected: string, value: unknown): Finding {
  const numeral = typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value));
  const hint =
    value === null
      ? 'write a value behind the colon, or leave the key out'
      : (expected === 'number' || expected === 'int') && numeral
        ? 'write it without quotation marks'
        : expected === 'string' && typeof value !== 'object'
          ? 'put it in quotation marks'
          : null;
  return finding(path, `expected ${typeWords(expected)}, found ${found(value)}`, hint);
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

function typeWords(expected: string): string {
  return words[expected] ?? expected;
}

function found(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}
