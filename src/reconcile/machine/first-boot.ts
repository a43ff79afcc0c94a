/**
 * How a machine that is made for us is entered for the first time. The provider's login key is made once; each machine's
 * first host key is made and sealed before the machine is ordered (I1), so that a repeated order is the same (I2).
 */
import { makeSshKeyPair, sshKeyPairOf } from '../../base/ssh/key-pair.ts';
import type { SshKeyPair } from '../../base/ssh/key-pair.ts';
import type { FirstBoot } from '../../cloud/cloud.ts';
import { firstBootScript } from '../../host/host.ts';
import { firstHostKeySecretName, loginKeySecretName, secretName, secretScope } from '../../model/secret.ts';
import type { World } from '../world.ts';
import type { AnyMachinePass } from './stage.ts';

/** The account of the nodes, where a domain names no other. */
const defaultUser = 'wombat';

/** What goes along with the order; null where machines exist already. */
export async function firstBootOf(pass: AnyMachinePass): Promise<FirstBoot | null> {
  const { world, cloud, domain, machine } = pass;
  if (cloud.traits.machines !== 'made') return null;
  const { login } = domain.definition;
  const publicKey = await loginKey(pass);
  if (login?.hostKey !== undefined) return { publicKey, hostKey: null, userData: null };
  const first = await keyOf(world, firstHostKeySecretName(machine.token), machine.token);
  const preparation = { user: login?.user ?? defaultUser, publicKey, hostKey: first.privateKey };
  return { publicKey, hostKey: first.fingerprint, userData: firstBootScript(preparation) };
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

/** The public half of the key that lets us in: the domain's own, or the one that is made once for the provider. */
async function loginKey({ world, provider, domain }: AnyMachinePass): Promise<string> {
  const reference = domain.definition.login?.key;
  if (reference === undefined) return (await keyOf(world, loginKeySecretName(provider.name), 'wombat')).publicKey;
  const given = await world.store.secrets.get(secretName(secretScope(provider), reference));
  return sshKeyPairOf(given, 'wombat').publicKey;
}

/** The key pair of that name; made when there is none, once also when many ask at the same time. */
async function keyOf(world: World, name: string, comment: string): Promise<SshKeyPair> {
  const { making } = world.memory;
  const { secrets } = world.store;
  const made = making.get(name) ?? makeUnlessThere(world, name, comment);
  making.set(name, made);
  try {
    await made;
  } finally {
    making.delete(name);
  }
  return sshKeyPairOf(await secrets.get(name), comment);
}

async function makeUnlessThere({ store }: World, name: string, comment: string): Promise<void> {
  if (!(await store.secrets.has(name))) await store.secrets.put(name, makeSshKeyPair(comment).privateKey);
}
