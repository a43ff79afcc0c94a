import { expect, test } from 'vitest';
import { regionAttributes } from './regions.ts';

test('a region of a public cloud says where it is', () => {
  const stockholm = { country: 'SE', continent: 'EU', latitude: 59.3, longitude: 18.1 };
  expect(regionAttributes('ec2', 'eu-north-1')).toEqual(stockholm);
  expect(regionAttributes('rackspace', 'ORD')).toMatchObject({ country: 'US', continent: 'NA' });
  expect(regionAttributes('hetzner', 'hel1')).toMatchObject({ country: 'FI' });
  expect(regionAttributes('digitalocean', 'blr1')).toMatchObject({ country: 'IN', continent: 'AS' });
});

test('what is in no table says nothing', () => {
  for (const [kind, region] of [
    ['ec2', 'mars-north-1'],
    ['openstack', 'RegionOne'],
    ['constructor', 'x'],
    ['ec2', 'toString'],
  ] as const)
    expect(regionAttributes(kind, region)).toEqual({});
});
