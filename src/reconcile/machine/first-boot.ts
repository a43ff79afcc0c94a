/**
 * How a machine that is made for us is entered for the first time. The provider's login key is made once; each machine's
 * first host key is made and sealed before the machine is ordered (I1), together with the public key that lets us in, so
 * that a repeated order is the same (I2) also when the login key is replaced in between.
 */
import { makeSshKeyPair, sshKeyPairOf } from '../../base/ssh/key-pair.ts';
import type { SshKeyPair } from '../../base/ssh/key-pair.ts';
import type { FirstBoot } from '../../cloud/cloud.ts';
import { firstBootScript } from '../../host/host.ts';
import { readFirstContact, writeFirstContact } from '../../model/first-contact.ts';
import { firstHostKeySecretName, loginKeySecretName, secretName, secretScope } from '../../model/secret.ts';
import type { World } from '../world.ts';
import type { AnyMachinePass } from './stage.ts';

/** The account of the nodes, where a domain names no other. */
const defaultUser = 'wombat';

/** What goes along with the order; null where machines exist already. */
export async function firstBootOf(pass: AnyMachinePass): Promise<FirstBoot | null> {
  if (pass.cloud.traits.machines !== 'made') return null;
  const { publicKey, hostKey } = await contactOf(pass);
  if (hostKey === null) return { publicKey, hostKey: null, userData: null };
  const user = pass.domain.definition.login?.user ?? defaultUser;
  const userData = firstBootScript({ user, publicKey, hostKey: hostKey.privateKey });
  return { publicKey, hostKey: hostKey.fingerprint, userData };
}

/** What is agreed with a machine for its first contact, before it is ordered. */
interface Contact {
  /** who is let in: that key opens it until another one is put there, also when the provider's own is replaced meanwhile */
  readonly publicKey: string;
  /** what it shows; null where its image brings one */
  readonly hostKey: SshKeyPair | null;
}

/** As it was agreed at the first order, and kept since. */
async function contactOf(pass: AnyMachinePass): Promise<Contact> {
  const { world, machine } = pass;
  const name = firstHostKeySecretName(machine.token);
  const kept = await keptOnce(world, name, async () => {
    const publicKey = await loginKey(pass);
    return writeFirstContact({
      publicKey,
      hostKey: isPrepared(pass) ? makeSshKeyPair(machine.token).privateKey : null,
    });
  });
  const { publicKey, hostKey } = readFirstContact(kept);
  return {
    publicKey: publicKey ?? (await loginKey(pass)),
    hostKey: hostKey === null ? null : sshKeyPairOf(hostKey, machine.token),
  };
}

/** The public key that a machine was, or is about to be, ordered with; null when that is not agreed, or forgotten already. */
export async function orderedKeyOf({ store }: World, token: string): Promise<string | null> {
  const name = firstHostKeySecretName(token);
  return (await store.secrets.has(name)) ? readFirstContact(await store.secrets.get(name)).publicKey : null;
}

/** Whether the machine shows a host key of ours first, which it then replaces by its own. */
export function isPrepared({ cloud, domain }: Pick<AnyMachinePass, 'cloud' | 'domain'>): boolean {
  return cloud.traits.machines === 'made' && domain.definition.login?.hostKey === undefined;
}

/** Whether such a machine has not got as far as a host key of its own: then it is not entered any more. */
export async function isUnentered(pass: AnyMachinePass): Promise<boolean> {
  return isPrepared(pass) && (await pass.world.store.secrets.has(firstHostKeySecretName(pass.machine.token)));
}

/** What is kept for the machine's first contact goes. Repeatable. */
export async function forgetFirstBoot(world: World, token: string): Promise<void> {
  await world.store.secrets.remove(firstHostKeySecretName(token));
}

/** The name of the private key that lets us into machines of a domain: its own, or the one that is made for the provider. */
export function loginKeyNameOf({ provider, domain }: Pick<AnyMachinePass, 'provider' | 'domain'>): string {
  const reference = domain.definition.login?.key;
  return reference === undefined ? loginKeySecretName(provider.name) : secretName(secretScope(provider), reference);
}

/** The public half of that key; the provider's is made when there is none. */
async function loginKey(pass: AnyMachinePass): Promise<string> {
  const { world, domain } = pass;
  const name = loginKeyNameOf(pass);
  const isGiven = domain.definition.login?.key !== undefined;
  const make = () => Promise.resolve(makeSshKeyPair('wombat').privateKey);
  const value = isGiven ? await world.store.secrets.get(name) : await keptOnce(world, name, make);
  return sshKeyPairOf(value, 'wombat').publicKey;
}

/** The secret of that name; made when there is none, once also when many ask at the same time. */
async function keptOnce(world: World, name: string, make: () => Promise<string>): Promise<string> {
  const { making } = world.memory;
  const { secrets } = world.store;
  const made = making.get(name) ?? makeUnlessThere(world, name, make);
  making.set(name, made);
  try {
    await made;
  } finally {
    making.delete(name);
  }
  return secrets.get(name);
}

async function makeUnlessThere({ store }: World, name: string, make: () => Promise<string>): Promise<void> {
  if (!(await store.secrets.has(name))) await store.secrets.put(name, await make());
}
