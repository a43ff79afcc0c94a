/**
 * The first minutes of a machine that was made for us, as scripts. User-data (cloud-init and others run what begins with
 * `#!`) makes the account, lets our key in, and shows a host key that serves once: whoever shows it is the machine that
 * was ordered. Then the machine makes a host key of its own. That happens in two steps, so that whoever dies in between,
 * we or the machine, can go on: the new key is made and lies ready; once it is on record, it takes the old one's place.
 *
 * What needs root goes through one program on the machine, which can do these few things and no others. Our key leads
 * root to it and nowhere else (`command=` in authorized_keys, sshd(8)), so that the account of the nodes needs no sudo.
 *
 * The script does its work once. An image that runs it at every boot would otherwise bring back the first host key, and a
 * login key that was replaced since.
 */
import type { Command } from '../../base/shell.ts';
import { quote } from '../../base/quote.ts';
import { sha256Of } from '../../base/sha256.ts';
import { changeKeys } from './authorized-keys.ts';
import type { KeyChange } from './authorized-keys.ts';
import { answersOf } from './prelude.ts';

/** How a machine is to be prepared. */
export interface Preparation {
  /** account that runs the nodes; made unless it is there */
  readonly user: string;
  /** our public key, one line */
  readonly publicKey: string;
  /** private half of the host key that serves for the first contact */
  readonly hostKey: string;
}

/** The program that does on the machine what root must do. */
const folder = '/usr/local/lib/wombat';
export const rootProgram = `${folder}/root`;
/** What it has accounts do when a login key is replaced. */
const keyProgram = `${folder}/change-keys`;

/** sshd reads its host keys anew: its listener is the one whose parent is no sshd. Its sessions live on. */
const reload = `reload() {
  for stat in /proc/[0-9]*/stat; do
    { read -r pid comm state parent rest <"$stat"; } 2>/dev/null || continue
    [ "$comm" = "(sshd)" ] || continue
    { read -r above <"/proc/$parent/comm"; } 2>/dev/null || above=
    [ "$above" = sshd ] || kill -HUP "$pid"
  done
}`;

/**
 * Changes who is let in by the keys that are said on standard input: the former one, then the fresh one. Each account whose
 * file holds the former one changes its file itself, so that root follows no link of anybody's; taken away is nothing
 * where the fresh one is not.
 */
const loginKeys = `  asked=\${SSH_ORIGINAL_COMMAND:-$*}; act=add; case $asked in *drop-login-key*) act=drop ;; esac
  read -r kind blob rest; former="$kind $blob"
  read -r kind blob rest; key="$kind $blob" fresh="$kind $blob $rest"
  case "$former,$key" in *[!A-Za-z0-9+/=@.,\\ -]*|*' ,'*|*' ') echo 'wombat: these are no keys' >&2; exit 64 ;; esac
  export act former key fresh
  change=$(cat ${keyProgram}); as=$(command -v runuser || command -v su)
  while IFS=: read -r name _ id _ _ home _; do
    file=$home/.ssh/authorized_keys
    grep -qsF -e "$former" "$file" || continue
    [ "$act" = add ] || grep -qF -e "$key" "$file" || continue
    if [ "$id" = 0 ]; then HOME=$home sh -c "$change" </dev/null; else "$as" -s /bin/sh -c "$change" "$name" </dev/null; fi
  done </etc/passwd ;;`;

/** What the program can do, by the word that it is asked with; as a forced command it is asked through SSH_ORIGINAL_COMMAND. */
const program = `#!/bin/sh
# what the wombat control plane may do here as root: nothing else
set -eu; umask 077
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
key=/etc/ssh/ssh_host_ed25519_key next=/etc/ssh/wombat_next_host_key
${reload}
case "\${SSH_ORIGINAL_COMMAND:-$*}" in
*new-host-key*)
  ssh-keygen -y -f "$next" >/dev/null 2>&1 || { rm -f "$next" "$next.pub"; ssh-keygen -q -t ed25519 -N '' -f "$next"; sync; }
  echo "hostkey=$(ssh-keygen -y -f "$next")" ;;
*use-host-key*)
  if [ -s "$next" ]; then ssh-keygen -y -f "$next" >"$key.pub"; rm -f "$next.pub"; mv -f "$next" "$key"; sync; fi
  chmod 644 "$key.pub"; reload ;;
*set-firewall*)
  command -v nft >/dev/null || { echo 'nft: not found' >&2; exit 127; }
  exec nft -f - ;;
*-login-key*)
${loginKeys}
*) echo 'wombat: no such act' >&2; exit 64 ;;
esac`;

