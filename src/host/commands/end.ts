/** How things end on a host: a node's process, what it left, and at last our folder itself. */
import type { Command } from '../../base/shell.ts';
import { nodeFolder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { stopIdleEpmd } from './epmd.ts';
import { answersOf, enter } from './prelude.ts';
import { disableUnitFunctions, removeUnits } from './systemd.ts';

/**
 * `sweep HOME`: ends the programs that the emulator of that HOME had started and left. Each of them leads a session of its
 * own (erl_child_setup makes one per port), so what they share is the environment: a node's folder is the HOME of nobody
 * else. Done under the node's lock, so that nobody starts it anew meanwhile.
 */
export const sweepFunction = `
left() { grep -lzxF "HOME=$1" /proc/[0-9]*/environ 2>/dev/null; }
sweep() {
  tries=0
  while entries=$(left "$1"); [ -n "$entries" ] && [ $tries -lt 50 ]; do
    for entry in $entries; do entry=\${entry#/proc/}; kill -KILL "\${entry%/environ}" 2>/dev/null; done
    tries=$((tries + 1)); sleep 0.02
  done
}`.trim();

/** TERM, then KILL after the grace; a boot does not start it again. Prints \`gone=\` when nothing runs any more. */
export function endNode(layout: Layout, id: string, graceMs: number): Command {
  const tenths = Math.ceil(graceMs / 100);
  const script = `${enter(layout, 'echo gone=; exit 0')}
${sweepFunction}
${disableUnitFunctions}
N=$D/${nodeFolder(id)}
[ -d "$N/run" ] || { echo gone=; exit 0; }
disable_unit "$N/run"
exec 9>>"$N/run/lock"; flock -w 15 9 || exit 0
alive "$N/run" && kill "$pid" 2>/dev/null
tries=0
while alive "$N/run" && [ $tries -lt ${tenths} ]; do tries=$((tries + 1)); sleep 0.1; done
alive "$N/run" && kill -KILL "$pid" 2>/dev/null
tries=0
while alive "$N/run" && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
stop_unit "$N/run"
sweep "$N"
alive "$N/run" || echo gone=`;
  return { script, timeoutMs: graceMs + 30_000, shared: true, what: `end node ${id}` };
}

/** Whether \`endNode\` left nothing running. */
export function parseEnded(stdout: string): boolean {
  return answersOf(stdout).some(([key]) => key === 'gone');
}

/** Removes a node's folder; refuses, by \`running=PID\`, while its process runs or somebody is starting it. */
export function removeNode(layout: Layout, id: string): Command {
  const script = `${enter(layout, 'exit 0')}
${sweepFunction}
${disableUnitFunctions}
N=$D/${nodeFolder(id)}
[ -d "$N" ] || exit 0
mkdir -p "$N/run" && exec 9>>"$N/run/lock" || exit 1
flock -n 9 || { echo 'running=being started'; exit 0; }
if alive "$N/run"; then echo "running=$pid"; exit 0; fi
stop_unit "$N/run"
sweep "$N"
chmod -R u+w "$N" && rm -rf "$N"`;
  return { script, timeoutMs: 60_000, shared: true, what: `remove node ${id}` };
}

/** The process that keeps a node from being removed; null when it was. */
export function parseBusy(stdout: string): string | null {
  return answersOf(stdout).find(([key]) => key === 'running')?.[1] ?? null;
}

/**
 * Ends the epmd that is ours and serves nobody, and removes our folder when no node is left in it: releases that nobody
 * runs go with it. A directory that we made goes too, once it is empty.
 */
export function leaveHost(layout: Layout): Command {
  const script = `${enter(layout, 'exit 0')}
for folder in nodes/*/; do [ ! -d "$folder" ] || exit 0; done
${disableUnitFunctions}
${stopIdleEpmd}
alive "$D/epmd" && exit 0
stop_unit "$D/epmd"
${removeUnits(layout)}
cd / && chmod -R u+w "$D" && rm -rf "$D"
cd -P ${layout.parent} && [ -f .made-by-wombat ] || exit 0
for other in * .[!.]*; do [ "$other" = .made-by-wombat ] || [ ! -e "$other" ] || exit 0; done
rm -f .made-by-wombat; D=$PWD; cd / && rmdir "$D"`;
  return { script, timeoutMs: 60_000, what: 'leave the host' };
}
