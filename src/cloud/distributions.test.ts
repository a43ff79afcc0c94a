import { expect, test } from 'vitest';
import { libraryAttributes } from './distributions.ts';

test.each<[string | undefined, string | undefined, object]>([
  ['debian', '12', { libc: 'glibc', glibc: '2.36' }],
  ['debian', '12.5', { libc: 'glibc', glibc: '2.36' }],
  ['debian', '13 (trixie)', { libc: 'glibc', glibc: '2.41' }],
  ['Ubuntu', '24.04', { libc: 'glibc', glibc: '2.39' }],
  ['ubuntu', '24', {}],
  ['ubuntu', '23.10', {}],
  ['rocky', '9.4', { libc: 'glibc', glibc: '2.34' }],
  ['alpine', '3.20', { libc: 'musl' }],
  ['debian', 'sid', {}],
  ['constructor', '12', {}],
  ['plan9', '4', {}],
  ['debian', undefined, {}],
  [undefined, undefined, {}],
])('%s %s', (distribution, version, attributes) => {
  expect(libraryAttributes(distribution, version)).toEqual(attributes);
});
