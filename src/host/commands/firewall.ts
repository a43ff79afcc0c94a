/**
 * The firewall of a host, as one nftables table of ours for each control plane (nft(8)). It is replaced in one step: what
 * `nft -f` reads is applied whole or not at all. What is open is said, everything else that comes from outside is refused;
 * SSH stays open whatever is said, so that nobody is locked out, and connections that stand go on.
 */
import type { Command } from '../../base/shell.ts';
import type { Opening } from '../../model/firewall.ts';
import { rootProgram } from './first-boot.ts';

/** Whose table it is, and what it must never shut. */
export interface FirewallOptions {
  readonly owner: string;
  /** port of the SSH server that we come in by */
  readonly sshPort: number;
}

/** The name of the table: an identifier of nft's. */
function tableOf(owner: string): string {
  return `wombat_${owner.replaceAll(/[^A-Za-z0-9]/g, '_')}`;
}

/** The text that makes the table exactly so; without openings that are said nothing but SSH is open. */
export function firewallText(openings: readonly Opening[], { owner, sshPort }: FirewallOptions): string {
  const table = `inet ${tableOf(owner)}`;
  const rules = openings.flatMap(({ ports: [first, last], from }) =>
    (['ip', 'ip6'] as const).flatMap((family) => {
      const blocks = from.filter((one) => one.includes(':') === (family === 'ip6'));
      const port = first === last ? `${first}` : `${first}-${last}`;
      return blocks.length === 0 ? [] : [`    ${family} saddr { ${blocks.join(', ')} } tcp dport ${port} accept`];
    }),
  );
  return `table ${table}
delete table ${table}
table ${table} {
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "lo" accept
    ct state established,related accept
    tcp dport ${sshPort} accept
${rules.join('\n')}
    meta l4proto tcp reject with tcp reset
    udp dport { 68, 546 } accept
    meta l4proto udp ct state new reject
  }
}
`;
}

/** The text that takes the table away; repeatable. */
export function noFirewallText(owner: string): string {
  const table = `inet ${tableOf(owner)}`;
  return `table ${table}\ndelete table ${table}\n`;
}

/**
 * Hands such a text to nft: through root's program where first boot left it, else as root or by sudo. \`-n\`: a sudo that
 * would ask for a password is none.
 */
export function applyFirewall(text: string): Command {
  const script = `if [ -x ${rootProgram} ] && [ "$(id -u)" = 0 ]; then exec ${rootProgram} set-firewall; fi
PATH=$PATH:/usr/sbin:/sbin
command -v nft >/dev/null || { echo 'nft: not found' >&2; exit 127; }
if [ "$(id -u)" = 0 ]; then exec nft -f -; fi
exec sudo -n nft -f -`;
  return { script, input: new TextEncoder().encode(text), timeoutMs: 30_000, what: 'set the firewall' };
}
