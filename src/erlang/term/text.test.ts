import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceTerms } from '../../../test/kit/arbitrary-terms.ts';
import { atom, binary, charlist, equalTerms, erlangMap, float, formatTerm, formatTerms, tuple } from './term.ts';
import { BitString, EncodeError, ExportFun, Fun, ImproperList, ParseError, parseTerm, parseTerms } from './term.ts';
import { Pid, Port, Reference } from './term.ts';
import type { Term } from './term.ts';

/** The text as we write it, and the term. */
const both: [text: string, term: Term][] = [
  ['0', 0],
  ['-12', -12],
  ['123456789012345678901234567890', 123456789012345678901234567890n],
  ['1.0', float(1)],
  ['-0.0', float(-0)],
  ['0.1', float(0.1)],
  ['1.0e100', float(1e100)],
  ['1.5e-10', float(1.5e-10)],
  ['ok', atom('ok')],
  ['a@b_C1', atom('a@b_C1')],
  ['åäö', atom('åäö')],
  ["'Ok'", atom('Ok')],
  ["'a b'", atom('a b')],
  ["''", atom('')],
  ["'it\\'s'", atom("it's")],
  ["'end'", atom('end')],
  ["'a-b'", atom('a-b')],
  ["'中'", atom('中')],
  ["'\\x{0}\\n'", atom('\0\n')],
  ['[]', []],
  ['"abc"', charlist('abc')],
  ['"a\\"\\\\\\n"', charlist('a"\\\n')],
  ['"å"', charlist('å')],
  ['[20013]', charlist('中')],
  ['[1,2]', [1, 2]],
  ['[a|b]', new ImproperList([atom('a')], atom('b'))],
  ['{}', tuple()],
  ['{a,{b},[]}', tuple(atom('a'), tuple(atom('b')), [])],
  ['#{}', erlangMap([])],
  ['#{a => 1,"k" => #{}}', erlangMap([[atom('a'), 1], [charlist('k'), erlangMap([])]])], // prettier-ignore
  ['<<>>', new Uint8Array()],
  ['<<"abc">>', binary('abc')],
  ['<<"å中"/utf8>>', binary('å中')],
  ['<<255,1>>', Uint8Array.of(255, 1)],
  ['<<1,5:3>>', new BitString(Uint8Array.of(1, 0xa0), 3)],
  ["fun m:'F'/2", new ExportFun(atom('m'), atom('F'), 2)],
];

/** Other ways to write terms. */
const readOnly: [text: string, term: Term][] = [
  ['16#ff', 255],
  ['2#101', 5],
  ['36#zz', 1295],
  ['1_000_000', 1_000_000],
  ['16#ff_ff', 65535],
  ['+5', 5],
  ['- 5', -5],
  ['-1.5', float(-1.5)],
  ['1.5E+3', float(1500)],
  ['1_0.2_5', float(10.25)],
  ['$a', 97],
  ['$\\n', 10],
  ['$\\s', 32],
  ['$ ', 32],
  ['$\\x{4e2d}', 0x4e2d],
  ['$\\x41', 65],
  ['$\\101', 65],
  ['$\\^A', 1],
  ['$𝄞', 0x1d11e],
  ['"a" "b"\n"c"', charlist('abc')],
  ['"\\d\\e\\q"', charlist('\x7f\x1bq')],
  ['"a\nb"', charlist('a\nb')],
  ['"""\n  a\n   "b"\\n\n  """', charlist('a\n "b"\\n')],
  ['"""\n"""', []],
  ['[1|[2,3]]', [1, 2, 3]],
  ['[1|[2|x]]', new ImproperList([1, 2], atom('x'))],
  ['[{a,b}%comment\n,\tc]', [tuple(atom('a'), atom('b')), atom('c')]],
  ['<<"å">>', Uint8Array.of(229)],
  ['<<"a",1,"b">>', Uint8Array.of(97, 1, 98)],
  ['<<1:16>>', Uint8Array.of(0, 1)],
  ['<<-1:16>>', Uint8Array.of(255, 255)],
  ['<<1:4,2:4>>', Uint8Array.of(0x12)],
  ['<<257>>', Uint8Array.of(1)],
];

