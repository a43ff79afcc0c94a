/**
 * The start of nodes of one host, in one exchange. What makes it happen once (I2), under a kill of anybody at any moment:
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

/** The command that starts one node. */
export function startNode(layout: Layout, order: NodeOrder): Command {
  return commandFor(layout, [order], `start node ${order.name}`);
}

/**
 * The command that starts several, beside each other: neither waits for another, nor fails with it. What each of them has to
 * say is read by `answerOf`; one that says nothing is to be started alone, which tells why.
 */
export function startNodes(layout: Layout, orders: readonly NodeOrder[]): Command {
  return commandFor(layout, orders, `start ${orders.length} nodes, ${orders[0]?.name} the first`);
}

function commandFor(layout: Layout, orders: readonly NodeOrder[], what: string): Command {
  const bodies = [...new Set(orders.map(bodyOf))];
  const inputs = orders.map((order, at) => assignments(order, at));
  const starts = orders.map((order, at) => `node_${at}; start_${bodies.indexOf(bodyOf(order))}`);
  const run =
    orders.length === 1
      ? [`tag=; ${starts[0]}`]
      : [...starts.map((start, at) => `( tag='${at} '; ${start} ) &`), 'wait'];
  const input = Buffer.from([...inputs, ...run].join('\n'));
  return { script: script(layout, bodies), input, timeoutMs: 60_000, shared: true, what };
}

/** What of a command's answer is about the node at that place among several. */
export function answerOf(at: number, stdout: string): string {
  const tag = `${at} `;
  const lines = stdout.split('\n').filter((line) => line.startsWith(tag));
  return lines.map((line) => line.slice(tag.length)).join('\n');
}

