/**
 * The SSH key of a provider's hosts is replaced by another. Both are in the store before a host hears of it, and whoever
 * connects offers the new one first, then the old one. Host by host: the new key is let in beside the old one; a login with
 * the new one only takes the old one's lines away; a login with the old one only must then be refused. A host that cannot
 * be reached is waited for, and so long the old key is remembered.
 */
import { timestamp } from '../base/clock.ts';
import { eachAtOnce } from '../base/each.ts';
import { Fault, faultCodeOf, wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import { sha256Of } from '../base/sha256.ts';
import { sshKeyPairOf } from '../base/ssh/key-pair.ts';
import type { HostLogin } from '../host/host.ts';
import type { SshAccess } from '../model/machine.ts';
import type { Provider, ProviderDefinition } from '../model/provider.ts';
import type { KeyRotation } from '../model/rotation.ts';
import { formerSecretName, retiredSecretName, secretName, secretScope } from '../model/secret.ts';
import type { EventDraft } from '../model/event.ts';
import type { Versioned } from '../store/store.ts';
import { providerOf } from './providers.ts';
import type { World } from './world.ts';

const hostsAtOnce = 8;
const retryMs = 5_000;

type SshProvider = Extract<ProviderDefinition, { kind: 'ssh' }>;

/** Records that the key of a provider's hosts is to be another one. Faults: not-found, invalid, conflict. */
export async function wantKeyRotation(world: World, name: string, privateKey: string): Promise<KeyRotation> {
  const { secrets } = world.store;
  const provider = (await providerOf(world.store, name))?.provider;
  if (provider === undefined)
    throw new Fault('not-found', `there is no provider ${name}`, { next: 'wombat provider list' });
  const secret = secretOf(provider);
  sshKeyPairOf(privateKey, name);
  const [current, former] = [await secrets.get(secret), formerSecretName(secret)];
  const isUnderWay = await secrets.has(former);
  if (isUnderWay && current !== privateKey)
    throw new Fault('conflict', `the key of provider ${name} is being replaced by another one already`, {
      object: `provider ${name}`,
      next: 'wait until that is over: wombat secret list',
    });
  if (!isUnderWay && current.trim() === privateKey.trim())
    throw new Fault('invalid', `provider ${name} has this key already`, {
      next: 'make another one: ssh-keygen -t ed25519',
    });
  if (!isUnderWay) {
    await secrets.put(former, current);
    await secrets.put(secret, privateKey);
  }
  return wanted(world, provider, secret);
}

/** The old and the new key are in the store: whoever asked and died in between asks again, and this is made good. */
async function wanted({ store, clock }: World, provider: Provider, secret: string): Promise<KeyRotation> {
  const running = (await store.get('rotation', secret))?.value;
  if (running?.what === 'ssh key') return running;
  const rotation: KeyRotation = {
    ...{ what: 'ssh key', provider: provider.name, blueprint: provider.declaredBy, secret },
    ...{ since: timestamp(clock), begun: true, done: [], words: 'it is about to begin' },
  };
  await store.commit(
    [{ put: 'rotation', key: secret, value: rotation, expect: 0 }],
    [keyEvent(rotation, 'key rotation', 'as asked')],
  );
  return rotation;
}

function secretOf(provider: Provider): string {
  const { definition, name } = provider;
  if (definition.kind === 'ssh') return secretName(secretScope(provider), definition.key);
  throw new Fault(
    'invalid',
    `the key of provider ${name} (${definition.kind}) cannot be replaced: only hosts of kind ssh can`,
    {
      object: `provider ${name}`,
      next: 'give its machines back and have others made: each provider has a key of its own',
    },
  );
}

/** One pass over a key that is being replaced: every host that has not got there yet. */
export async function rotateKey(world: World, secret: string, signal: AbortSignal): Promise<Outcome> {
  const record = await world.store.get('rotation', secret);
  if (record?.value.what !== 'ssh key') return done;
  const { key, version, value } = record;
  const { secrets } = world.store;
  if (!(await secrets.has(formerSecretName(secret)))) return finish(world, { key, version, value });
  const keys = { fresh: await secrets.get(secret), former: await secrets.get(formerSecretName(secret)) };
  const left = (await hostsOf(world, secret)).filter((host) => !value.done.includes(whereOf(host)));
  const failures: string[] = [];
  const changed: string[] = [];
  await eachAtOnce(hostsAtOnce, left, async (access) => {
    const why = await changeOne(world, access, keys, signal);
    if (why === null) changed.push(whereOf(access));
    else failures.push(`${whereOf(access)}: ${why}`);
  });
  const words = failures.length === 0 ? '' : `waits for ${failures.length} hosts: ${failures.sort()[0] ?? ''}`;
  const next: KeyRotation = { ...value, done: [...value.done, ...changed], words };
  if (failures.length === 0) return finish(world, { key, version, value: next });
  if (changed.length > 0 || words !== value.words)
    await world.store.commit([{ put: 'rotation', key, value: next, expect: version }]);
  return again(retryMs, words);
}

/** The old key is forgotten, and known again only if somebody hands it in. */
async function finish({ store }: World, { key, version, value }: Versioned<KeyRotation>): Promise<Outcome> {
  const former = formerSecretName(key);
  if (await store.secrets.has(former)) {
    await store.secrets.put(retiredSecretName(key), sha256Of((await store.secrets.get(former)).trim()));
    await store.secrets.remove(former);
  }
  const words = `${value.done.length} hosts let the new one in, and refuse the old one`;
  await store.commit([{ remove: 'rotation', key, expect: version }], [keyEvent(value, 'key rotated', words)]);
  return done;
}

/** Every host that is entered by this key, of whichever providers. */
async function hostsOf({ store }: World, secret: string): Promise<SshAccess[]> {
  const providers = (await store.list('provider')).map(({ value }) => value);
  const hosts = providers.flatMap((provider) => {
    const { definition } = provider;
    const isEntered = definition.kind === 'ssh' && secretName(secretScope(provider), definition.key) === secret;
    return isEntered ? definition.hosts.map((host) => accessOf(host, secret)) : [];
  });
  return [...new Map(hosts.map((access) => [whereOf(access), access])).values()];
}

function accessOf({ address, port = 22, user, hostKey }: SshProvider['hosts'][number], keySecret: string): SshAccess {
  return { method: 'ssh', address, port, user, hostKey, keySecret, directory: '~' };
}

function whereOf({ user, address, port }: SshAccess): string {
  return `${user}@${address}:${port}`;
}

interface Keys {
  readonly fresh: string;
  readonly former: string;
}

/** Null when the host lets the new key in and refuses the old one; else why not. */
async function changeOne(world: World, access: SshAccess, keys: Keys, signal: AbortSignal): Promise<string | null> {
  const comment = `wombat-${world.store.owner}`;
  const change = {
    fresh: sshKeyPairOf(keys.fresh, comment).publicKey,
    former: sshKeyPairOf(keys.former, comment).publicKey,
  };
  const as: As = (key, act) => {
    const login = world.openLogin(access, key);
    return act(login).finally(() => login.close());
  };
  try {
    if (!(await letsIn(as, keys.fresh, signal))) await as(keys.former, (login) => login.add(change, signal));
    await as(keys.fresh, (login) => login.drop(change, signal));
    return (await letsIn(as, keys.former, signal))
      ? 'it still lets the old one in, by another file than its authorized_keys'
      : null;
  } catch (error) {
    if (signal.aborted) throw error;
    return wordsOf(error);
  }
}

/** Does something as who enters an account by a key. */
type As = <T>(key: string, act: (login: HostLogin) => Promise<T>) => Promise<T>;

/** Whether an account is opened by a key. Faults: unavailable, timeout. */
async function letsIn(as: As, key: string, signal: AbortSignal): Promise<boolean> {
  try {
    await as(key, (login) => login.enter(signal));
    return true;
  } catch (error) {
    if (faultCodeOf(error) === 'denied') return false;
    throw error;
  }
}

function keyEvent({ provider, blueprint }: KeyRotation, what: string, words: string): EventDraft {
  return {
    level: 'info',
    kind: 'provider',
    object: provider,
    blueprint,
    what,
    words: `SSH key of ${provider}: ${words}`,
  };
}