const wrong: [text: string, line: number, column: number, message: RegExp][] = [
  ['{a,\n  b', 2, 4, /} must stand here/],
  ['{a b}', 1, 4, /} must stand here/],
  ['[1,2', 1, 5, /] must stand here/],
  ['"abc', 1, 1, /closing "/],
  ["x\n'abc", 2, 1, /closing '/],
  ['Var', 1, 1, /Var is a variable/],
  ['a b', 1, 3, /goes on/],
  ['?MACRO', 1, 1, /no term/],
  ['3#9', 1, 1, /base 3/],
  ['99#1', 1, 1, /base 99/],
  ['-a', 1, 2, /number/],
  ['#{a := 1}', 1, 5, /=>/],
  ['<<a>>', 1, 3, /integer or a string/],
  ['<<"a"/binary>>', 1, 7, /utf8/],
  ['fun m:f', 1, 8, /\/ must/],
  ['1.0e999', 1, 1, /too large/],
  [`'${'a'.repeat(256)}'`, 1, 1, /255/],
  ['['.repeat(600), 1, 501, /deeply/],
  ['$', 1, 2, /ends/],
  ['"\\x{110000}"', 1, 12, /no character/],
];

describe('source text', () => {
  test.each(both)('%s both ways', (text, term) => {
    expect(formatTerm(term)).toBe(text);
    expect(parseTerm(text)).toEqual(term);
  });

  test.each(readOnly)('%s is read', (text, term) => {
    expect(parseTerm(text)).toEqual(term);
  });

  test.each(wrong)('%s is refused', (text, line, column, message) => {
    const error = thrownBy(() => parseTerm(text));
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ line, column });
    expect((error as ParseError).message).toMatch(message);
  });

  test('what is written reads back as the same', () => {
    fc.assert(
      fc.property(fc.array(sourceTerms, { maxLength: 3 }), (terms) =>
        equalTerms(parseTerms(formatTerms(terms)), terms),
      ),
    );
  });

  test('any text gives terms or a ParseError, nothing else', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', '|', ',', '<<', '>>', '#', '=>', '"', "'", '$', '\\', '1', '.', 'a', 'A', 'fun', ':', '/', '-', ' ', '\n', '%', '"""', 'x{', '_', 'e'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const error = thrownBy(() => parseTerms(parts.join('')));
        expect(error === undefined || error instanceof ParseError).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('an application file', () => {
    const text = `%% -*- erlang -*-\n{application, ants,\n [{vsn, "1.0.0"}, {modules, []},\n  {mod, {ants_app, []}}]}. % end\n`;
    const [term] = parseTerms(text);
    expect(formatTerm(term as Term)).toBe('{application,ants,[{vsn,"1.0.0"},{modules,[]},{mod,{ants_app,[]}}]}');
  });

  test('a file of several terms needs a dot behind each', () => {
    expect(parseTerms('a. 1.5. "x".')).toEqual([atom('a'), float(1.5), [120]]);
    expect(parseTerms('% nothing\n')).toEqual([]);
    expect(() => parseTerms('a. b')).toThrow(/\. must stand here/);
    expect(formatTerms([atom('a'), [1]])).toBe('a.\n[1].\n');
  });

  test('identities are printed for people and refused in files', () => {
    const node = atom('a@b');
    const pid = new Pid(node, 1, 2, 3);
    const parts = {
      arity: 1,
      uniq: new Uint8Array(16),
      index: 0,
      module: atom('m'),
      oldIndex: 2,
      oldUniq: 3,
      creator: pid,
      free: [],
    };
    const all: [Term, string][] = [[pid, '<a@b.1.2>'], [new Port(node, 4n, 1), '#Port<a@b.4>'], [new Reference(node, 1, [1, 2]), '#Ref<a@b.2.1>'], [new Fun(parts), '#Fun<m.2.3>']]; // prettier-ignore
    for (const [term, text] of all) {
      expect(formatTerm(term)).toBe(text);
      expect(() => formatTerms([tuple(term)])).toThrow(EncodeError);
    }
  });

  test('long text for people is cut', () => {
    expect(formatTerm(charlist('abcdef'), 4)).toBe('"abc…');
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
