/** SHA-256, hexadecimal. */
import { createHash } from 'node:crypto';

/** Of a text's UTF-8 bytes. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
