/** What a host holds of ours, in one exchange; logs that have grown over their limit are rotated on the way. */
import { activityScript, clockScript, parseActivity } from '../../base/machine-facts.ts';
import type { Command } from '../../base/shell.ts';
import type { HostedNode, HostState } from '../host.ts';
import { digestOf } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { describeEpmd } from './epmd.ts';
import { rotateLogs } from './log.ts';
import { answersOf, enter } from './prelude.ts';
import { socketsFunction } from './sockets.ts';
import { findManagerFunction } from './systemd.ts';

/** The command that looks at the whole host; it leaves a host that holds nothing of ours as it is. */
export function hostState(layout: Layout): Command {
  const script = `${enter(layout, 'echo "boot=$BOOT"; exit 0')}
${socketsFunction}
echo "boot=$BOOT"
${activityScript}
${clockScript}
for folder in nodes/*/; do
  [ -d "$folder" ] || continue
  id=\${folder#nodes/}
  if alive "\${folder}run"; then echo "node=\${id%/} $pid $start"; else echo "node=\${id%/}"; fi
done
for folder in releases/*/; do [ -d "$folder" ] && folder=\${folder#releases/} && echo "release=\${folder%/}"; done
${rotateLogs}
${describeEpmd}
${findManagerFunction}
find_manager; [ -z "$why" ] || echo "unsupervised=$why"`;
  return { script, timeoutMs: 30_000, shared: true, what: 'look at the host' };
}

/** Reads what that command wrote. */
export function parseHostState(stdout: string): HostState {
  const answers = answersOf(stdout);
  const all = (key: string) => answers.filter(([found]) => found === key).map(([, value]) => value);
  const bootId = all('boot')[0] ?? '';
  const [, running, ours, exposed] = (all('epmd')[0] ?? '').split(' ');
  return {
    bootId,
    activity: parseActivity((key) => all(key)[0]),
    clockSeconds: secondsOf(all('clock')[0]),
    nodes: all('node').map((line) => hostedNode(line, bootId)),
    releases: all('release').map(digestOf),
    epmd: { running: running === '1', ours: ours === '1', exposed: exposed === '1' },
    unsupervised: all('unsupervised')[0] ?? null,
  };
}

function secondsOf(text: string | undefined): number | null {
  const seconds = Number(text);
  return text === undefined || !Number.isFinite(seconds) ? null : seconds;
}

function hostedNode(line: string, bootId: string): HostedNode {
  const [id = '', pid, startTime = ''] = line.split(' ');
  return { id, process: pid === undefined ? null : { pid: Number(pid), startTime, bootId } };
}
