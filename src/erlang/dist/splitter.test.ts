import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OversizedMessage, Splitter } from './splitter.ts';

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(message.length);
  return Buffer.concat([head, message]);
}

test('messages come whole and in order, however the stream is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, sizes) => {
      const stream = Buffer.concat(sent.map(framed));
      const splitter = new Splitter(100);
      const taken: number[][] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        splitter.push(stream.subarray(at, at + size), (message) => taken.push([...message]));
        at += size;
      }
      expect(taken).toEqual(sent.map((message) => [...message]));
    }),
  );
});

test('a message over the limit is refused by its length', () => {
  const splitter = new Splitter(100);
  expect(() => splitter.push(Buffer.of(0, 0, 0, 101), () => undefined)).toThrow(OversizedMessage);
});
