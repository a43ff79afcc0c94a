/**
 * Fifty real nodes through the whole way on this machine, beside a shell loop that starts the same release with the same
 * flags and as many at a time, and makes one connect per node. Both in one run, alternating: the machine is shared and
 * noisy, and only the ratio says something.
 */
import { readFileSync } from 'node:fs';
import type { Client } from '../src/client/client.ts';
import { antsDocument, apply, destroyed, uploadAnts } from '../test/kit/deployment.ts';
import { ControlPlane } from '../test/kit/control-plane.ts';
import type { Benchmark } from './benchmark.ts';
import { shellLoop } from './shell-loop.ts';

const nodes = 50;
const rounds = 3;

/** CPU time of a process so far, user and system, milliseconds (fields 14 and 15 of /proc/PID/stat, in clock ticks of 10 ms). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

interface Round {
  readonly seconds: number;
  readonly cpuMs: number;
}

/** Applies the blueprint and waits for the proof; its nodes are destroyed outside of what is measured. */
async function ours(plane: ControlPlane, digest: string): Promise<Round> {
  const family = { bootstrap: { within: { select: 'random', action: 'distributed_erlang' } } } as const;
  const document = antsDocument({ digest, epmdPort: 24383, firstPort: 24700, colony: nodes, family });
  const colony = document.families['colony'];
  if (colony === undefined) throw new Error('the document has no colony');
  const { last: after } = await plane.client.events.list().page({ limit: 1 });
  const before = cpuMs(plane.pid);
  const started = performance.now();
  await apply(plane.client, { ...document, families: { colony } });
  await proved(plane.client, after, 300);
  const round = { seconds: (performance.now() - started) / 1_000, cpuMs: cpuMs(plane.pid) - before };
  await destroyed(plane.client, 'ants', 300);
  return round;
}

/** Waits as the command line does: told by events, sure by the status. */
async function proved(client: Client, after: number, seconds: number): Promise<void> {
  const signal = AbortSignal.timeout(seconds * 1_000);
  for await (const event of client.events.follow({ after, blueprint: 'ants' }, signal)) {
    if (event.what === 'proved' && (await client.blueprints.status('ants')).state === 'converged') return;
  }
  throw new Error(`not proved within ${seconds} s`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Fields: nodes, ours_s, loop_s, ratio (median of the pairs), control_plane_cpu_ms_per_node. */
export const deploy: Benchmark = {
  what: `${nodes} real nodes of the ants release on this machine, beside a shell loop`,
  async run(say) {
    const plane = await new ControlPlane().start();
    try {
      const digest = await uploadAnts(plane.client);
      const pairs: { readonly ours: Round; readonly loop: number }[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const loop = await shellLoop(nodes);
        const one = await ours(plane, digest);
        pairs.push({ ours: one, loop });
        say(
          `round ${round}: ours ${one.seconds.toFixed(1)} s, loop ${loop.toFixed(1)} s, control plane ${(one.cpuMs / nodes).toFixed(1)} ms CPU per node`,
        );
      }
      return {
        nodes,
        ours_s: round3(median(pairs.map((pair) => pair.ours.seconds))),
        loop_s: round3(median(pairs.map((pair) => pair.loop))),
        ratio: round3(median(pairs.map((pair) => pair.ours.seconds / pair.loop))),
        control_plane_cpu_ms_per_node: round3(median(pairs.map((pair) => pair.ours.cpuMs / nodes))),
      };
    } finally {
      await plane.stop();
      plane.remove();
    }
  },
};

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
