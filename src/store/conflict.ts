/** What a commit is refused with when a record is not as its writer saw it. */
import { Fault } from '../base/fault.ts';
import type { Change } from './store.ts';

/** Fault conflict, which names the record, what was expected of it, and its version now; undefined where there is none. */
export function conflictOf(change: Change, version: number | undefined): Fault {
  const kind = 'put' in change ? change.put : change.remove;
  const words = `version ${change.expect ?? 'any'} was expected, ${version === undefined ? 'there is none' : `it is at ${version}`}`;
  return new Fault('conflict', `${kind} ${change.key} was changed by somebody else: ${words}`, {
    object: `${kind} ${change.key}`,
    next: 'read it again and decide anew',
  });
}
