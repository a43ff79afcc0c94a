/** The pages of what an account has, and key pairs: the same words to both kinds. */
import type { EC2, Instance } from '@aws-sdk/client-ec2';
import type { Ec2Api, Within } from './ec2-api.ts';
import { unless } from './group.ts';

/** One page of something. */
interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** All pages, one after the other. */
export async function* pages<T>(
  api: Ec2Api,
  what: string,
  ask: (sdk: EC2, token: string | undefined, within: Within) => Promise<Page<T>>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const page: Page<T> = await api.call(what, (sdk, within) => ask(sdk, token, within), signal);
    yield* page.items;
    token = page.next === '' ? undefined : page.next;
  } while (token !== undefined);
}

/** The instances of an answer, out of their reservations. */
export function instancesIn(reservations: readonly { Instances?: Instance[] | undefined }[] | undefined): Instance[] {
  return (reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
}

/** Imports the key under that name unless it is there; `tags` where the cloud takes them with the import. */
export async function importKey(
  api: Ec2Api,
  { name, publicKey, tags }: { readonly name: string; readonly publicKey: string; readonly tags: object },
  signal: AbortSignal,
): Promise<void> {
  const input = { KeyName: name, PublicKeyMaterial: Buffer.from(publicKey), ...tags };
  await unless('InvalidKeyPair.Duplicate', () =>
    api.call('ImportKeyPair', (sdk, within) => sdk.importKeyPair(input, within), signal),
  );
}

/** Everything that is yielded. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