/** What the script reads of one node: shell variables, some of which become the node's files. */
function assignments(order: NodeOrder, at: number): string {
  const { placement, specification } = order;
  const { environment, exec } = launchOf(order);
  const config = hasSystemConfig(order) ? systemConfig(specification.config.sysConfig ?? {}) : '';
  return [
    `node_${at}() {`,
    `N=$D/${nodeFolder(order.id)}; R=$D/${releaseFolder(specification.digest)}; node_id=${quote(order.id)}`,
    `node_listen=${quote(placement.listen)}; node_address=${procAddress(placement.listen)}`,
    `node_port=${placement.port}; node_socket=${procPort(placement.port)}`,
    `epmd_port=${specification.epmdPort}; epmd_socket=${procPort(specification.epmdPort)}`,
    `digest=${quote(specification.digest)}`,
    `cookie=${quote(order.cookie)}`,
    `environment=${quote(environment)}`,
    `launch=${quote(becomeNode(exec, specification.commands !== undefined))}`,
    `config=${quote(config)}`,
    '}',
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

/** Functions: what starting takes on a host, and \`start_0\`, \`start_1\`… by what is to be started. What comes by input calls them. */
function script(layout: Layout, bodies: readonly string[]): string {
  return `${enter(layout, 'echo missing=; exit 0')}
${freeFunction}
${socketsFunction}
${holderFunction}
${ensureEpmdFunctions}
${sweepFunction}
${enableUnitFunctions(layout)}
${disableUnitFunctions}
look() { sockets "$node_address" "$node_socket" "$epmd_socket"; }
say() { echo "$tag$1"; }
refuse() { say "refused=$1"; [ ! -f "$N/log" ] || tail -n ${logLines} "$N/log" | sed "s/^/\${tag}log=/"; exit 0; }
no_room() {
  free=$(free_kib)
  refuse "its files cannot be written: \${free:-?} KiB are free in $D"
}
${launchFunctions}
${bodies.map((body, at) => `start_${at}() {\n${body}\n}`).join('\n')}
eval "$(cat)"`;
}

/** What is done for one node, of which \`assignments\` tell. Its last act is to exit. */
function bodyOf(order: NodeOrder): string {
  return `[ -d "$R" ] || { say missing=; exit 0; }
mkdir -p "$N/run" "$N/tmp" "$N/releases" || exit 1
exec 9>>"$N/run/lock"; flock -w 20 9 || refuse 'somebody else has been starting this node for 20 s'
[ "$N/run/lock" -ef "/proc/self/fd/9" ] || refuse 'the node was removed meanwhile'
if alive "$N/run"; then say "running=$pid $start $BOOT"; exit 0; fi
set -- "$N" "$R"
[ ! -e "$N/env" ] || rm -f "$N/.erlang.cookie" "$N/env" "$N/launch" "$N/sys.config" "$N/vm.args" "$N/release.config" "$N/run/process"
umask 277
printf %s "$cookie" >"$N/.erlang.cookie" && printf %s "$environment" >"$N/env" && printf %s "$launch" >"$N/launch" &&
  printf %s "$config" >"$N/sys.config" || no_room
umask 77
printf '%s\\n' "$digest" >"$N/digest" && printf . >"$N/run/room" && rm "$N/run/room" || no_room
${beforeLaunch(order)}
[ -z "$E" ] || serves="$node_address $epmd_socket"
printf '%s\\n' "\${serves:--}" >"$N/listen" || no_room
await_manager
[ -n "$manager" ] || [ ! -e "$N/run/unit" ] || { stop_unit "$N/run"; manager=; }
look
[ -z "$taken" ] || refuse "port $node_port on $node_listen is taken by $(holder "$taken")"
[ -z "$E" ] || ensure_epmd "$E" "$epmd_port" "$node_listen"
is_inside() {
  [ "/proc/$pid/exe" -ef "\${B:-/}/beam.smp" ] || case $(readlink "/proc/$pid/exe") in ${programPattern(order)}) ;; *) return 1 ;; esac
}
launch_and_check`;
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
  // named by their places: the node's environment may have variables of any name
  const flags = `-v out="$1" -v tag="$3" -v template=${template || '""'} -v plain=${plain ? 1 : '""'}`;
  return `( set -- "$N/${to}" "$R"/${quote(from)} "$tag"; . "$N/env"; exec awk ${flags} ${quote(stripFileProgram)} "$2" ) || exit 1`;
}

/**
 * Launches as a unit, or in a session of its own, and looks whether what runs is the release's own emulator. The launched
 * shell of a session holds the lock until it has become that, and the pipe that its starter reads to the end; a unit takes
 * the lock for itself.
 */
const launchFunctions = `
launch_session() {
  : "$(setsid ${cleanEnvironment} sh "$N/launch" "$N" "$R" 8>&1 </dev/null >>"$N/log" 2>&1 &)"
  exec 9>&-
}
launch_unit() {
  unit_name; service=$unit@$node_id.service
  enable_unit "$service" "$N/run" || refuse 'its unit could not be written'
  exec 9>&-
  said=$(manage start "$service" 2>&1) || refuse "systemd did not start it: $said"
  tries=0
  until [ -s "$N/run/process" ] || { [ $((tries % 10)) = 9 ] && ! manage --quiet is-active "$service"; }; do
    tries=$((tries + 1)); [ $tries -lt 600 ] || refuse 'the unit did not name its process'
    sleep 0.05
  done
}
launch_and_check() {
  echo "--- started by wombat" >>"$N/log"
  if [ -n "$manager" ]; then launch_unit; else launch_session; fi
  tries=0
  while alive "$N/run"; do
    if is_inside; then say "started=$pid $start $BOOT"; exit 0; fi
    tries=$((tries + 1))
    if [ $tries -gt 60 ]; then
      exe=$(readlink "/proc/$pid/exe"); disable_unit "$N/run"; kill -KILL "$pid"
      refuse "it ran $exe instead of the release's own emulator, and was ended"
    fi
    sleep 0.05
  done
  refuse 'it ended at once'
}`.trim();

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
