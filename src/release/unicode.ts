/**
 * Names that look like others, or are read as others: by file systems that store one composition of a letter only, by programs
 * that fold characters of compatibility (Unicode Standard Annex 15), by people.
 */
import { refusedEntry } from './limits.ts';

/** What is invisible or turns the direction of text. */
const unseen = /[\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * What a name with letters beyond ASCII folds to; itself without such. Fault `invalid` when it would then be another path.
 */
export function folded(name: string): string {
  if (isAscii(name)) return name;
  if (unseen.test(name)) throw refusedEntry(name, 'has a character in its name that cannot be seen');
  const fold = name.normalize('NFKC');
  const [parts, former] = [fold.split('/'), name.split('/')];
  const turns = parts.some((part, at) => (part === '..' || part === '.') && part !== former[at]);
  if (turns || fold.includes('\\') || parts.length !== former.length)
    throw refusedEntry(name, 'has a name that other programs read as another path');
  return fold;
}

function isAscii(name: string): boolean {
  return !/[^\u0000-\u007f]/.test(name);
}
