import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDemand } from './demand.ts';
import { parseSize } from './quantity.ts';

describe('parseDemand', () => {
  test.each([
    ['cores >= 2', { attribute: 'cores', operator: '>=', value: 2 }],
    ['cores>=2', { attribute: 'cores', operator: '>=', value: 2 }],
    ['memory >= 1.5GiB', { attribute: 'memory', operator: '>=', value: 1.5 * 1024 ** 3, dimension: 'size' }],
    ['memory < 512M', { attribute: 'memory', operator: '<', value: 512 * 1024 ** 2, dimension: 'size' }],
    ['latitude > -33.5', { attribute: 'latitude', operator: '>', value: -33.5 }],
    ['tier = gold', { attribute: 'tier', operator: '=', value: 'gold' }],
    ['tier == gold', { attribute: 'tier', operator: '=', value: 'gold' }],
    ['tier != "very gold"', { attribute: 'tier', operator: '!=', value: 'very gold' }],
    ['libc >= "2.31"', { attribute: 'libc', operator: '>=', value: '2.31' }],
    ['machine_type = m1.small', { attribute: 'machine_type', operator: '=', value: 'm1.small' }],
    ['host = 10.78.0.11', { attribute: 'host', operator: '=', value: '10.78.0.11' }],
    ['gpu = true', { attribute: 'gpu', operator: '=', value: true }],
    ['country in [SE, FI]', { attribute: 'country', operator: 'in', value: ['SE', 'FI'] }],
    ['clock >= 2.5GHz', { attribute: 'clock', operator: '>=', value: 2.5e9, dimension: 'frequency' }],
    ['zone matches "eu-*"', { attribute: 'zone', operator: 'matches', value: 'eu-*' }],
    ['features has gpu', { attribute: 'features', operator: 'has', value: ['gpu'] }],
    ['features has [gpu, nvme]', { attribute: 'features', operator: 'has', value: ['gpu', 'nvme'] }],
    ['until after 2027-01-31', { attribute: 'until', operator: 'after', value: '2027-01-31' }],
    [
      'location near [59.33, 18.07] within 500km',
      { attribute: 'location', operator: 'near', value: { latitude: 59.33, longitude: 18.07, metres: 500_000 } },
    ],
    [
      'cores >= 2 and not (tier = gold or gpu = true)',
      {
        all: [
          { attribute: 'cores', operator: '>=', value: 2 },
          {
            not: {
              any: [
                { attribute: 'tier', operator: '=', value: 'gold' },
                { attribute: 'gpu', operator: '=', value: true },
              ],
            },
          },
        ],
      },
    ],
    ["zone not  in [ 'a b',c ]", { attribute: 'zone', operator: 'not in', value: ['a b', 'c'] }],
  ])('%s', (text, demand) => {
    expect(parseDemand(text)).toEqual({ ok: true, demand });
  });

  test.each([
    ['', 0, 'starts with the name'],
    ['>= 2', 0, 'starts with the name'],
    ['cores', 5, 'operator is missing'],
    ['cores at least 2', 6, 'operator is missing'],
    ['cores => 2', 6, 'no operator'],
    ['cores >=', 8, 'value is missing'],
    ['cores >= 2 3', 11, '"3" is too much'],
    ['country = [SE]', 11, 'needs the operator "in"'],
    ['country in SE', 11, '"[" is missing'],
    ['country in [SE FI]', 15, '"]" or "," is missing'],
    ['country in []', 12, 'value is missing'],
    ['tier = "gold', 8, 'never closed'],
    ['(tier = gold', 12, '")" is missing'],
    ['tier = gold and', 15, 'starts with the name'],
    ['until before soon', 13, 'a date is missing'],
    ['location near Stockholm', 14, 'a place is missing'],
    ['location far [1, 2] within 3km', 20, '"beyond" is missing'],
    ['location near [1, 2] within 3G', 30, 'a distance is missing'],
  ])('refuses %j at %i', (text, offset, message) => {
    const parsed = parseDemand(text);
    expect(parsed).toMatchObject({ ok: false, offset });
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseDemand(text).ok).toBe('boolean');
      }),
    );
  });
});

test('sizes are powers of 1024, whatever their unit is called', () => {
  expect(['1K', '1KB', '1KiB'].map(parseSize)).toEqual([1024, 1024, 1024]);
  expect([parseSize('4'), parseSize('4 G'), parseSize('G')]).toEqual([undefined, undefined, undefined]);
});
