/** Who is entered by an SSH key: hosts that providers name, and machines that were made for us. */
import { hash } from 'node:crypto';
import { faultCodeOf } from '../base/fault.ts';
import { sshKeyPairOf } from '../base/ssh/key-pair.ts';
import { keyDigestOf } from '../cloud/cloud.ts';
import type { KeyChanger } from '../host/host.ts';
import type { Machine, SshAccess } from '../model/machine.ts';
import type { ProviderDefinition } from '../model/provider.ts';
import { formerSecretName, secretName, secretScope } from '../model/secret.ts';
import { isPrepared, loginKeyNameOf, orderedKeyOf } from './machine/first-boot.ts';
import { ownDomain, providerOf } from './providers.ts';
import type { Place } from './providers.ts';
import type { World } from './world.ts';

/** A door that a key opens. */
export interface Door {
  /** as it stands in the record of a rotation: `user@address:port`, or a made machine's token */
  readonly id: string;
  /** for people */
  readonly where: string;
  readonly kind: 'host' | 'machine';
  readonly access: SshAccess | null;
  /** who changes the keys there */
  readonly by: KeyChanger;
  /** why nothing can be done there now; null when it can */
  readonly waits: string | null;
}

type SshProvider = Extract<ProviderDefinition, { kind: 'ssh' }>;

/** Every door that is opened by the key of that name, of whichever providers; `publicKey` is the one that it has now. */
export async function doorsOf(world: World, secret: string, publicKey: string): Promise<readonly Door[]> {
  const providers = (await world.store.list('provider')).map(({ value }) => value);
  const hosts = providers.flatMap((provider) => {
    const { definition } = provider;
    const isEntered = definition.kind === 'ssh' && secretName(secretScope(provider), definition.key) === secret;
    return isEntered ? definition.hosts.map((host) => hostDoor(host, secret)) : [];
  });
  const machines = await machineDoors(world, secret, publicKey);
  return [...new Map([...hosts, ...machines].map((door) => [door.id, door])).values()];
}

function hostDoor({ address, port = 22, user, hostKey }: SshProvider['hosts'][number], keySecret: string): Door {
  const access: SshAccess = { method: 'ssh', address, port, user, hostKey, keySecret, directory: '~' };
  const id = `${user}@${address}:${port}`;
  return { id, where: id, kind: 'host', access, by: 'account', waits: null };
}

async function machineDoors(world: World, secret: string, publicKey: string): Promise<Door[]> {
  const places = new Map<string, Place | undefined>();
  const doors: Door[] = [];
  for (const { value: machine } of await world.store.list('machine')) {
    const { provider } = machine;
    if (!places.has(provider)) places.set(provider, await providerOf(world.store, provider));
    const place = places.get(provider);
    const door = place === undefined ? null : await machineDoor(world, place, machine, { secret, publicKey });
    if (door !== null) doors.push(door);
  }
  return doors;
}

interface Key {
  readonly secret: string;
  readonly publicKey: string;
}

/** Null for a machine that another key opens, that has, or will be made with, the key as it is now, or that nobody will enter any more. */
async function machineDoor(world: World, place: Place, machine: Machine, key: Key): Promise<Door | null> {
  const { access, state, token } = machine;
  const cloud = world.offers.cloud(place.provider, place.domains);
  if (cloud.traits.machines !== 'made' || state.phase === 'destroying') return null;
  const domain = place.domains.find(({ name }) => name === machine.domain) ?? ownDomain(place.provider);
  const at = { provider: place.provider, domain };
  if (access !== null && access.method !== 'ssh') return null;
  if ((access?.keySecret ?? loginKeyNameOf(at)) !== key.secret) return null;
  const ordered = await orderedKeyOf(world, token);
  if (ordered !== null && (isSame(ordered, key.publicKey) || state.phase === 'lost')) return null;
  const by = isPrepared({ cloud, domain }) ? 'program' : 'account';
  const where = `${machine.offer} ${access?.address ?? machine.providerId ?? token}`;
  return { id: token, where, kind: 'machine', access, by, waits: waitsFor(machine) };
}

/** Whether two lines hold the same public key, whatever their comments. */
function isSame(one: string, other: string): boolean {
  return one.split(' ')[1] === other.split(' ')[1];
}

function waitsFor({ state, access }: Machine): string | null {
  switch (state.phase) {
    case 'ready':
      return access === null ? 'it has no address' : null;
    case 'unreachable':
    case 'lost':
      return `out of reach: ${state.why}`;
    default:
      return 'it was ordered before, and is not ready yet';
  }
}

/**
 * By what the key pairs are known that machines of a provider may need: those of the keys that open them, and of what these
 * were while they are being replaced.
 */
export async function keysNeeded({ store }: World, { provider, domains }: Place): Promise<readonly string[]> {
  const needed: string[] = [];
  for (const name of new Set(domains.map((domain) => loginKeyNameOf({ provider, domain }))))
    for (const one of [name, formerSecretName(name)]) {
      if (!(await store.secrets.has(one))) continue;
      const digest = digestOf(await store.secrets.get(one));
      if (digest !== null) needed.push(digest);
    }
  return needed;
}

/** What was found of private keys lately, by their hashes: they are asked for at every look at a provider. */
const digests = new Map<string, string | null>();
const digestsKept = 64;

/** By what the pair of a private key is known; null for what is no key: it was in no order either. */
function digestOf(privateKey: string): string | null {
  const name = hash('sha256', privateKey);
  const known = digests.get(name);
  if (known !== undefined) return known;
  const found = madeDigest(privateKey);
  if (digests.size >= digestsKept) digests.clear();
  digests.set(name, found);
  return found;
}

function madeDigest(privateKey: string): string | null {
  try {
    return keyDigestOf(sshKeyPairOf(privateKey, 'wombat').publicKey);
  } catch (error) {
    if (faultCodeOf(error) !== 'invalid') throw error;
    return null;
  }
}
