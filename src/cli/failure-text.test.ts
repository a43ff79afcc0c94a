import { describe, expect, test } from 'vitest';
import { CliFailure, Interrupted, exitCodeOf } from './failure.ts';
import { failureLines } from './failure-text.ts';
import { paintFor } from './paint.ts';

const page = { width: 80, paint: paintFor(false) };
const source = { file: 'ants.yaml', text: 'wombat: 1\nname: ants\nfamilies:\n  colony:\n    node: 6\n' };

describe('a failure', () => {
  test('of an input shows place, line, caret and hint', () => {
    const fault = {
      path: 'families.colony',
      line: 5,
      column: 5,
      message: 'unknown key "node"',
      hint: 'did you mean "nodes"?',
    };
    const failure = new CliFailure('invalid', 'the blueprint is not valid', { object: 'ants.yaml', faults: [fault] });
    expect(failureLines(failure, page, source).join('\n')).toBe(
      [
        'ants.yaml:5:5: families.colony: unknown key "node"',
        '  5 |     node: 6',
        '    |     ^',
        '  hint: did you mean "nodes"?',
        '',
        'error: ants.yaml: 1 fault; nothing was changed',
      ].join('\n'),
    );
  });

  test('on a very long line shows the part around the caret', () => {
    const text = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    const fault = { path: 'x', line: 1, column: 501, message: 'wrong', hint: null };
    const failure = new CliFailure('invalid', '', { faults: [fault] });
    const lines = failureLines(failure, page, { file: 'a', text });
    const [, line = '', caret = ''] = lines;
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line.slice(caret.indexOf('^')).startsWith('HERE')).toBe(true);
  });

  test('names the object, the cause, the provider’s own words and the next command', () => {
    const failure = new CliFailure('denied', 'the host refused the key', {
      object: 'host 10.78.0.11',
      words: 'Permission denied (publickey).',
      next: 'wombat provider check lab',
    });
    expect(failureLines(failure, page).join('\n')).toBe(
      [
        'error: host 10.78.0.11: the host refused the key',
        '  | Permission denied (publickey).',
        'next:  wombat provider check lab',
      ].join('\n'),
    );
  });

  test('does not repeat the object or the words where the sentence has them', () => {
    const failure = new CliFailure('unknown', 'host a: it said no', { object: 'host a', words: 'it said no' });
    expect(failureLines(failure, page)).toEqual(['error: host a: it said no']);
  });

  test('that nobody expected says so', () => {
    expect(failureLines(new TypeError('x is undefined'), page)[0]).toBe(
      'error: something unexpected happened: x is undefined',
    );
  });
});

test.each([
  [new CliFailure('invalid', ''), 3],
  [new CliFailure('unsatisfiable', ''), 4],
  [new CliFailure('not-converged', ''), 5],
  [new CliFailure('conflict', ''), 7],
  [new CliFailure('denied', ''), 8],
  [new CliFailure('unavailable', ''), 9],
  [new CliFailure('timeout', ''), 124],
  [new Interrupted(''), 130],
  [new Error(''), 1],
])('exit code of %o', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
