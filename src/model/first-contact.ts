/** What is agreed with a machine for its first contact, before it is ordered; kept sealed until it is ready. */
import { z } from 'zod';

const FirstContact = z.object({
  /** who is let in, one line as in `authorized_keys`; null where an earlier version kept the host key alone */
  publicKey: z.string().nullable(),
  /** private half of the host key that it shows; null where its image brings one */
  hostKey: z.string().nullable(),
});
export type FirstContact = z.infer<typeof FirstContact>;

/** As it is kept. */
export function writeFirstContact(contact: FirstContact): string {
  return JSON.stringify(contact);
}

/** Reads what was kept. */
export function readFirstContact(kept: string): FirstContact {
  return kept.startsWith('{') ? FirstContact.parse(JSON.parse(kept)) : { publicKey: null, hostKey: kept };
}
