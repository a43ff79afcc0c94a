/** Task: a piece of work with the pieces that it is made of, each with its state and the words of whoever does it. */
import { z } from 'zod';
import { Timestamp } from './name.ts';

/** `waiting`: its turn has not come. `running`: under way. `failed`: it is tried again as long as what it belongs to runs. */
export const taskStates = ['waiting', 'running', 'done', 'failed'] as const;
export type TaskState = (typeof taskStates)[number];

export const Task = z.object({
  /** what it is about: a blueprint, `machines`, a machine's offer, a family, a node, `join master-1@10.0.0.1`, `proof` */
  name: z.string(),
  state: z.enum(taskStates),
  /** what it waits for, why it failed, what it came to: the provider's or the node's own words where there are any */
  words: z.string(),
  /** when it came into that state; null where nobody knows */
  since: Timestamp.nullable(),
  get tasks() {
    return z.array(Task);
  },
});
export type Task = z.infer<typeof Task>;

/** The state of something that is made of others. */
export function stateOfAll(tasks: readonly Pick<Task, 'state'>[]): TaskState {
  const has = (state: TaskState) => tasks.some((task) => task.state === state);
  if (has('failed')) return 'failed';
  if (has('running') || (has('done') && has('waiting'))) return 'running';
  return has('waiting') ? 'waiting' : 'done';
}

/** How many tasks of one parent are kept of those that are done, and of the others. */
const keptDone = 20;
const keptOpen = 100;

/** The tree as it is kept for good: what is not done first to be kept, the rest counted. */
export function folded(task: Task): Task {
  const { tasks } = task;
  if (tasks.length <= keptDone) return { ...task, tasks: tasks.map(folded) };
  const open = tasks.filter(({ state }) => state !== 'done');
  const kept = [...open.slice(0, keptOpen), ...tasks.filter(({ state }) => state === 'done').slice(0, keptDone)];
  const left = new Set(tasks).difference(new Set(kept));
  const rest = [...left].map(({ state }) => ({ state }));
  const more: Task[] =
    left.size === 0 ? [] : [{ name: `${left.size} more`, state: stateOfAll(rest), words: '', since: null, tasks: [] }];
  return { ...task, tasks: [...tasks.filter((one) => !left.has(one)).map(folded), ...more] };
}
