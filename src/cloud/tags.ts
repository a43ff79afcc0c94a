/**
 * What every machine that we make carries at its provider, so that a listing alone says whose it is, which order it came
 * from and how it is entered (I2, I4). Values are short ASCII: every provider's tags or metadata can hold them.
 */
import { sha256Of } from '../base/sha256.ts';
import type { Access } from '../model/machine.ts';
import type { CloudContext, Order } from './cloud.ts';

/** The tag that makes a thing ours; things beside machines carry it as well. */
export const ownerTag = 'wombat-owner';
/** The tag that says of which order a machine is. */
export const tokenTag = 'wombat-token';
const domainTag = 'wombat-domain';
const hostKeyTag = 'wombat-host-key';

/** What a machine's tags say. */
export interface Tags {
  readonly owner: string;
  readonly token: string;
  readonly domain: string;
  /** SHA256 fingerprint of the host key at first contact; null where the image brings its own */
  readonly hostKey: string | null;
}

/** The tags of a machine that is ordered. */
export function tagsOf({ owner, token, domain, boot }: Order): Readonly<Record<string, string>> {
  const hostKey = boot?.hostKey ?? null;
  const known = { [ownerTag]: owner, [tokenTag]: token, [domainTag]: domain };
  return hostKey === null ? known : { ...known, [hostKeyTag]: hostKey };
}

/** Reads them back; null for a machine that is not ours or lacks one. */
export function readTags(tags: Readonly<Record<string, string | undefined>>): Tags | null {
  const { [ownerTag]: owner, [tokenTag]: token, [domainTag]: domain, [hostKeyTag]: hostKey = null } = tags;
  if (owner === undefined || token === undefined || domain === undefined) return null;
  return { owner, token, domain, hostKey };
}

/**
 * The name of what an owner has beside its machines at one provider (group, key pair, port …): two providers may be of one
 * account, and what one of them allows or sweeps is not the other's.
 */
export function besideName({ provider }: CloudContext, owner: string): string {
  return `wombat-${owner}-${provider.name}`;
}

/** The name of a public key of that owner: another key, as after its renewal, is another pair. `name` is of `besideName`. */
export function besideKeyName(name: string, publicKey: string): string {
  return `${name}-${keyDigestOf(publicKey)}`;
}

/** By what such a name tells one public key from another: whatever its comment is. */
export function keyDigestOf(publicKey: string): string {
  const [, body = publicKey] = publicKey.split(' ');
  return sha256Of(body).slice(0, 12);
}

/** Whether that is such a name: the owner's own, or that of one of its keys, which ends with the key's digest. */
export function isBesideName(context: CloudContext, owner: string, name: string): boolean {
  const own = besideName(context, owner);
  return name === own || (name.startsWith(`${own}-`) && /^[0-9a-f]{8,12}$/.test(name.slice(own.length + 1)));
}

/** The account of machines that are made, where a domain names no other. */
const defaultUser = 'wombat';

/**
 * How a made machine is entered at that address. Null while it has none, and for a machine whose host key nobody knows:
 * it is not entered at all.
 */
export function madeAccess(context: CloudContext, tags: Tags, address: string | null): Access | null {
  const login = context.domains.find(({ name }) => name === tags.domain)?.definition.login;
  const hostKey = tags.hostKey ?? login?.hostKey ?? null;
  if (address === null || hostKey === null) return null;
  const { user = defaultUser, key } = login ?? {};
  const keySecret = key === undefined ? context.keySecret : context.secretName(key);
  return { method: 'ssh', address, port: 22, user, hostKey, keySecret, directory: '.wombat' };
}
