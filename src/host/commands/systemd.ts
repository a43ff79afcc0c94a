/**
 * Nodes as units of systemd, on hosts where it is process 1: of the system when we are root, of the user's own manager
 * where the account lingers (loginctl(1)). Elsewhere a node is a session of its own, and the control plane alone starts
 * it again after a reboot.
 *
 * One template `wombat-OWNER-FOLDER@.service` stands for all nodes of our folder; the link that enables an instance
 * stands for as long as its node is meant to run, so that a host that boots starts exactly those. `Restart=no`: what died
 * is started again by the loop alone. Whoever starts a node, loop or boot, runs `boot NODE` as that unit, which systemd
 * runs once, and which looks at `run/process` under `run/lock` like every starter (I2): a node that already runs, under
 * whichever supervisor, is left alone.
 *
 * run/unit, beside run/process, says which manager and which link are the node's; epmd/unit the same of our epmd.
 */
import { quote } from '../../base/quote.ts';
import type { Layout } from '../layout.ts';
import { functions } from './prelude.ts';
import { socketsFunction } from './sockets.ts';

/** How long systemd lets a node end in its own way when the host goes down, seconds: its own default. */
const stopSeconds = 90;

/** How long a unit waits for epmd after a boot, tenths of a second. */
const epmdTenths = 600;

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of a launched shell, whoever launches it: nothing of ours, nothing of the manager's. */
export const cleanEnvironment = `env -i PATH=${path} LANG=C.UTF-8`;

/** `epmd_covers`, after `sockets`: whether some epmd serves that address and loopback. */
export const epmdCoversFunction =
  'epmd_covers() { [ -n "$epmd_any" ] || { [ -n "$epmd_here" ] && [ -n "$epmd_loop" ]; }; }';

/** Becomes the node $1 when it is enabled and does not run. */
const boot = `${functions}
${socketsFunction}
${epmdCoversFunction}
D=\${0%/*}; N=$D/nodes/$1
cd "$N" && exec </dev/null >>log 2>&1 && read -r address epmd <listen || exit 1
tries=0
while [ "$address" != - ] && sockets "$address" 0000 "$epmd" && ! epmd_covers && [ $tries -lt ${epmdTenths} ]; do tries=$((tries + 1)); sleep 0.1; done
exec 9>>run/lock; flock -w 60 9 || exit 1
[ run/lock -ef /proc/$$/fd/9 ] && [ -e run/unit ] || exit 0
if alive run; then echo "--- already running: pid $pid"; exit 0; fi
read -r digest <digest || exit 1
echo '--- started by systemd'
exec sh launch "$N" "$D/releases/\${digest%%:*}-\${digest#*:}"
`;

/** Becomes our epmd. The release that its program came with may be gone: then any other will do. */
const bootEpmd = `${functions}
D=\${0%/*}; cd "$D/epmd" && exec </dev/null >log 2>&1 || exit 1
read -r port <port && read -r addresses <addresses && read -r program <program || exit 1
[ -x "$program" ] || for program in "$D"/releases/*/erts-*/bin/epmd; do [ ! -x "$program" ] || break; done
read -r stat </proc/$$/stat
set -- \${stat##*) }
printf '%s %s %s\\n' $$ "\${20}" "$BOOT" >process
cd /; exec "$program" -port "$port" -address "$addresses"
`;

const notUpYet = 'the own manager of the account does not run';

/**
 * `find_manager` sets \`manager\` to \`system\`, \`user\` or nothing, and \`why\` to the reason where systemd runs this host
 * and not for us. Both need a program, and are asked only where systemd is process 1 (\`/proc/1/comm\` is that of our
 * own namespace: a container that sees its host's /run is none of systemd's).
 */
export const findManagerFunction = `
find_manager() {
  manager=; why=; init=
  { read -r init </proc/1/comm; } 2>/dev/null
  [ "$init" = systemd ] && [ -d /run/systemd/system ] || return 0
  me=$(id -u)
  if [ "$me" = 0 ]; then
    manager=system; units=/etc/systemd/system; target=multi-user.target
  elif [ ! -e "/var/lib/systemd/linger/$(id -un)" ]; then why='the account does not linger (loginctl enable-linger)'
  elif [ ! -S "/run/user/$me/systemd/private" ]; then why='${notUpYet}'
  else manager=user; units=$HOME/.config/systemd/user; target=default.target
  fi
  if [ -n "$manager" ] && [ -d "$units" ] && [ ! -w "$units" ]; then why="$units cannot be written"; manager=; fi
}`.trim();

/** `manage ARGUMENTS`: systemctl of the manager that \`manager\` names, which a far shell need not know of. */
const manageFunction = `
manage() {
  if [ "$manager" = user ]; then XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user "$@"; else systemctl "$@"; fi
}`.trim();

