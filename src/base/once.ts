/** Asks once for what several need at the same time. */

/** The same act, done once for the same arguments (as JSON has them); what it answers, or fails with, is everybody's. */
export function onceEach<A extends readonly unknown[], T>(
  act: (...given: A) => Promise<T>,
): (...given: A) => Promise<T> {
  const begun = new Map<string, Promise<T>>();
  return (...given) => {
    const key = JSON.stringify(given);
    const running = begun.get(key) ?? act(...given);
    begun.set(key, running);
    return running;
  };
}
