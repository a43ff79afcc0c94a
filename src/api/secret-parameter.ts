/** The name of a secret, and what may be told about it. */
import { z } from 'zod';
import type { EventDraft } from '../model/event.ts';

export const SecretParameter = z.object({
  name: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[^\p{Cc}]+$/u, 'the name of a secret has no control characters')
    .describe('scope and reference: `ants secret://env/KEY`'),
});

/** What happened to a secret: its name only (I8). */
export function secretEvent(name: string, what: 'written' | 'deleted'): EventDraft {
  const words = `secret ${name} was ${what}`;
  return { level: 'info', kind: 'secret', object: name, blueprint: null, what, words };
}
