/** Many acts, a bounded number of them at the same time. */

/** Runs `act` on all items, in their order, at most `count` at once. Rejects with the first failure; what is under way then goes on. */
export async function eachAtOnce<T>(
  count: number,
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
}
