/**
 * An SSH key by which machines are entered is replaced by another.
 *
 *   wanted (the new one put aside) -> begun (both in the store) -> every door by the new one only -> the old one is forgotten
 *
 * While both are in the store whoever connects offers the new one first, then the old one. Door by door: the new key is let
 * in beside the old one; a login with the new one only takes the old one's lines away; a login with the old one only must
 * then be refused. There is no moment in which neither enters, and every step can be done again. What cannot be reached, is
 * switched off, or was ordered with the old key and is not ready yet, is waited for, and so long the old key is remembered.
 * On a machine that first boot prepared, root's program changes all accounts that the key opens; elsewhere the account
 * changes its own file.
 */
import { eachAtOnce } from '../base/each.ts';
import { faultCodeOf, wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import { sha256Of } from '../base/sha256.ts';
import { sshKeyPairOf } from '../base/ssh/key-pair.ts';
import type { SshKeyPair } from '../base/ssh/key-pair.ts';
import type { HostLogin } from '../host/host.ts';
import type { EventDraft } from '../model/event.ts';
import type { SshAccess } from '../model/machine.ts';
import type { KeyRotation, Lacking } from '../model/rotation.ts';
import { formerSecretName, nextSecretName, retiredSecretName } from '../model/secret.ts';
import type { Versioned } from '../store/store.ts';
import { keepBoth } from './both-values.ts';
import { doorsOf } from './entered-by.ts';
import type { Door } from './entered-by.ts';
import { providerOf } from './providers.ts';
import type { World } from './world.ts';

const doorsAtOnce = 16;
/** How many doors are changed before that is put on record. */
const chunk = 64;
const retryMs = 5_000;
/** How many of those who lack it are named on record. */
const named = 100;

type KeyRecord = Versioned<KeyRotation>;

/** One pass over a key that is being replaced: every door that has not got there yet. */
export async function rotateKey(world: World, secret: string, signal: AbortSignal): Promise<Outcome> {
  const found = await world.store.get('rotation', secret);
  if (found?.value.what !== 'ssh key') return done;
  const record: KeyRecord = { key: found.key, version: found.version, value: found.value };
  if ((await providerOf(world.store, record.value.provider)) === undefined) return dropped(world, record);
  if (!record.value.begun) return begin(world, record);
  const { secrets } = world.store;
  await keepFresh(world, record);
  const fresh = sshKeyPairOf(await secrets.get(secret), commentOf(world));
  if (!(await secrets.has(formerSecretName(secret)))) return finish(world, record, 'machine');
  const former = sshKeyPairOf(await secrets.get(formerSecretName(secret)), commentOf(world));
  return changeAll(world, record, { fresh, former }, signal);
}

function commentOf({ store }: World): string {
  return `wombat-${store.owner}`;
}

/** Both values come into the store. */
async function begin({ store }: World, { key, version, value }: KeyRecord): Promise<Outcome> {
  const { secrets } = store;
  const fresh = await secrets.get(nextOf(value));
  await keepBoth(secrets, key, () => fresh);
  await store.commit([{ put: 'rotation', key, value: { ...value, begun: true, words: 'begun' }, expect: version }]);
  return again(0, 'both keys are known');
}

/** Where the new one is aside until the end. */
function nextOf({ secret, fingerprint = '' }: KeyRotation): string {
  return nextSecretName(secret, fingerprint);
}

/** Doors may be open to the new one only: whoever has written over it meanwhile, it is put back. */
async function keepFresh({ store: { secrets } }: World, { key, value }: KeyRecord): Promise<void> {
  const next = nextOf(value);
  if (!(await secrets.has(next))) return;
  const fresh = await secrets.get(next);
  if (!(await secrets.has(key)) || (await secrets.get(key)) !== fresh) await secrets.put(key, fresh);
}

/** The provider is gone, and with it all that the key opened. */
async function dropped({ store }: World, { key, version }: KeyRecord): Promise<Outcome> {
  await store.commit([{ remove: 'rotation', key, expect: version }]);
  return done;
}

/** The old key is forgotten. One that people handed in is known again only if they do that on purpose. */
async function finish({ store }: World, { key, version, value }: KeyRecord, kind: Door['kind']): Promise<Outcome> {
  const former = formerSecretName(key);
  if (await store.secrets.has(former)) {
    if (key.includes(' secret://'))
      await store.secrets.put(retiredSecretName(key), sha256Of((await store.secrets.get(former)).trim()));
    await store.secrets.remove(former);
  }
  // with those of others who asked at the same moment, and were refused
  const aside = nextSecretName(key, '');
  for (const name of await store.secrets.names()) if (name.startsWith(aside)) await store.secrets.remove(name);
  const count = value.done.length;
  const words =
    count === 1
      ? `1 ${kind} lets the new one in, and refuses the old one`
      : `${count} ${kind}s let the new one in, and refuse the old one`;
  await store.commit([{ remove: 'rotation', key, expect: version }], [keyEvent(value, 'key rotated', words)]);
  return done;
}

interface Keys {
  readonly fresh: SshKeyPair;
  readonly former: SshKeyPair;
}

/** Changes what can be changed, and says who still lacks it. */
async function changeAll(world: World, record: KeyRecord, keys: Keys, signal: AbortSignal): Promise<Outcome> {
  const doors = await doorsOf(world, record.key, keys.fresh.publicKey);
  const isDone = new Set(record.value.done);
  const left = doors.filter(({ id }) => !isDone.has(id));
  const lacking: Lacking[] = left.flatMap(({ where, waits }) => (waits === null ? [] : [{ where, why: waits }]));
  const open = left.filter(({ waits }) => waits === null);
  let noted = record;
  for (let at = 0; at < open.length || at === 0; at += chunk) {
    const changed: string[] = [];
    await eachAtOnce(doorsAtOnce, open.slice(at, at + chunk), async (door) => {
      const why = await changeOne(world, door, keys, signal);
      if (why === null) changed.push(door.id);
      else lacking.push({ where: door.where, why });
    });
    noted = await note(world, noted, { changed, lacking, left: Math.max(0, open.length - at - chunk) });
  }
  if (lacking.length > 0) return again(retryMs, noted.value.words);
  return finish(world, noted, doors[0]?.kind ?? 'machine');
}

interface News {
  readonly changed: readonly string[];
  readonly lacking: readonly Lacking[];
  /** how many have not been tried yet */
  readonly left: number;
}

/** Puts on record how far it is, where that is news. */
async function note({ store }: World, { key, version, value }: KeyRecord, news: News): Promise<KeyRecord> {
  const lacking = news.lacking.toSorted((a, b) => (a.where < b.where ? -1 : 1)).slice(0, named);
  const done = [...value.done, ...news.changed];
  const next: KeyRotation = { ...value, done, lacking, words: wordsFor(done.length, news) };
  if (JSON.stringify(next) === JSON.stringify(value)) return { key, version, value };
  await store.commit([{ put: 'rotation', key, value: next, expect: version }]);
  return { key, version: version + 1, value: next };
}

function wordsFor(changed: number, { lacking, left }: News): string {
  const first = lacking.toSorted((a, b) => (a.where < b.where ? -1 : 1))[0];
  const waits = first === undefined ? [] : [`waits for ${lacking.length}: ${first.where}: ${first.why}`];
  return [`${changed} have it`, ...(left === 0 ? [] : [`${left} to go`]), ...waits].join('; ');
}

/** Null when that door is opened by the new key and not by the old one; else why not. */
async function changeOne(world: World, door: Door, keys: Keys, signal: AbortSignal): Promise<string | null> {
  const { access, by } = door;
  if (access === null) return 'it has no address';
  const accounts = by === 'program' && access.user !== 'root' ? [rootOf(access), access] : [access];
  const [changer = access] = accounts;
  const change = { fresh: keys.fresh.publicKey, former: keys.former.publicKey };
  const as: As = (account, { privateKey }, act) => {
    const login = world.openLogin(account, privateKey, account === changer ? by : 'account');
    return act(login).finally(() => login.close());
  };
  try {
    const [isIn, ...others] = await each(accounts, (account) => letsIn(as, account, keys.fresh, signal));
    if (isIn !== true || others.includes(false))
      await as(changer, isIn === true ? keys.fresh : keys.former, (login) => login.add(change, signal));
    await each(accounts, (account) => as(account, keys.fresh, (login) => login.enter(signal)));
    await as(changer, keys.fresh, (login) => login.drop(change, signal));
    const isOpen = (await each(accounts, (account) => letsIn(as, account, keys.former, signal))).includes(true);
    return isOpen ? 'it still lets the old one in, by another file than its authorized_keys' : null;
  } catch (error) {
    if (signal.aborted) throw error;
    return wordsOf(error);
  }
}

function rootOf(access: SshAccess): SshAccess {
  return { ...access, user: 'root' };
}

/** One after the other. */
async function each<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}

/** Does something as who enters an account by a key. */
type As = <T>(account: SshAccess, key: SshKeyPair, act: (login: HostLogin) => Promise<T>) => Promise<T>;

/** Whether an account is opened by a key. Faults: unavailable, timeout. */
async function letsIn(as: As, account: SshAccess, key: SshKeyPair, signal: AbortSignal): Promise<boolean> {
  try {
    await as(account, key, (login) => login.enter(signal));
    return true;
  } catch (error) {
    if (faultCodeOf(error) === 'denied') return false;
    throw error;
  }
}

/** An event about a key that is being replaced. */
export function keyEvent({ provider, blueprint }: KeyRotation, what: string, words: string): EventDraft {
  return {
    level: 'info',
    kind: 'provider',
    object: provider,
    blueprint,
    what,
    words: `SSH key of ${provider}: ${words}`,
  };
}
