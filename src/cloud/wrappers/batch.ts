/**
 * Orders that are wanted in the same moment go out in one call, where a cloud can make several machines by one. Each
 * caller gets the outcomes of its own orders. A batch goes on as long as one of its callers waits for it.
 */
import { unlessAborted } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Cloud, Created, Order } from '../cloud.ts';

/** How long orders are gathered, and how many make a batch. */
export interface BatchLimits {
  readonly gatherMs: number;
  readonly most: number;
}

export const defaultBatches: BatchLimits = { gatherMs: 20, most: 20 };

interface Waiting {
  readonly orders: readonly Order[];
  readonly signal: AbortSignal;
  readonly resolve: (created: readonly Created[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The cloud with its creates gathered; as it is where it makes one machine a call. */
export function batched(cloud: Cloud, limits: BatchLimits, clock: Clock): Cloud {
  if (!cloud.traits.batchCreate) return cloud;
  let gathering: Waiting[] = [];
  const send = () => {
    const batch = gathering.filter(({ signal }) => !signal.aborted);
    gathering = [];
    if (batch.length > 0) void createTogether(cloud, batch);
  };
  const gathered = (orders: readonly Order[], signal: AbortSignal) =>
    new Promise<readonly Created[]>((resolve, reject) => {
      if (count(gathering) + orders.length > limits.most) send();
      if (gathering.length === 0) {
        const mine: Waiting[] = [];
        gathering = mine;
        clock.after(limits.gatherMs, () => {
          if (gathering === mine) send();
        });
      }
      gathering.push({ orders, signal, resolve, reject });
    });
  const gather: Cloud['create'] = async (orders, signal) => {
    signal.throwIfAborted();
    return unlessAborted(signal, gathered(orders, signal));
  };
  // who asks for several has gathered them already
  const create: Cloud['create'] = (orders, signal) => (orders.length === 1 ? gather : cloud.create)(orders, signal);
  return { ...cloud, create };
}

function count(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { orders }) => sum + orders.length, 0);
}

async function createTogether(cloud: Cloud, batch: readonly Waiting[]): Promise<void> {
  const stop = new AbortController();
  const leave = () => {
    if (batch.every(({ signal }) => signal.aborted)) stop.abort(batch[0]?.signal.reason);
  };
  for (const { signal } of batch) signal.addEventListener('abort', leave, { once: true });
  try {
    const orders = batch.flatMap((one) => one.orders);
    const created = new Map((await cloud.create(orders, stop.signal)).map((one) => [one.token, one]));
    for (const one of batch) one.resolve(one.orders.flatMap(({ token }) => created.get(token) ?? []));
  } catch (error) {
    for (const { reject } of batch) reject(error);
  } finally {
    for (const { signal } of batch) signal.removeEventListener('abort', leave);
  }
}
