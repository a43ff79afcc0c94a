import { describe, expect, test } from 'vitest';
import { atom, equalTerms, parseTerm } from '../erlang/erlang.ts';
import { boundCall } from './bound-call.ts';
import type { Bindings } from './bound-call.ts';

const bindings: Bindings = { New: atom('colony-1@h'), Peer: atom('master-1@h'), Family: atom('colony') };

describe('a call text becomes terms', () => {
  test.each([
    ['m:f()', '[]'],
    ['m:f(Peer, New, Family)', "['master-1@h','colony-1@h',colony]"],
    ['m:f({join, Peer, [Family]})', "[{join,'master-1@h',[colony]}]"],
    ['m:f(1, -2, 12345678901234567890)', '[1,-2,12345678901234567890]'],
    ['m:f(2.0)', '[2.0]'],
    ['m:f("å", <<"å">>)', '["å",<<"å"/utf8>>]'],
    ['m:f(#{node => New, 1 => <<>>})', "[#{node => 'colony-1@h',1 => <<>>}]"],
    ["m:f('an atom')", "['an atom']"],
  ])('%s', (text, args) => {
    const call = boundCall(text, bindings);
    expect(call).toMatchObject({ module: 'm', function: 'f' });
    expect(equalTerms(call.args, parseTerm(args))).toBe(true);
  });
});

describe('is refused', () => {
  test('when it cannot be read', () => {
    expect(() => boundCall('m:f(', bindings)).toThrow(/^"m:f\(" is no call: /);
  });

  test('when it speaks of a peer and there is none', () => {
    const alone = { ...bindings, Peer: null };
    expect(() => boundCall('m:f({x, Peer})', alone)).toThrow('Peer stands for no node in "m:f({x, Peer})"');
    expect(boundCall('m:f(New)', alone).args).toEqual([atom('colony-1@h')]);
  });
});
