/** For clouds that make one machine a call: a batch is its orders side by side, each with its own outcome. */
import type { Created, Order, Owned } from './cloud.ts';

/** Makes each order's machine by `make`; rejects only when the signal aborts. */
export async function createEach(
  orders: readonly Order[],
  make: (order: Order) => Promise<Owned>,
  signal: AbortSignal,
): Promise<readonly Created[]> {
  signal.throwIfAborted();
  const one = async (order: Order): Promise<Created> => {
    const { token } = order;
    return make(order).then(
      (owned) => ({ token, ok: true, owned }),
      (error: unknown) => ({ token, ok: false, error }),
    );
  };
  const created = await Promise.all(orders.map(one));
  signal.throwIfAborted();
  return created;
}
