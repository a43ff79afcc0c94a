import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventParser } from './event-parser.ts';

function blocks(...chunks: string[]) {
  const parser = new EventParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

describe('server-sent events', () => {
  test.each([
    ['an event', 'id: 1\ndata: {"a":1}\n\n', [{ id: '1', data: '{"a":1}' }]],
    ['an id without data', 'retry: 1000\nid: 7\n\n', [{ id: '7', data: undefined }]],
    ['data of several lines', 'data: a\ndata: b\ndata\n\n', [{ id: undefined, data: 'a\nb\n' }]],
    ['no blank behind the colon', 'id:3\ndata:x: y\n\n', [{ id: '3', data: 'x: y' }]],
    ['comments and unknown fields', ':\n\n: hello\nevent: x\n\n', []],
    ['what is not finished', 'id: 1\ndata: a\n', []],
  ])('%s', (_, text, expected) => {
    expect(blocks(text)).toEqual(expected);
  });

  test('mean the same however they are cut and whichever line ends they have', () => {
    const text = 'id: 1\ndata: one\n\n:\n\nid: 2\ndata: two\ndata: lines\n\n';
    const expected = blocks(text);
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(fc.nat(80)), lineEnd, (cuts, end) => {
        const whole = text.replaceAll('\n', end);
        const places = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
        const chunks = places.slice(1).map((place, n) => whole.slice(places[n], place));
        // a lone CR at the very end is held back: it may be half of a CRLF
        expect(blocks(...chunks, ':')).toEqual(expected);
      }),
    );
  });
});