/** The script that prepares a machine at its first boot; run as root. The keys stand in here-documents: no argv shows them. */
export function firstBootScript({ user, publicKey, hostKey }: Preparation): string {
  return `#!/bin/sh
# prepares this machine for the wombat control plane that ordered it
set -eu; umask 077
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
user=${quote(user)}
mkdir -p ${folder}
made=${sha256Of(publicKey + hostKey)} # this order's: an image of a machine that was made for another one begins anew
[ "$(cat ${folder}/made 2>/dev/null)" != "$made" ] || exit 0
cat >${rootProgram} <<'END-OF-PROGRAM'
${program}
END-OF-PROGRAM
cat >${keyProgram} <<'END-OF-PROGRAM'
${changeKeys}
END-OF-PROGRAM
chmod 700 ${rootProgram}
${reload}
authorize() { # HOME LINE: the line comes first, because sshd takes the first that fits
  mkdir -p "$1/.ssh"; file=$1/.ssh/authorized_keys
  { echo "$2"; [ ! -e "$file" ] || grep -vxF -e "$2" "$file" || :; } >"$file.new"; mv -f "$file.new" "$file"
  ! command -v restorecon >/dev/null || restorecon -R "$1/.ssh" || :
}
read -r login <<'END-OF-KEY'
${publicKey}
END-OF-KEY
${user === 'root' ? 'authorize /root "$login"' : otherAccount}
cat >/etc/ssh/ssh_host_ed25519_key.new <<'END-OF-KEY'
${hostKey.trimEnd()}
END-OF-KEY
ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key.new >/etc/ssh/ssh_host_ed25519_key.pub
mv -f /etc/ssh/ssh_host_ed25519_key.new /etc/ssh/ssh_host_ed25519_key
chmod 644 /etc/ssh/ssh_host_ed25519_key.pub
echo "$made" >${folder}/made; sync
reload
`;
}

/**
 * The account, and root's way to the program. A new account's password is none (\`*\`) rather than locked (\`!\`), which sshd
 * without PAM takes for an account that nobody may enter. A server that lets no root in lets it in for forced commands.
 */
const otherAccount = `if ! id -u "$user" >/dev/null 2>&1; then
  if command -v useradd >/dev/null; then useradd -m -s /bin/sh "$user"; else adduser -D -s /bin/sh "$user"; fi
  sed -i "s/^$user:!*:/$user:*:/" /etc/shadow
fi
home=$(awk -F: -v user="$user" '$1 == user { print $6 }' /etc/passwd)
authorize "$home" "$login"
chown -R "$user:$(id -gn "$user")" "$home/.ssh"
authorize /root "restrict,command=\\"${rootProgram}\\" $login"
if [ "$(sshd -T 2>/dev/null | grep -i '^permitrootlogin ')" = 'permitrootlogin no' ]; then
  { echo 'PermitRootLogin forced-commands-only'; cat /etc/ssh/sshd_config; } >/etc/ssh/sshd_config.new
  cat /etc/ssh/sshd_config.new >/etc/ssh/sshd_config; rm -f /etc/ssh/sshd_config.new
fi`;

/** Has the machine make its own host key, if it has not, and say its public half. It is not shown to anybody yet. */
export function newHostKey(): Command {
  return { script: `${rootProgram} new-host-key`, timeoutMs: 30_000, what: 'make a host key' };
}

/** The public key that was made: its blob. Null when the answer holds none. */
export function parseNewHostKey(stdout: string): Uint8Array | null {
  const line = answersOf(stdout)
    .find(([key]) => key === 'hostkey')?.[1]
    .split(' ');
  return line?.[0] === 'ssh-ed25519' ? Buffer.from(line[1] ?? '', 'base64') : null;
}

/** Has the machine show the host key that it made; repeatable. */
export function useHostKey(): Command {
  return { script: `${rootProgram} use-host-key`, timeoutMs: 30_000, what: 'change the host key' };
}

/** Has the fresh key open every account that the former one opens, as the former one does. Repeatable. */
export function addKeyAsRoot(change: KeyChange): Command {
  return { ...loginKeyAct('add-login-key', change), what: 'let another key in' };
}

/** Has the former key open no account any more that the fresh one opens. Repeatable. */
export function dropKeyAsRoot(change: KeyChange): Command {
  return { ...loginKeyAct('drop-login-key', change), what: 'take a key away' };
}

function loginKeyAct(act: string, { former, fresh }: KeyChange): Omit<Command, 'what'> {
  const input = new TextEncoder().encode(`${former}\n${fresh}\n`);
  return { script: `${rootProgram} ${act}`, input, timeoutMs: 60_000 };
}
