import { expect, test } from 'vitest';
import { imageAttributes } from './market.ts';

const image = { id: '0f', name: 'debian-12', status: 'active' };

test.each<[string, object, object]>([
  ['nothing', {}, {}],
  ['its architecture, by any of its names', { hw_architecture: 'arm64' }, { arch: 'aarch64' }],
  [
    'its system and what that brings',
    { os_type: 'linux', os_distro: 'debian', os_version: '12' },
    { os: 'linux', libc: 'glibc', glibc: '2.36' },
  ],
  ['a system that nobody knows', { os_type: 'linux', os_distro: 'own' }, { os: 'linux' }],
])('an image says %s', (_, said, attributes) => {
  expect(imageAttributes({ ...image, ...said })).toEqual(attributes);
});
