/** The planner as the loops see it: a question goes to the worker thread, its plan comes back. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Planned } from './model/plan.ts';
import type { Planner } from './reconcile/reconcile.ts';

interface Answer {
  readonly id: number;
  readonly planned?: Planned;
  readonly error?: string;
}

interface Waiting {
  resolve(planned: Planned): void;
  reject(error: Error): void;
}

/** Starts the worker at once, so that the first plan need not wait for it, and again should it end. */
export function openPlanner(): Planner {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastId = 0;

  const failAll = (error: Error) => {
    worker = undefined;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  const started = () => {
    if (worker !== undefined) return worker;
    worker = new Worker(new URL(`./plan-worker${extname(import.meta.filename)}`, import.meta.url));
    worker.unref();
    worker.on('message', ({ id, planned, error }: Answer) => {
      if (planned === undefined) waiting.get(id)?.reject(new Error(`the planner failed: ${error ?? 'without a word'}`));
      else waiting.get(id)?.resolve(planned);
      waiting.delete(id);
    });
    worker.on('error', failAll);
    worker.on('exit', () => failAll(new Error('the planner has ended')));
    return worker;
  };
  started();
  return {
    plan: (question) =>
      new Promise((resolve, reject) => {
        const id = (lastId += 1);
        waiting.set(id, { resolve, reject });
        started().postMessage({ id, question });
      }),
    async close() {
      await worker?.terminate();
    },
  };
}
