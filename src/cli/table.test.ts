import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paintFor } from './paint.ts';
import { tableLines } from './table.ts';
import type { Column } from './table.ts';

interface Row {
  readonly id: string;
  readonly words: string;
}
const columns: readonly Column<Row>[] = [
  { title: 'ID', cell: (row) => row.id },
  { title: 'WORDS', cell: (row) => row.words, flexible: true },
  { title: 'MORE', cell: (row) => row.words, wide: true },
];
const layout = { width: 40, paint: paintFor(false), wide: false };

test('columns are aligned, flexible ones cut, identifiers whole', () => {
  const rows = [
    { id: 'n-8f3kq0zt1m', words: 'short' },
    { id: 'n-2', words: 'a sentence that is much too long for this terminal' },
  ];
  expect(tableLines(rows, columns, layout)).toEqual([
    'ID            WORDS',
    'n-8f3kq0zt1m  short',
    'n-2           a sentence that is much t…',
  ]);
});

test('wide shows every column and cuts nothing', () => {
  const words = 'a sentence that is much too long for this terminal';
  const [heading, line] = tableLines([{ id: 'a', words }], columns, { ...layout, wide: true });
  expect(heading).toMatch(/^ID {2}WORDS +MORE$/);
  expect(line).toBe(`a   ${words}  ${words}`);
});

test('no line is wider than the terminal while the identifiers leave room for it', () => {
  const text = fc.string({ maxLength: 200, unit: 'grapheme-ascii' });
  const rows = fc.array(fc.record({ id: fc.stringMatching(/^[a-z0-9-]{1,20}$/), words: text }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, (some) => {
      for (const line of tableLines(some, columns, layout)) expect(line.length).toBeLessThanOrEqual(40);
      for (const row of some)
        expect(tableLines(some, columns, layout).some((line) => line.startsWith(row.id))).toBe(true);
    }),
  );
});
