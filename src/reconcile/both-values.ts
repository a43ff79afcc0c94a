/** A secret that is being replaced: what it is and, until the rotation is over, what it was. */
import { formerSecretName } from '../model/secret.ts';
import type { SecretStore } from '../store/store.ts';

/** The present value first, then the former one if it is still remembered. Fault not-found. */
export async function bothValues(secrets: SecretStore, name: string): Promise<readonly string[]> {
  const values = [await secrets.get(name)];
  const former = formerSecretName(name);
  if (await secrets.has(former)) values.push(await secrets.get(former));
  return [...new Set(values)];
}

/**
 * Has the store know both values: what was there as the former one, and a new one in its place. Going on after a crash
 * anywhere in between is calling it again.
 */
export async function keepBoth(secrets: SecretStore, name: string, make: () => string): Promise<void> {
  const former = formerSecretName(name);
  if (!(await secrets.has(former))) await secrets.put(former, await secrets.get(name));
  if ((await secrets.get(former)) === (await secrets.get(name))) await secrets.put(name, make());
}
