/**
 * The start of a node, in one exchange. What makes it happen once (I2), under a kill of anybody at any moment:
 *
 *   - `run/lock` is held from before the look at `run/process` until the launched shell has named itself there. That
 *     shell inherits the lock and gives it up only then, so the death of the starter between the two opens no gap.
 *   - A `run/process` names its process by id, start time and boot: one left by a dead process, by an earlier boot or by
 *     another process under the same id is seen as what it is, and written over.
 *
 * Where systemd starts the node (`systemd.ts`), it is the unit that holds the lock over these two moments.
 *
 * Everything that the node is given comes by standard input, as assignments for the script: it is in no argument list.
 */
import type { Command } from '../../base/shell.ts';
import { Fault } from '../../base/fault.ts';
import { quote } from '../../base/quote.ts';
import type { ProcessIdentity } from '../../model/node.ts';
import type { NodeOrder, Started } from '../host.ts';
import { hasSystemConfig, launchOf, needsOwnCopy } from '../launch.ts';
import { nodeFolder, releaseFolder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { systemConfig } from '../system-config.ts';
import { stripFileProgram } from '../vm-args.ts';
import { sweepFunction } from './end.ts';
import { ensureEpmdFunctions } from './epmd.ts';
import { answersOf, enter, freeFunction } from './prelude.ts';
import { cleanEnvironment, disableUnitFunctions, enableUnitFunctions } from './systemd.ts';
import { holderFunction, procAddress, procPort, socketsFunction } from './sockets.ts';

/** How many of the node's last log lines a refusal carries. */
const logLines = 20;

/** The command that starts a node. */
export function startNode(layout: Layout, order: NodeOrder): Command {
  return {
    script: script(layout, order),
    input: Buffer.from(payload(order)),
    timeoutMs: 60_000,
    shared: true,
    what: `start node ${order.name}`,
  };
}

/** What the script reads: shell variables that become the node's files. */
function payload(order: NodeOrder): string {
  const { environment, exec } = launchOf(order);
  const config = hasSystemConfig(order) ? systemConfig(order.specification.config.sysConfig ?? {}) : '';
  return [
    `cookie=${quote(order.cookie)}`,
    `environment=${quote(environment)}`,
    `launch=${quote(becomeNode(exec, order.specification.commands !== undefined))}`,
    `config=${quote(config)}`,
  ].join('\n');
}

/**
 * What the launched shell does: names itself, reads its environment, and lets the lock (9) and its starter (8) go in the
 * moment in which it becomes the emulator; before that where nobody knows what its command does.
 */
function becomeNode(exec: string, isCommand: boolean): string {
  return `
node=$1; release=$2
read -r stat </proc/$$/stat; read -r boot </proc/sys/kernel/random/boot_id
set -- \${stat##*) }
printf '%s %s %s\\n' $$ "\${20}" "$boot" >"$node/run/process" || exit 1
set -- "$node" "$release"
cd "$1"; . "$1/env"
${isCommand ? `exec 8>&- 9>&-\n${exec}` : `${exec.trimEnd()} 8>&- 9>&-\n`}`.trimStart();
}

function script(layout: Layout, order: NodeOrder): string {
  const { placement, specification } = order;
  const { listen, port } = placement;
  return `${enter(layout, 'echo missing=; exit 0')}
${freeFunction}
${socketsFunction}
${holderFunction}
${ensureEpmdFunctions}
${sweepFunction}
${enableUnitFunctions(layout)}
${disableUnitFunctions}
N=$D/${nodeFolder(order.id)}; R=$D/${releaseFolder(specification.digest)}
look() { sockets ${procAddress(listen)} ${procPort(port)} ${procPort(specification.epmdPort)}; }
refuse() { echo "refused=$1"; [ ! -f "$N/log" ] || tail -n ${logLines} "$N/log" | sed 's/^/log=/'; exit 0; }
no_room() {
  free=$(free_kib)
  refuse "its files cannot be written: \${free:-?} KiB are free in $D"
}
[ -d "$R" ] || { echo missing=; exit 0; }
mkdir -p "$N/run" "$N/tmp" "$N/releases" || exit 1
exec 9>>"$N/run/lock"; flock -w 20 9 || refuse 'somebody else has been starting this node for 20 s'
[ "$N/run/lock" -ef "/proc/self/fd/9" ] || refuse 'the node was removed meanwhile'
if alive "$N/run"; then echo "running=$pid $start $BOOT"; exit 0; fi
eval "$(cat)"
set -- "$N" "$R"
[ ! -e "$N/env" ] || rm -f "$N/.erlang.cookie" "$N/env" "$N/launch" "$N/sys.config" "$N/vm.args" "$N/release.config" "$N/run/process"
umask 277
printf %s "$cookie" >"$N/.erlang.cookie" && printf %s "$environment" >"$N/env" && printf %s "$launch" >"$N/launch" &&
  printf %s "$config" >"$N/sys.config" || no_room
umask 77
printf '%s\\n' ${quote(specification.digest)} >"$N/digest" && printf . >"$N/run/room" && rm "$N/run/room" || no_room
${beforeLaunch(order)}
[ -z "$E" ] || serves='${procAddress(listen)} ${procPort(specification.epmdPort)}'
printf '%s\\n' "\${serves:--}" >"$N/listen" || no_room
await_manager
[ -n "$manager" ] || [ ! -e "$N/run/unit" ] || { stop_unit "$N/run"; manager=; }
look
[ -z "$taken" ] || refuse "port ${port} on ${listen} is taken by $(holder "$taken")"
[ -z "$E" ] || ensure_epmd "$E" ${specification.epmdPort} ${quote(listen)}
${launchAndCheck(order.id, programPattern(order))}`;
}

/**
 * What the launch needs, with \`$E\` as the epmd to start, empty for none. A start command may leave children behind when it
 * dies; an emulator's are few, and are ended with it.
 */
function beforeLaunch(order: NodeOrder): string {
  const { epmd } = order.inspection;
  if (order.specification.commands !== undefined) return `E=${epmd === null ? '' : `$R/${quote(epmd)}`}\nsweep "$N"`;
  return `${emulatorFolder(order)}
[ -x "$B/erlexec" ] || refuse ${quote(noEmulator(order))}
E=$B/epmd
${filesOfRelease(order)}`;
}

/** Where the program that runs must lie: in the release; nobody knows what a start command becomes. */
function programPattern({ specification, inspection }: NodeOrder): string {
  if (specification.commands !== undefined) return '?*';
  return inspection.ertsIncluded ? '"$R"/*' : '"$B"/*';
}

/** Where the emulator's programs are: known for a release that brings them, asked of the host's own Erlang otherwise. */
function emulatorFolder({ inspection }: NodeOrder): string {
  if (inspection.ertsIncluded) return `B=$R/${quote(`erts-${inspection.erts ?? ''}`)}/bin`;
  return 'B=$(. "$N/env"; printf %s "$BINDIR")';
}

function noEmulator({ inspection }: NodeOrder): string {
  return inspection.ertsIncluded
    ? `the release's own erts-${inspection.erts ?? ''} has no erlexec`
    : `the release brings no emulator, and this host has no erts-${inspection.erts ?? ''}`;
}

/** Copies of the release's files for this node, made by awk: it must not write into the shared release. */
function filesOfRelease(order: NodeOrder): string {
  const { kind, vmArgs, sysConfig } = order.inspection;
  const copies: string[] = [];
  if (vmArgs !== null) copies.push(copyFile(vmArgs, 'vm.args', false));
  if (sysConfig !== null && kind !== 'mix' && needsOwnCopy(order))
    copies.push(copyFile(sysConfig, 'release.config', true));
  return copies.join('\n');
}

function copyFile(from: string, to: string, plain: boolean): string {
  const template = from.endsWith('.src') ? 1 : '';
  // A configuration of mix is copied as it is; one of relx is a template.
  if (plain && template === '') return `cat "$R"/${quote(from)} >"$N/${to}" || exit 1`;
  const flags = `-v out="$N/${to}" -v template=${template || '""'} -v plain=${plain ? 1 : '""'}`;
  return `( . "$N/env"; exec awk ${flags} ${quote(stripFileProgram)} "$R"/${quote(from)} ) || exit 1`;
}

/**
 * Launches as a unit, or in a session of its own, and looks whether what runs is the release's own emulator. The launched
 * shell of a session holds the lock until it has become that, and the pipe that its starter reads to the end; a unit takes
 * the lock for itself. \`inside\` is a pattern of paths.
 */
function launchAndCheck(id: string, inside: string): string {
  return `
echo "--- started by wombat" >>"$N/log"
launch_session() {
  : "$(setsid ${cleanEnvironment} sh "$N/launch" "$N" "$R" 8>&1 </dev/null >>"$N/log" 2>&1 &)"
  exec 9>&-
}
is_inside() {
  [ "/proc/$pid/exe" -ef "\${B:-/}/beam.smp" ] || case $(readlink "/proc/$pid/exe") in ${inside}) ;; *) return 1 ;; esac
}
launch_unit() {
  unit_name; service=$unit@${id}.service
  enable_unit "$service" "$N/run" || refuse 'its unit could not be written'
  exec 9>&-
  said=$(manage start "$service" 2>&1) || refuse "systemd did not start it: $said"
  tries=0
  until [ -s "$N/run/process" ] || { [ $((tries % 10)) = 9 ] && ! manage --quiet is-active "$service"; }; do
    tries=$((tries + 1)); [ $tries -lt 600 ] || refuse 'the unit did not name its process'
    sleep 0.05
  done
}
if [ -n "$manager" ]; then launch_unit; else launch_session; fi
tries=0
while alive "$N/run"; do
  if is_inside; then echo "started=$pid $start $BOOT"; exit 0; fi
  tries=$((tries + 1))
  if [ $tries -gt 60 ]; then
    exe=$(readlink "/proc/$pid/exe"); disable_unit "$N/run"; kill -KILL "$pid"
    refuse "it ran $exe instead of the release's own emulator, and was ended"
  fi
  sleep 0.05
done
refuse 'it ended at once'`.trim();
}

/** Reads the script's answer. Fault not-found when the release is not unpacked there. */
export function parseStarted(order: NodeOrder, stdout: string): Started {
  const answers = answersOf(stdout);
  const one = (key: string) => answers.find(([found]) => found === key)?.[1];
  const all = (key: string) => answers.filter(([found]) => found === key).map(([, value]) => value);
  const refused = one('refused');
  if (refused !== undefined) return { outcome: 'refused', why: refused, log: all('log') };
  const running = one('running');
  if (running !== undefined) return { outcome: 'was running', process: identityOf(running), stripped: [] };
  const started = one('started');
  if (started === undefined) throw notUnpacked(order);
  return {
    outcome: 'started',
    process: identityOf(started),
    stripped: [...all('stripped'), ...launchOf(order).stripped],
  };
}

function notUnpacked(order: NodeOrder): Fault {
  const { digest } = order.specification;
  return new Fault('not-found', `release ${digest} is not unpacked on the host of ${order.name}`, {
    object: order.name,
  });
}

function identityOf(text: string): ProcessIdentity {
  const [pid = '', startTime = '', bootId = ''] = text.split(' ');
  return { pid: Number(pid), startTime, bootId };
}