/** `unit_name` sets \`unit\` to what the names of our folder's units begin with. */
function unitNameFunction(layout: Layout): string {
  return `unit_name() { unit=$(printf %s "$D" | cksum); unit=wombat-${layout.owner}-\${unit%% *}; }`;
}

/**
 * `enable_unit NAME FOLDER` makes the units of our folder where they are not as they should be, and the link that
 * enables one of them; FOLDER/unit says so first. While a host boots, `await_manager` gives the account's manager five
 * seconds to come up. The caller starts it. Goes with `disableUnitFunctions`.
 */
export function enableUnitFunctions(layout: Layout): string {
  return `${findManagerFunction}
${unitNameFunction(layout)}
await_manager() {
  tries=0
  while find_manager; [ "$why" = '${notUpYet}' ] && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
}
write_changed() { [ "$(cat "$1" 2>/dev/null)" = "$2" ] || { printf '%s\\n' "$2" >"$1.new" && mv "$1.new" "$1"; changed=1; }; }
write_units() {
  changed=; mkdir -p "$units/$target.wants" || return 1
  e=$(printf %s "$D" | sed 's/[\\\\"]/\\\\&/g; s/%/%%/g; s/[$]/$$/g')
  printf %s ${quote(boot)} >"$D/boot.new" && mv "$D/boot.new" "$D/boot"
  printf %s ${quote(bootEpmd)} >"$D/boot-epmd.new" && mv "$D/boot-epmd.new" "$D/boot-epmd"
  write_changed "$units/$unit@.service" ${unitText(nodeUnit)}
  write_changed "$units/$unit-epmd.service" ${unitText(epmdUnit)}
  [ -z "$changed" ] || manage daemon-reload
}
enable_unit() {
  { flock -w 20 6 && write_units; } 6>>"$D/epmd/units" && printf '%s %s\\n' "$manager" "$units/$target.wants/$1" >"$2/unit" || return 1
  case $1 in *@*) from=$unit@.service ;; *) from=$1 ;; esac
  ln -sf "$units/$from" "$units/$target.wants/$1"
}`;
}

/** A unit's text as a word of the script, in which $e is our folder as systemd reads it and $unit the name of our units. */
function unitText(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('`', '\\`')}"`;
}

const nodeUnit = `[Unit]
Description=Erlang node %i of Wombat
After=network-online.target $unit-epmd.service
Wants=network-online.target
StartLimitIntervalSec=0
[Service]
Type=exec
ExecStart=/usr/bin/${cleanEnvironment} /bin/sh "$e/boot" %i
Restart=no
TimeoutStopSec=${stopSeconds}
UMask=0077
[Install]
WantedBy=$target`;

/** epmd is no node, and its address may come later than it at a boot: it is tried again. */
const epmdUnit = `[Unit]
Description=Erlang port mapper of Wombat
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=60
[Service]
Type=exec
ExecStart=/usr/bin/${cleanEnvironment} /bin/sh "$e/boot-epmd"
Restart=on-failure
RestartSec=1
[Install]
WantedBy=$target`;

/**
 * \`disable_unit FOLDER\`: the next boot does not start it any more. \`stop_unit FOLDER\`: nothing of it runs any more, in
 * its cgroup either; systemd forgets it.
 */
export const disableUnitFunctions = `
${manageFunction}
unit_of() { manager=; link=; { read -r manager link <"$1/unit"; } 2>/dev/null && [ -n "$link" ]; }
disable_unit() { ! unit_of "$1" || rm -f "$link"; }
stop_unit() {
  unit_of "$1" || return 0
  rm -f "$link"
  { manage kill -s KILL "\${link##*/}"; manage stop "\${link##*/}"; manage reset-failed "\${link##*/}"; } >/dev/null 2>&1
  rm -f "$1/unit"
}`.trim();

/**
 * Removes the units of our folder, once nothing of it runs; folders that are left empty go as \`systemctl disable\` would
 * have them go. Needs no manager that still answers.
 */
export function removeUnits(layout: Layout): string {
  return `
${findManagerFunction}
${unitNameFunction(layout)}
find_manager
if [ -n "$manager" ]; then
  unit_name
  if [ -e "$units/$unit@.service" ] || [ -e "$units/$unit-epmd.service" ]; then
    rm -f "$units/$unit@.service" "$units/$unit-epmd.service" "$units/$target.wants/$unit"[@-]*.service
    manage daemon-reload
  fi
  [ "$manager" = system ] || rmdir "$units/$target.wants" "$units" "$HOME/.config/systemd" "$HOME/.config" 2>/dev/null
fi`.trim();
}
