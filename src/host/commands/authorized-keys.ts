/**
 * The account's authorized_keys (sshd(8)), changed whole: written beside, then moved into place. A key is found by its
 * type and blob, wherever they stand in a line: options may come first.
 */
import type { Command } from '../../base/shell.ts';
import { quote } from '../../base/quote.ts';

/** Public keys, each as one line of authorized_keys without options. */
export interface KeyChange {
  readonly former: string;
  readonly fresh: string;
}

const prelude = `set -eu; umask 77
cd; mkdir -p .ssh; file=$(readlink -f .ssh/authorized_keys); [ -e "$file" ] || : >"$file"
draft=$file.wombat; rm -f "$draft"; cp -p "$file" "$draft"
settle() { cmp -s "$draft" "$file" && rm -f "$draft" || { sync "$draft" || :; mv -f "$draft" "$file"; }; }`;

/** The line of the former key once more, with the fresh one in its place; a plain line where the former has none. */
export function addKey({ former, fresh }: KeyChange): Command {
  const script = `${prelude}
awk -v former=${quote(keyOf(former))} -v fresh=${quote(fresh)} -v key=${quote(keyOf(fresh))} '
  { lines[NR] = $0 }
  index($0, key) { there = 1 }
  (at = index($0, former)) && !/^[ \\t]*#/ { options = substr($0, 1, at - 1); found = 1 }
  END {
    for (n = 1; n <= NR; n++) print lines[n]
    if (!there) print (found ? options : "") fresh
  }' "$file" >"$draft"
settle`;
  return { script, timeoutMs: 30_000, what: 'let another key in' };
}

/** Without the lines of the former key. */
export function dropKey({ former }: KeyChange): Command {
  const script = `${prelude}
awk -v former=${quote(keyOf(former))} '!index($0, former) || /^[ \\t]*#/' "$file" >"$draft"
settle`;
  return { script, timeoutMs: 30_000, what: 'take a key away' };
}

/** Type and blob, without the comment. */
function keyOf(line: string): string {
  return line.split(' ').slice(0, 2).join(' ');
}
