import { describe, expect, test } from 'vitest';
import { localAddresses } from '../../test/kit/planner-world.ts';
import { sampleDomain, sampleOffer } from '../../test/kit/records.ts';
import type { NodeAddress } from '../model/machine.ts';
import { Addressing } from './addressing.ts';
import { Host } from './place/board.ts';
import type { Site } from './place/board.ts';

const at = (address: string, prefix = 16): NodeAddress => ({ address, prefix, scope: 'network' });

function site(token: string, addresses: NodeAddress[]): Site {
  const place = sampleOffer({ addresses });
  return {
    token,
    offer: token,
    place,
    domain: sampleDomain(),
    host: new Host([]),
    hostKey: token,
    fresh: false,
    closed: null,
  };
}

describe('the address of a node', () => {
  test('is loopback while the whole component is on one machine', () => {
    const here = site('here', localAddresses('10.78.0.1'));
    expect(new Addressing([here, here]).of(here)).toBe('127.0.0.1');
  });

  test('is a network one as soon as it is on two', () => {
    const here = site('here', localAddresses('10.78.0.1'));
    expect(new Addressing([here, site('there', [at('10.78.0.11')])]).of(here)).toBe('10.78.0.1');
  });

  test('is on the subnet of the others, whatever comes first', () => {
    const here = site('here', [at('192.168.1.5', 24), at('10.77.0.1'), at('10.78.0.1')]);
    expect(new Addressing([here, site('there', [at('10.78.0.11', 32)])]).of(here)).toBe('10.78.0.1');
    expect(new Addressing([here, site('far', [at('172.16.0.1')])]).of(here)).toBe('192.168.1.5');
  });

  test('can be dialled from where nodes that link to it are, which moves none that is there', () => {
    const here = site('here', localAddresses('10.78.0.1'));
    const linkedFrom = new Addressing([here], [site('there', [at('10.78.0.11')])]);
    expect([linkedFrom.of(here), linkedFrom.outgrows]).toEqual(['10.78.0.1', false]);
    expect(new Addressing([here, site('there', [at('10.78.0.11')])]).outgrows).toBe(true);
  });

  test('is the token while nobody knows one', () => {
    const made = site('m-1', []);
    expect(new Addressing([made, site('m-2', [])]).of(made)).toBe('m-1');
  });
});
