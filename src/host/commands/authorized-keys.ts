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

/**
 * Changes the file of the account that runs it. In the environment: `act` is `add` or `drop`, `former` and `key` are type and
 * blob of the two keys, `fresh` is the whole line of the new one. Added is the line of the former key once more, with the
 * fresh one in its place (sshd takes the first that fits: so do we); a plain line where there is no former.
 */
export const changeKeys = `set -eu; umask 77
cd; mkdir -p .ssh; file=$(readlink -f .ssh/authorized_keys); [ -e "$file" ] || : >"$file"
draft=$file.wombat; rm -f "$draft"; cp -p "$file" "$draft"
awk '
  BEGIN { act = ENVIRON["act"]; former = ENVIRON["former"]; fresh = ENVIRON["fresh"]; key = ENVIRON["key"] }
  { line = $0; comment = /^[ \\t]*#/; at = comment ? 0 : index(line, former) }
  !comment && index(line, key) { there = 1 }
  at && !found { options = substr(line, 1, at - 1); found = 1 }
  !(at && act == "drop") { print line }
  END { if (act == "add" && !there) print options fresh }' "$file" >"$draft"
cmp -s "$draft" "$file" && rm -f "$draft" || { sync "$draft" || :; mv -f "$draft" "$file"; }`;

/** Lets the fresh key in where the former one is. */
export function addKey(change: KeyChange): Command {
  return { script: asAccount('add', change), timeoutMs: 30_000, what: 'let another key in' };
}

/** Takes the lines of the former key away. */
export function dropKey(change: KeyChange): Command {
  return { script: asAccount('drop', change), timeoutMs: 30_000, what: 'take a key away' };
}

function asAccount(act: 'add' | 'drop', { former, fresh }: KeyChange): string {
  const given = { act, former: keyOf(former), key: keyOf(fresh), fresh };
  const settings = Object.entries(given).map(([name, value]) => `${name}=${quote(value)}`);
  return `export ${settings.join(' ')}\n${changeKeys}`;
}

/** Type and blob, without the comment. */
function keyOf(line: string): string {
  return line.split(' ').slice(0, 2).join(' ');
}
