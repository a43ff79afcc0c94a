/** Key pairs: one for an owner's name at a provider and a public key. They belong to the user, and their names are unique there. */
import { z } from 'zod';
import { faultCodeOf } from '../../base/fault.ts';
import { besideKeyName } from '../cloud.ts';
import { isGone } from './answers.ts';
import type { Place, Session } from './session.ts';

const KeyPair = z.object({ name: z.string() });

/** Whether a key pair is one of that name, which is an owner's. */
export function isKeyOf(name: string, key: string): boolean {
  return key.startsWith(`${name}-`) && /^[0-9a-f]{12}$/.test(key.slice(`${name}-`.length));
}

/** Has the key pair be there; its name. */
export async function ensureKeyPair(
  session: Session,
  place: Place,
  { name: base, publicKey }: { readonly name: string; readonly publicKey: string },
  signal: AbortSignal,
): Promise<string> {
  const name = besideKeyName(base, publicKey);
  try {
    const path = `/os-keypairs/${encodeURIComponent(name)}`;
    await session.call(place, { method: 'GET', path }, signal);
    return name;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  const body = { keypair: { name, public_key: publicKey } };
  try {
    await session.call(place, { method: 'POST', path: '/os-keypairs', body }, signal);
  } catch (error) {
    // somebody of ours made it meanwhile
    if (faultCodeOf(error) !== 'conflict') throw error;
  }
  return name;
}

/** The names of an owner's key pairs. */
export async function keyPairsOf(
  session: Session,
  place: Place,
  { name: base, headers }: { readonly name: string; readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<string[]> {
  const item = z.object({ keypair: KeyPair });
  const marker = ({ keypair }: z.infer<typeof item>) => keypair.name;
  const all = { path: '/os-keypairs', name: 'keypairs', item, marker, ...(headers === undefined ? {} : { headers }) };
  const found = await session.all(place, all, signal);
  return found.map(({ keypair }) => keypair.name).filter((name) => isKeyOf(base, name));
}

/** Removes a key pair; gone already is success (I3). */
export async function removeKeyPair(session: Session, place: Place, name: string, signal: AbortSignal): Promise<void> {
  try {
    await session.call(place, { method: 'DELETE', path: `/os-keypairs/${encodeURIComponent(name)}` }, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
