import { expect, test } from 'vitest';
import { Task, folded, stateOfAll } from './task.ts';
import type { TaskState } from './task.ts';

const task = (name: string, state: TaskState, tasks: Task[] = []): Task => ({
  name,
  state,
  words: '',
  since: null,
  tasks,
});

test.each<[TaskState[], TaskState]>([
  [[], 'done'],
  [['done', 'done'], 'done'],
  [['waiting', 'waiting'], 'waiting'],
  [['done', 'waiting'], 'running'],
  [['running', 'waiting'], 'running'],
  [['done', 'running', 'failed'], 'failed'],
])('%j together are %s', (states, expected) => {
  expect(stateOfAll(states.map((state) => ({ state })))).toBe(expected);
});

test('what is kept of a tree for good is small: what is not done before what is, the rest counted', () => {
  const many = (state: TaskState, count: number) =>
    Array.from({ length: count }, (_, n) => task(`${state}-${n}`, state));
  const kept = folded(
    task('ants', 'running', [task('colony', 'running', [...many('done', 5_000), ...many('waiting', 300)])]),
  );
  const colony = kept.tasks[0]!;
  expect(colony.tasks.filter(({ state }) => state === 'waiting').length).toBe(100);
  expect(colony.tasks.filter(({ state }) => state === 'done').length).toBe(20);
  expect(colony.tasks.at(-1)).toMatchObject({ name: '5180 more', state: 'running' });
  expect(Task.parse(kept)).toEqual(kept);
  const small = task('ants', 'done', many('done', 20));
  expect(folded(small)).toEqual(small);
});
