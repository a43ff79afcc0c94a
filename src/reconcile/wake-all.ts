/** Whoever writes intents wakes the loops that they concern. */
import type { Change } from '../store/store.ts';
import type { World } from './world.ts';

/** Has every loop look at what was written. */
export function wakeAll(world: World, changes: readonly Change[]): void {
  for (const change of changes) {
    if (!('put' in change)) continue;
    if (change.put === 'machine') world.wake.machine(change.key);
    if (change.put === 'node') world.wake.node(change.key);
  }
}
