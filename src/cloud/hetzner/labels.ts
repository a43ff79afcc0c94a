/**
 * Tags as labels: a label's value is at most 63 letters, digits, `-`, `_` and `.`, the first and last of them a letter or digit. A
 * host key's fingerprint is none: it is written in the alphabet of base64url between two letters.
 */
import { Fault } from '../../base/fault.ts';
import type { Json } from './json.ts';

const isValue = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;
const fingerprint = 'SHA256:';

/** The labels of a thing with those tags. Fault invalid where one cannot be a label. */
export function labelsFrom(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, labelOf(name, value)]));
}

function labelOf(name: string, value: string): string {
  const isKey = value.startsWith(fingerprint);
  const label = isKey
    ? `k${value.slice(fingerprint.length).replaceAll('+', '-').replaceAll('/', '_').replace(/=$/, '')}k`
    : value;
  if (isValue.test(label)) return label;
  throw new Fault('invalid', `"${value}" cannot be the label ${name} at Hetzner`, { object: `label ${name}` });
}

/** The tags in the labels of a thing. */
export function tagsIn(thing: Json): Record<string, string | undefined> {
  const labels = thing['labels'];
  const entries = Object.entries(typeof labels === 'object' && labels !== null ? labels : {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? tagOf(name, value) : undefined]),
  );
}

function tagOf(name: string, label: string): string {
  if (!name.endsWith('-host-key') || !/^k[\w-]{43}k$/.test(label)) return label;
  return `${fingerprint}${label.slice(1, -1).replaceAll('-', '+').replaceAll('_', '/')}`;
}
