import { describe, expect, test } from 'vitest';
import { systemConfig } from './system-config.ts';

type Value = Parameters<typeof systemConfig>[0][string][string];
const written = (value: Value) => systemConfig({ ants: { key: value } });

describe('a setting becomes', () => {
  test.each<[string, Value, string]>([
    ['an atom, where it looks like one', 'master', 'master'],
    ['an atom, with @ and digits', 'a_1@host', 'a_1@host'],
    ['a string, with a capital', 'Master', '"Master"'],
    ['a string, with a space', 'two words', '"two words"'],
    ['a string, with a quote', 'say "no"', '"say \\"no\\""'],
    ['an integer', 8080, '8080'],
    ['a large integer', 2 ** 60, '1152921504606846976'],
    ['a float', 0.5, '0.5'],
    ['true', true, 'true'],
    ['undefined', null, 'undefined'],
    ['a list', [1, 'a', 'B'], '[1,a,"B"]'],
    ['a property list', { port: 1, host: 'x.y' }, '[{port,1},{host,"x.y"}]'],
    ['exactly an atom', { atom: 'Two Words' }, "'Two Words'"],
    ['exactly a string', { string: 'master' }, '"master"'],
    ['exactly a binary', { binary: 'master' }, '<<"master">>'],
    ['exactly a float', { float: 1 }, '1.0'],
    ['exactly a tuple', { tuple: ['a', { tuple: [1] }] }, '{a,{1}}'],
    ['exactly a map', { map: { a: 1 } }, '#{a=>1}'],
    ['a property list, when its one key is no form', { port: 1 }, '[{port,1}]'],
  ])('%s', (_, value, erlang) => {
    expect(written(value).replace(/ => /g, '=>')).toBe(`[{ants,[{key,${erlang}}]}].\n`);
  });

  test('several applications, one list', () => {
    expect(systemConfig({ ants: { a: 1, b: 2 }, sasl: { c: 3 } })).toBe('[{ants,[{a,1},{b,2}]},{sasl,[{c,3}]}].\n');
  });

  test.each<[Value, string]>([
    [{ tuple: 'a' }, 'sysConfig ants.key.tuple must be a list'],
    [{ atom: 1 }, 'sysConfig ants.key.atom must be text'],
    [[{ map: [] }], 'sysConfig ants.key.0.map must be a mapping'],
  ])('nothing, for %j: the fault names the place', (value, words) => {
    expect(() => written(value)).toThrow(words);
  });
});
