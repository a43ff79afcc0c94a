import { describe, expect, test } from 'vitest';
import { asAtom, asInteger, asList, asTagged, asText, asTuple, atom, binary, bool, charlist, float, parseTerm, property, tuple } from './term.ts'; // prettier-ignore

describe('pickers', () => {
  test('give what they name, or undefined', () => {
    expect([asAtom(atom('a')), asAtom(1), asAtom(undefined)]).toEqual(['a', undefined, undefined]);
    expect([asInteger(1), asInteger(1n << 60n), asInteger(float(1))]).toEqual([1, undefined, undefined]);
    expect([asList([1]), asList(tuple(1))]).toEqual([[1], undefined]);
    expect([asTuple(tuple(1, 2)), asTuple(tuple(1, 2), 2), asTuple(tuple(1), 2)]).toEqual([[1, 2], [1, 2], undefined]);
    expect(asTagged(tuple(atom('ok'), 1), 'ok', 2)).toEqual([atom('ok'), 1]);
    expect(asTagged(tuple(atom('error'), 1), 'ok', 2)).toBeUndefined();
  });

  test('read text in all its forms', () => {
    expect(
      ['a å', 'a å', 'a å'].every((text, i) => asText([atom(text), binary(text), charlist(text)][i]) === text),
    ).toBe(true);
    expect(asText([])).toBe('');
    expect([asText(1), asText([float(1)]), asText([-1]), asText(Uint8Array.of(255))]).toEqual(
      new Array(4).fill(undefined),
    );
  });

  test('look into property lists', () => {
    const list = parseTerm('[a, {b, 1}, {c, 1, 2}, {b, 2}]');
    expect(property(list, 'a')).toBe(bool(true));
    expect(property(list, 'b')).toBe(1);
    expect(property(list, 'c')).toBeUndefined();
    expect(property(atom('no_list'), 'a')).toBeUndefined();
  });
});
