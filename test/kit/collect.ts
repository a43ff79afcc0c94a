/** All that a stream yields, in a list. Rejects with the stream's error. */
export async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}
