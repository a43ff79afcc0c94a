/** The public halves of the private keys that lie in the control plane's store, and which of them a machine lets in. */
import { sshKeyPairOf } from '../../src/base/ssh/key-pair.ts';
import { formerSecretName } from '../../src/model/secret.ts';

/** What stands for a key where two are compared: the body of its line in `authorized_keys`. */
export function bodyOf(publicKey: string): string {
  return publicKey.split(' ')[1] ?? '';
}

/** The bodies of private keys that were read: the same ones are compared at every exchange. */
const bodies = new Map<string, string>();
const bodiesKept = 256;

/** The body of the public half of a private key. */
export function bodyOfPrivate(privateKey: string): string {
  const known = bodies.get(privateKey);
  if (known !== undefined) return known;
  if (bodies.size >= bodiesKept) bodies.clear();
  const body = bodyOf(sshKeyPairOf(privateKey, 'simulated').publicKey);
  bodies.set(privateKey, body);
  return body;
}

/** Secrets as they are in the store, by their names. */
export class HeldSecrets {
  readonly #values = new Map<string, string>();

  put(name: string, value: string): void {
    this.#values.set(name, value);
  }

  remove(name: string): void {
    this.#values.delete(name);
  }

  /** The bodies of the keys by which a machine of that key is entered: as it is, and as it was while it is being replaced. */
  opening(name: string): readonly string[] {
    const values = [name, formerSecretName(name)].flatMap((one) => this.#values.get(one) ?? []);
    return values.map(bodyOfPrivate);
  }
}
