/** Text as one word of a POSIX shell script (POSIX.1-2024, Shell Command Language, section 2.2). */

/** The text as one word, whatever it holds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path as one word; a leading `~/` is the home directory of whoever runs the script. */
export function quotePath(path: string): string {
  if (path === '~') return '"$HOME"';
  return path.startsWith('~/') ? `"$HOME"/${quote(path.slice(2))}` : quote(path);
}
