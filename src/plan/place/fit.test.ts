import { expect, test } from 'vitest';
import { sampleRelease } from '../../../test/kit/records.ts';
import type { Offer, Platform } from '../../model/machine.ts';
import type { NativeNeeds } from '../../model/release.ts';
import { diskMisfit, misfit } from './fit.ts';

const native: NativeNeeds = { arch: 'x86_64', libc: 'glibc', glibc: '2.34', libraries: ['libtinfo.so.6'] };
const platform: Platform = {
  os: 'linux',
  arch: 'x86_64',
  libc: { kind: 'glibc', version: '2.36' },
  libraries: ['libtinfo.so.6'],
};

test.each<[string, Partial<NativeNeeds>, Partial<Platform>, string | null]>([
  ['what is asked for is there', {}, {}, null],
  ['another architecture', {}, { arch: 'aarch64' }, 'the release is built for x86_64, not for aarch64'],
  ['another libc', {}, { libc: { kind: 'musl', version: '1.2' } }, 'the release needs glibc, not musl'],
  ['an older libc', {}, { libc: { kind: 'glibc', version: '2.9' } }, 'the release needs glibc 2.34, there is 2.9'],
  ['a libc of the same age', { glibc: '2.36' }, {}, null],
  ['a libc that is newer by a third number', {}, { libc: { kind: 'glibc', version: '2.34.1' } }, null],
  ['a library that is missing', { libraries: ['libtinfo.so.6', 'libz.so.1'] }, {}, 'the release needs libz.so.1'],
  ['a platform that lists no libraries', {}, { libraries: [] }, null],
])('%s', (_, needs, found, why) => {
  const inspection = { ...sampleRelease().inspection, native: { ...native, ...needs } };
  expect(misfit(inspection, { platform: { ...platform, ...found }, attributes: { arch: 'said by nobody' } })).toBe(why);
});

test.each<[string, Partial<NativeNeeds>, Offer['attributes'], string | null]>([
  ['nothing is said', {}, {}, null],
  ['the same architecture', {}, { arch: 'x86_64', libc: 'glibc', glibc: '2.36' }, null],
  ['another architecture', {}, { arch: 'aarch64' }, 'the release is built for x86_64, not for aarch64'],
  ['another libc', {}, { libc: 'musl' }, 'the release needs glibc, not musl'],
  ['an older libc', {}, { glibc: '2.31' }, 'the release needs glibc 2.34, there is 2.31'],
  ['a libc whose age does not matter', { glibc: null }, { glibc: '2.31' }, null],
])('a machine that is still to be made: %s', (_, needs, attributes, why) => {
  const inspection = { ...sampleRelease().inspection, native: { ...native, ...needs } };
  expect(misfit(inspection, { platform: null, attributes })).toBe(why);
});

test('a release without machine code fits everywhere', () => {
  expect(misfit(sampleRelease().inspection, { platform, attributes: {} })).toBeNull();
  expect(misfit(sampleRelease().inspection, { platform: null, attributes: { arch: 'aarch64' } })).toBeNull();
});

test.each<[string, number, Platform | null, string | null]>([
  ['there is room', 80e6, platform, null],
  ['there is too little', 12.34e6, platform, 'the release needs 50 MB of disk when unpacked, 12.3 MB are free'],
  ['there is none', 0, platform, 'the release needs 50 MB of disk when unpacked, 0 MB are free'],
  ['a machine type says nothing of its disk', 0, null, null],
  ['a machine type has too little', 8e6, null, 'the release needs 50 MB of disk when unpacked, 8 MB are free'],
])('the disk: %s', (_, diskFreeBytes, measured, why) => {
  const inspection = { ...sampleRelease().inspection, unpackedBytes: 50e6 };
  const capacity = { cores: 1, memoryBytes: 1, diskFreeBytes };
  expect(diskMisfit(inspection, { capacity, platform: measured })).toBe(why);
});
