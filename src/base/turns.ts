/**
 * Turns: of what is read, changed and written back, one at a time by key. They hold within this process, which is enough for
 * what belongs to one control plane: there is one process of it.
 */
import { Slots } from './slots.ts';

/** By key; only while somebody holds or awaits it. */
const turns = new Map<string, { readonly slot: Slots; users: number }>();

/**
 * Takes the turns of all these keys, in one order for everybody; the answer gives them back. Rejects with the signal's reason.
 * Keys are told apart in the whole process: they begin with what they are about.
 */
export async function takeTurns(keys: readonly string[], signal: AbortSignal): Promise<() => void> {
  const taken: (() => void)[] = [];
  const leave = () => taken.reverse().forEach((give) => give());
  try {
    for (const key of [...new Set(keys)].sort()) taken.push(await takeTurn(key, signal));
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}

async function takeTurn(key: string, signal: AbortSignal): Promise<() => void> {
  const turn = turns.get(key) ?? { slot: new Slots(1), users: 0 };
  turns.set(key, turn);
  turn.users += 1;
  const forget = () => {
    turn.users -= 1;
    if (turn.users === 0) turns.delete(key);
  };
  try {
    const give = await turn.slot.take(signal);
    return () => {
      give();
      forget();
    };
  } catch (error) {
    forget();
    throw error;
  }
}

/** Does it in its turn. */
export async function inTurn<T>(key: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  const leave = await takeTurns([key], signal);
  try {
    return await act();
  } finally {
    leave();
  }
}
