/**
 * An SSH key is to be replaced by another. The new one is put aside under a name of its own before that is on record; from
 * then on the loop does the rest, and nobody has to ask again, whenever we die.
 */
import { timestamp } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { makeSshKeyPair, sshKeyPairOf } from '../base/ssh/key-pair.ts';
import type { Provider } from '../model/provider.ts';
import type { KeyRotation } from '../model/rotation.ts';
import { formerSecretName, loginKeySecretName, nextSecretName, secretName, secretScope } from '../model/secret.ts';
import { keyEvent } from './key-rotation.ts';
import { providerOf } from './providers.ts';
import type { Place } from './providers.ts';
import type { World } from './world.ts';

/**
 * Records that the key by which a provider's machines are entered is to be another one: the one that is given, or one that
 * we make where we made the present one. Asked again while that is under way, it goes on. Faults: not-found, invalid, conflict.
 */
export async function wantKeyRotation(world: World, name: string, given: string | null): Promise<KeyRotation> {
  const place = await providerOf(world.store, name);
  if (place === undefined)
    throw new Fault('not-found', `there is no provider ${name}`, { next: 'wombat provider list' });
  const secret = secretOf(world, place, given !== null);
  const fresh = given === null ? null : sshKeyPairOf(given, name);
  const running = (await world.store.get('rotation', secret))?.value;
  if (running?.what === 'ssh key' && (fresh === null || running.fingerprint === fresh.fingerprint)) return running;
  if (running !== undefined) throw underWay(name);
  await refuseUnfit(world, place.provider, secret, fresh?.fingerprint ?? null);
  const { privateKey, fingerprint } = fresh ?? makeSshKeyPair('wombat');
  await world.store.secrets.put(nextSecretName(secret, fingerprint), privateKey);
  return recorded(world, place.provider, { secret, fingerprint });
}

function underWay(name: string): Fault {
  return new Fault('conflict', `the key of provider ${name} is being replaced by another one already`, {
    object: `provider ${name}`,
    next: 'wait until that is over: wombat secret list',
  });
}

/** There must be a key that can be replaced, and by another one. */
async function refuseUnfit({ store }: World, { name }: Provider, secret: string, fresh: string | null): Promise<void> {
  const { secrets } = store;
  const object = `provider ${name}`;
  if (!(await secrets.has(secret)))
    throw new Fault('not-found', `provider ${name} has no key yet: it was asked for no machine`, { object });
  // of a rotation by an earlier version, which died before it was on record
  if (await secrets.has(formerSecretName(secret))) return;
  if (fresh === null || sshKeyPairOf(await secrets.get(secret), name).fingerprint !== fresh) return;
  throw new Fault('invalid', `provider ${name} has this key already`, {
    object,
    next: 'make another one: ssh-keygen -t ed25519',
  });
}

interface Wanted {
  readonly secret: string;
  readonly fingerprint: string;
}

async function recorded(world: World, { name, declaredBy }: Provider, wanted: Wanted): Promise<KeyRotation> {
  const rotation: KeyRotation = {
    ...{ what: 'ssh key', provider: name, blueprint: declaredBy, ...wanted },
    ...{ since: timestamp(world.clock), begun: false, done: [], words: 'it is about to begin' },
  };
  await world.store.commit(
    [{ put: 'rotation', key: wanted.secret, value: rotation, expect: 0 }],
    [keyEvent(rotation, 'key rotation', 'as asked')],
  );
  return rotation;
}

/** The name of the key that is meant. */
function secretOf(world: World, { provider, domains }: Place, isGiven: boolean): string {
  const { definition, name } = provider;
  const object = `provider ${name}`;
  const ofReference = (reference: string) => secretName(secretScope(provider), reference);
  if (definition.kind === 'ssh') {
    if (isGiven) return ofReference(definition.key);
    throw new Fault('invalid', `the key of provider ${name} is yours: another one must be given`, {
      object,
      next: `ssh-keygen -t ed25519 -N '' -f new.key; wombat provider rotate-key ${name} --key new.key`,
    });
  }
  if (world.offers.cloud(provider, domains).traits.machines !== 'made')
    throw new Fault('invalid', `machines of provider ${name} (${definition.kind}) are entered by no key`, { object });
  const own = new Set(domains.flatMap(({ definition: { login } }) => login?.key ?? []));
  const isOurs = domains.some(({ definition: { login } }) => login?.key === undefined);
  if (isGiven ? own.size === 0 : isOurs) return loginKeySecretName(name);
  const [reference] = own;
  if (isGiven && own.size === 1 && reference !== undefined) return ofReference(reference);
  const why = isGiven ? 'name different keys' : 'name a key of yours';
  throw new Fault('invalid', `the domains of provider ${name} ${why} (login.key)`, {
    object,
    next: isGiven ? 'give each of the keys a provider of its own' : `wombat provider rotate-key ${name} --key new.key`,
  });
}
