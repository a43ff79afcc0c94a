/**
 * Ten thousand Erlang nodes on two hundred hosts at five providers: deployed, polled, restarted a few at a time, destroyed.
 * The control plane is the real one, as a process; providers, hosts and nodes are simulated in another process (tenk/), where
 * nothing that the control plane asks for is left undone: scripts are run, files are written, nodes speak by the protocol.
 *
 * Hosts listen on port 22 of loopback addresses: it has to be run as root, where no SSH server has all addresses; or in a
 * network of its own: `unshare -rn sh -c 'ip link set lo up; npm run bench -- tenk'`. TENK_NODES sets another number of nodes.
 *
 * Beside it stands what the ancestor has published: 10,000 nodes deployed and monitored in four minutes on the hosts of a
 * large cluster (talks of F. Cesarini, 2015, and V. Fördős, SF Bay 2015).
 */
import type { Benchmark } from './benchmark.ts';
import { Run } from './tenk/run.ts';
import type { Spent } from './tenk/run.ts';

const ancestorSeconds = 240;
const nodes = Number(process.env['TENK_NODES'] ?? 10_000);
const restSeconds = Number(process.env['TENK_REST'] ?? 40);
const settleSeconds = Number(process.env['TENK_REST'] ?? 15);

/** Fields: see docs/reference/benchmarks.md. CPU in seconds, memory of the control plane's process. */
export const tenk: Benchmark = {
  what: `${nodes} simulated nodes through the whole way`,
  async run(say) {
    const seconds1k = await thousand(say);
    const run = await Run.open(nodes, say);
    try {
      const emptyMiB = run.residentMiB;
      const deployed = await run.deploy();
      const { standstillMs } = run;
      await run.atRest(settleSeconds);
      const pollCoreShare = await run.atRest(restSeconds);
      const residentMiB = run.residentMiB;
      const [statusMs, listMs] = [await run.statusMs(), await run.listMs()];
      say(
        `at rest ${pollCoreShare.toFixed(3)} of a core, ${residentMiB.toFixed(0)} MiB; status ${statusMs.toFixed(0)} ms, list ${listMs.toFixed(0)} ms`,
      );
      const rolled = await finished(() => run.roll(), say);
      const destroyed = await finished(() => run.destroy(), say);
      return {
        nodes,
        seconds: rounded(deployed.seconds),
        control_plane_cpu_s: rounded(deployed.cpu),
        fakes_cpu_s: rounded(deployed.fakesCpu),
        seconds_1k: rounded(seconds1k),
        linearity: rounded(deployed.seconds / ((nodes / 1_000) * seconds1k)),
        rss_mb: Math.round(residentMiB),
        poll_core_share: rounded(pollCoreShare),
        rss_kb_per_node: rounded(((residentMiB - emptyMiB) * 1024) / nodes),
        status_ms: Math.round(statusMs),
        list_ms: Math.round(listMs),
        standstill_ms_max: Math.round(standstillMs),
        ...figures('roll', rolled),
        ...figures('destroy', destroyed),
        ancestor_seconds: ancestorSeconds,
        ratio_to_ancestor: rounded(deployed.seconds / ancestorSeconds),
      };
    } finally {
      await run.close();
    }
  },
};

/** How long a thousand take, in a world of their own. */
async function thousand(say: (line: string) => void): Promise<number> {
  const run = await Run.open(Math.min(1_000, nodes), say);
  try {
    return (await run.deploy()).seconds;
  } finally {
    await run.close();
  }
}

/** What is measured up to here is told also where what follows fails; null then. */
async function finished(act: () => Promise<Spent>, say: (line: string) => void): Promise<Spent | null> {
  try {
    return await act();
  } catch (error) {
    say(`not finished: ${String(error)}`);
    return null;
  }
}

function figures(what: string, spent: Spent | null): Record<string, number> {
  if (spent === null) return { [`${what}_finished`]: 0 };
  return {
    [`${what}_finished`]: 1,
    [`${what}_seconds`]: rounded(spent.seconds),
    [`${what}_cpu_s`]: rounded(spent.cpu),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
