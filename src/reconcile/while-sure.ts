/**
 * The fence of what is done outside the store. No host and no provider knows our numbers, so nobody there refuses a control
 * plane that was stopped in the middle of a pass and goes on after its share was taken over. What keeps it from harm:
 *
 *   - Nothing is begun by one who may have been taken for dead: every single act asks first (here), not only the pass that it
 *     belongs to. A control plane counts as dead after 2 s without a look, and acts only within 1.5 s of one.
 *   - What was sent before the stop is done once, whoever sends it again: a machine is its order's token (I2), a node is started
 *     under the lock of its own directory, and what is ended, ended for good. A node's id, a machine's token and a provider's
 *     id are never used twice, so that a late end of them meets nothing new.
 *   - What it would write of it the store refuses by the number (`store.under`).
 *
 * What is left is what a stopped process has handed to its kernel already: one request on its way is as old as the stop.
 * Rules of a firewall that arrive so late are set right when they are next looked at.
 */

/** The same door, these of its acts only done while `mayAct` does not throw. */
export function whileSure<T extends object>(door: T, mayAct: () => void, acts: readonly (keyof T)[]): T {
  return new Proxy(door, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (acts.includes(name as keyof T)) mayAct();
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** What changes something outside the store; what only looks does no harm however late it comes. */
export const hostActs = [
  ...(['installRelease', 'start', 'putCookie', 'end'] as const),
  ...(['removeNode', 'removeRelease', 'leave', 'execute'] as const),
] as const;
export const cloudActs = ['create', 'allow', 'destroy'] as const;
export const clusterActs = ['step', 'call', 'stop', 'introduce', 'part'] as const;
