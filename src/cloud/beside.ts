/** What stands beside machines, as a listing says it. */
import type { Owned } from './cloud.ts';

/** A thing of that owner that is no machine: a key pair, a group, a port. `domain` stands for the place that it is at. */
export function besideOf(id: string, owner: string, domain: string): Owned {
  const nothing = { token: null, words: null, access: null, addresses: [], capacity: null, platform: null };
  return { kind: 'beside', id, owner, domain, state: 'running', ...nothing };
}

/** The same for a key pair of that name, which ends with what its public key is known by. */
export function besideKeyOf(id: string, name: string, { owner, domain }: { owner: string; domain: string }): Owned {
  return { ...besideOf(id, owner, domain), keyDigest: name.slice(name.lastIndexOf('-') + 1) };
}
