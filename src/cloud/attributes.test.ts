import { describe, expect, test } from 'vitest';
import type { Domain } from '../model/domain.ts';
import { declaredAttributes, placeAttributes } from './attributes.ts';

function domainOf(where: { region?: string; zone?: string }): Domain {
  return { name: 'north', definition: { provider: 'stack', ...where }, declaredBy: null };
}

describe('attributes', () => {
  test.each([
    [{}, { region: 'north', zone: 'north' }],
    [{ region: 'eu' }, { region: 'eu', zone: 'eu' }],
    [{ zone: 'z1' }, { region: 'north', zone: 'z1' }],
    [
      { region: 'eu', zone: 'z1' },
      { region: 'eu', zone: 'z1' },
    ],
  ])('a domain at %j lies at %j', (where, expected) => {
    expect(placeAttributes('openstack', domainOf(where))).toEqual({
      ...expected,
      domain: 'north',
      provider: 'stack',
      kind: 'openstack',
    });
  });

  test('declared sizes are bytes; everything else stays as it was written', () => {
    const declared = { memory: '1.5GiB', tier: 'gold', gpus: 2, spot: false, rack: '4', model: 'M4' };
    expect(declaredAttributes(declared)).toEqual({ ...declared, memory: 1.5 * 2 ** 30 });
    expect(declaredAttributes(undefined)).toEqual({});
  });
});
