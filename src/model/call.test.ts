import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCall, variablesOf } from './call.ts';
import type { CallTerm } from './call.ts';

function argsOf(text: string): readonly CallTerm[] {
  const parsed = parseCall(text);
  if (!parsed.ok) throw new Error(`${parsed.message} at ${parsed.offset}`);
  return parsed.call.args;
}

describe('parseCall', () => {
  test('module, function and variables', () => {
    expect(parseCall(" 'Elixir.Ants.Colony' : 'join!'( Peer, New )")).toEqual({
      ok: true,
      call: {
        module: 'Elixir.Ants.Colony',
        function: 'join!',
        args: [
          { kind: 'variable', name: 'Peer' },
          { kind: 'variable', name: 'New' },
        ],
      },
    });
  });

  test.each<[string, CallTerm]>([
    ['atom', { kind: 'atom', value: 'atom' }],
    ["'quoted \\' atom'", { kind: 'atom', value: "quoted ' atom" }],
    ['-12345678901234567890', { kind: 'integer', value: -12345678901234567890n }],
    ['+7', { kind: 'integer', value: 7n }],
    ['1.5e-3', { kind: 'float', value: 0.0015 }],
    ['"text\\n\\x{e9}"', { kind: 'string', value: 'text\né' }],
    ['""', { kind: 'string', value: '' }],
    ['<<"bin">>', { kind: 'binary', value: 'bin' }],
    ['<<"bin"/utf8>>', { kind: 'binary', value: 'bin' }],
    ['<< >>', { kind: 'binary', value: '' }],
    ['[]', { kind: 'list', elements: [] }],
    [
      '{a, [1]}',
      {
        kind: 'tuple',
        elements: [
          { kind: 'atom', value: 'a' },
          { kind: 'list', elements: [{ kind: 'integer', value: 1n }] },
        ],
      },
    ],
    ['#{}', { kind: 'map', entries: [] }],
    [
      '#{a => Family}',
      {
        kind: 'map',
        entries: [
          [
            { kind: 'atom', value: 'a' },
            { kind: 'variable', name: 'Family' },
          ],
        ],
      },
    ],
  ])('the literal %s', (text, term) => {
    expect(argsOf(`m:f(${text})`)).toEqual([term]);
  });

  test.each([
    ['', 0, 'starts with a module'],
    ['Mod:f()', 0, 'starts with a module'],
    ['join(Peer)', 4, '":" is missing'],
    ['m:(Peer)', 2, 'function name is missing'],
    ['m:f', 3, '"(" is missing'],
    ['m:f(', 4, 'a term is missing'],
    ['m:f(Peer', 8, '"," or ")" is missing'],
    ['m:f(Pear)', 4, 'no variable Pear'],
    ['m:f([1, 2)', 9, '"," or "]" is missing'],
    ['m:f(#{a 1})', 8, '"=>" is missing'],
    ['m:f("abc)', 5, 'never closed'],
    ['m:f(1.)', 4, 'a term is missing'],
    ['m:f().', 6, 'too much'],
    ['m:f() ok', 6, 'too much'],
  ])('refuses %j at %i', (text, offset, message) => {
    const parsed = parseCall(text);
    expect(parsed).toMatchObject({ ok: false, offset });
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });

  test('refuses deep nesting instead of running out of stack', () => {
    expect(parseCall(`m:f(${'['.repeat(10_000)}`)).toMatchObject({ ok: false });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'm:f(',
            "'",
            '"',
            '<<',
            '>>',
            '[',
            '{',
            '}',
            '#{',
            '=>',
            ',',
            'a',
            'Z',
            '1',
            '.',
            '\\',
            ' ',
          ),
        }),
        (text) => {
          expect(typeof parseCall(`m:f(${text}`).ok).toBe('boolean');
        },
      ),
    );
  });

  test('variables are found at any depth', () => {
    const parsed = parseCall('m:f([{Peer, #{New => 1}}])');
    expect(parsed.ok && variablesOf(parsed.call)).toEqual(['New', 'Peer']);
  });
});
