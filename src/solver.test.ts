/** What the solver answers when it is not let finish: told apart by work and deadline, and the same every time. */
import { expect, test } from 'vitest';
import { Dice } from '../test/kit/placement-instances.ts';
import { openSolver } from './solver.ts';

const solve = await openSolver();

/** A knapsack of several dimensions: small to write, long to prove. */
function knapsack(): string {
  const dice = new Dice(7);
  const names = Array.from({ length: 40 }, (_, at) => `x${at}`);
  const sum = (factor: () => number) => names.map((name) => `${factor()} ${name}`).join(' + ');
  const rows = Array.from({ length: 6 }, () => ` ${sum(() => 1 + dice.below(100))} >= 1000`);
  return `Minimize\n ${sum(() => 1 + dice.below(50))}\nSubject To\n${rows.join('\n')}\nBinary\n ${names.join(' ')}\nEnd\n`;
}

test('work that is over is told, with the same best value every time', () => {
  const [one, other] = [1, 2].map(() => solve(knapsack(), { branches: 1, seconds: 60 }));
  expect(one).toMatchObject({ status: 'ended', objective: other?.objective });
});

test('the deadline of last resort is told apart', () => {
  expect(['late', 'unknown']).toContain(solve(knapsack(), { branches: 1_000_000, seconds: 0.05 }).status);
});
