/**
 * Leftovers: what was given up, with what people find it by (I3: a teardown ends, and says what it has left). Written in
 * the commit that takes the record away. The sweep looks for them where their provider can be asked again.
 */
import { timestamp } from '../../base/clock.ts';
import type { Owned } from '../../cloud/cloud.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Machine } from '../../model/machine.ts';
import type { Node } from '../../model/node.ts';
import { strayKey } from '../../model/sweep.ts';
import type { Leftover } from '../../model/sweep.ts';
import type { Change, Versioned } from '../../store/store.ts';
import { elapsedSince } from '../elapsed.ts';
import type { World } from '../world.ts';
import type { Found, Look } from './look.ts';

/** What was ordered a moment ago may not be listed yet. */
const unlistedMs = 90_000;

/** What writes one down. */
export type LeftoverPut = Extract<Change, { put: 'leftover' }>;

/** The record of a machine that is given up. `blueprint`: with whose end; null for none. */
export function machineLeft({ clock }: World, machine: Machine, words: string, blueprint: string | null): LeftoverPut {
  const { token, provider, providerId, access, offer } = machine;
  const address = access?.method === 'ssh' ? `, ${access.address}` : '';
  const name = `wombat-${token}, ${offer}${address}`;
  return put({ provider, kind: 'machine', id: token, providerId, name, blueprint, at: timestamp(clock), words });
}

/** The record of a node that is given up with its machine, or on it. */
export function nodeLeft({ clock }: World, node: Node, machine: Machine, words: string): LeftoverPut {
  const { id, name, blueprint } = node;
  const { provider, token, offer } = machine;
  const called = `${name} on ${offer}`;
  return put({ provider, kind: 'node', id, providerId: token, name: called, blueprint, at: timestamp(clock), words });
}

/** The record of something on no record that does not go. */
export function strayLeft(
  { clock }: World,
  { provider, blueprint }: Pick<Leftover, 'provider' | 'blueprint'>,
  { kind, id, token }: Owned,
  words: string,
): LeftoverPut {
  const key = kind === 'machine' ? (token ?? id) : id;
  return put({ provider, kind, id: key, providerId: id, name: id, blueprint, at: timestamp(clock), words });
}

function put(value: Leftover): LeftoverPut {
  return { put: 'leftover', key: strayKey(value), value, expect: null };
}

/** One line about it, for accounts: what it is, where, by what it is found, and why it is left. */
export function leftoverWords({ kind, provider, providerId, id, name, words }: Leftover): string {
  const machine = `machine ${providerId ?? 'without an id yet'} (${name})`;
  const what = { machine, node: `node ${name}`, beside: id }[kind];
  return `${what} at provider ${provider}: ${words}`;
}

/** Those that a complete look does not show any more are gone. */
export async function settleLeftovers(
  world: World,
  provider: string,
  look: Look,
  leftovers: ReadonlyMap<string, Versioned<Leftover>>,
): Promise<void> {
  const gone = [...leftovers.values()].filter((one) => isSettled(world, one, look, leftovers));
  if (gone.length === 0) return;
  await world.store.commit(
    gone.map(({ key, version }): Change => ({ remove: 'leftover', key, expect: version })),
    gone.map(({ value }): EventDraft => {
      const words = `${value.name} at provider ${provider}: it was given up, and is not there any more`;
      return { level: 'info', kind: value.kind, object: value.id, blueprint: value.blueprint, what: 'gone', words };
    }),
  );
}

function isSettled(
  world: World,
  { key, value }: Versioned<Leftover>,
  { error, unseen, present }: Look,
  leftovers: ReadonlyMap<string, Versioned<Leftover>>,
): boolean {
  const { provider, kind, id, providerId, at } = value;
  if (present.has(id)) return false;
  if (elapsedSince(world, `leftover ${key}`, at) < unlistedMs) return false;
  if (kind !== 'node') return error === null;
  // a node goes with its machine
  const machine = providerId ?? '';
  return error === null && !unseen.has(machine) && !leftovers.has(strayKey({ provider, kind: 'machine', id: machine }));
}

/** What goes off the record when a stray was removed: its leftover, and with a machine those of its nodes. */
export async function givenUpWith({ store }: World, key: string, { kind, token }: Found): Promise<Change[]> {
  const own = (await store.get('leftover', key)) === undefined ? [] : [key];
  const all = kind === 'machine' ? await store.list('leftover') : [];
  const nodes = all.filter(({ value }) => value.kind === 'node' && value.providerId === token).map((one) => one.key);
  return [...own, ...nodes].map((gone) => ({ remove: 'leftover', key: gone, expect: null }));
}
