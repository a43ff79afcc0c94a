import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleHead, sampleTime } from '../../test/kit/records.ts';
import { paintFor } from './paint.ts';
import { progressLines } from './progress-text.ts';
import type { FamilyView } from '../model/exchange.ts';

const page = { width: 80, paint: paintFor(false) };

function view(name: string, phases: Record<string, number>): FamilyView {
  const wanted = Object.values(phases).reduce((sum, count) => sum + count, 0);
  return {
    blueprint: 'ants',
    name,
    definition: { release: 'ants', nodes: wanted },
    wanted,
    running: phases['running'] ?? 0,
    phases,
  };
}

function block(families: FamilyView[], words = ''): string[] {
  const status = {
    head: sampleHead(),
    state: 'converging' as const,
    words,
    families,
    nodes: [],
    machines: [],
    proof: null,
    rollouts: [],
    quarantine: [],
  };
  const event = {
    sequence: 1,
    at: sampleTime,
    level: 'info' as const,
    kind: 'node',
    object: 'colony-3',
    blueprint: 'ants',
  };
  const events = [{ ...event, what: 'started', words: 'answers\nas '.repeat(20) }];
  return progressLines({ title: 'applying ants', elapsedMs: 12_345, status, events, trouble: '' }, page);
}

test('a family is a bar, its count and its phases', () => {
  expect(
    block([view('master', { running: 1 }), view('colony', { running: 2, starting: 1, waiting: 3 })]).slice(0, 3),
  ).toEqual([
    'applying ants  converging  12s',
    '  master  ████████████████████  1/1        1 running',
    '  colony  ██████░░░░░░░░░░░░░░  2/6        2 running, 1 starting, 3 waiting',
  ]);
});

test('of very many families those that are not there yet are shown', () => {
  const families = [
    ...Array.from({ length: 40 }, (_, index) => view(`f${index}`, { running: 1 })),
    view('late', { waiting: 1 }),
  ];
  const lines = block(families);
  expect(lines.length).toBeLessThan(20);
  expect(lines[1]).toContain('late');
  expect(lines.join('\n')).toContain('… and 31 families more');
});

test('no line is wider than the terminal, whatever is on it', () => {
  const phases = fc.dictionary(
    fc.constantFrom('running', 'starting', 'waiting', 'failed', 'stopping', 'removing'),
    fc.nat(100_000),
  );
  const families = fc.array(
    fc.tuple(fc.stringMatching(/^[a-z]{1,40}$/), phases).map(([name, of]) => view(name, of)),
    { maxLength: 15 },
  );
  fc.assert(
    fc.property(families, fc.string({ maxLength: 200 }), (some, words) => {
      for (const line of block(some, words)) expect(Array.from(line).length).toBeLessThanOrEqual(80);
    }),
  );
});
