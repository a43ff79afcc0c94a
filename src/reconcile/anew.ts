/**
 * Acts of people that read, decide and write against what they have read. The loops may write the same records at the same
 * moment: then the act is begun anew, and its next look says by whom, or finds that it does no harm.
 */
const tries = 5;

/** Does it, and anew as long as it fails for such a race; then throws what the last try threw. */
export async function anew<T>(isRace: (error: unknown) => boolean, act: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await act();
    } catch (error) {
      if (tried >= tries || !isRace(error)) throw error;
    }
  }
}
