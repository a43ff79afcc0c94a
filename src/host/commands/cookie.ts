/** The cookie file of a node, replaced by another: whole or not at all, and readable by its owner only. */
import type { Command } from '../../base/shell.ts';
import { quote } from '../../base/quote.ts';
import { nodeFolder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { enter } from './prelude.ts';

/** The cookie travels by standard input (I8). */
export function putCookie(layout: Layout, id: string, cookie: string): Command {
  const script = `${enter(layout, 'exit 0')}
N=$D/${nodeFolder(id)}
[ -e "$N/.erlang.cookie" ] || exit 0
eval "$(cat)"
umask 277
rm -f "$N/.erlang.cookie.new"
printf %s "$cookie" >"$N/.erlang.cookie.new" && mv -f "$N/.erlang.cookie.new" "$N/.erlang.cookie" && sync "$N/.erlang.cookie"`;
  const input = Buffer.from(`cookie=${quote(cookie)}\n`);
  return { script, input, timeoutMs: 30_000, what: `replace the cookie of node ${id}` };
}
