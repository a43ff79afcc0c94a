/** The worker thread in which plans are made: the loops stay responsive while a large blueprint is placed. */
import { parentPort } from 'node:worker_threads';
import type { PlanQuestion } from './reconcile/reconcile.ts';
import { makePlan } from './plan/plan.ts';
import { openSolver } from './solver.ts';

const solve = await openSolver();

parentPort?.on('message', ({ id, question }: { id: number; question: PlanQuestion }) => {
  const { document, head, facts, seed, rebalance } = question;
  try {
    parentPort?.postMessage({ id, planned: makePlan(document, head, facts, { seed, solve, rebalance }) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
