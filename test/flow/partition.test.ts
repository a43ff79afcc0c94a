/**
 * The control plane is cut off from all hosts at once, while the hosts see each other and their nodes run on: it stops
 * repairing and says so, and when it is back nothing was rebuilt.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { Node } from '../../src/model/node.ts';
import { wombat } from '../kit/command-line.ts';
import type { ControlPlane } from '../kit/control-plane.ts';
import { apply, converged, destroyed, eventually, pidOf } from '../kit/deployment.ts';
import { unfolded } from '../kit/raw-api.ts';
import { startSshCluster } from '../kit/ssh-cluster.ts';
import type { SshCluster } from '../kit/ssh-cluster.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: a partition of the control plane: ${able.why} (${able.next})\n`);

const network = 41;
/** shorter than a person would set it: the brake has to see at once that it is all of them */
const lostAfterSeconds = 10;

/** Nothing from the hosts reaches us any more; what they say to each other passes over their bridge. */
function cutOff(): void {
  const rules = `table inet cut { chain input { type filter hook input priority 0; ip saddr 10.78.${network}.0/24 drop\n }\n }\n`;
  execFileSync('nft', ['-f', '-'], { input: rules });
}

function rejoin(): void {
  execFileSync('nft', ['delete', 'table', 'inet', 'cut']);
}

describe.skipIf(!able.ok)('a control plane that is cut off from its hosts', () => {
  let cluster: SshCluster;
  let plane: ControlPlane;
  let lab: SshLab;
  let before: readonly Node[];

  beforeAll(async () => {
    cluster = await startSshCluster({ network, epmdPort: 24_441, firstPort: 28_300, lostAfterSeconds });
    ({ plane, lab } = cluster);
  });

  afterAll(() => cluster.stop());

  /** Pids of the Erlang nodes on all hosts, as the hosts have them. */
  async function emulators(): Promise<number[]> {
    const found = await Promise.all(lab.hosts.map((host) => host.processes()));
    return found
      .flat()
      .flatMap(({ pid, command }) => (command.includes('/beam.smp') ? [pid] : []))
      .sort((one, other) => one - other);
  }

  const identities = (nodes: readonly Node[]) => nodes.map((node) => [node.id, node.name, pidOf(node)]).sort();

  test('stops repairing, says so first, and leaves every node alone', async () => {
    await apply(plane.client, await cluster.document(5));
    ({ nodes: before } = await converged(plane.client));
    const running = await emulators();
    expect(running).toHaveLength(6);
    cutOff();
    const alarm = await eventually(180, 'the brake', async () => (await plane.client.alarms.list().all())[0]);
    expect(alarm).toMatchObject({ brake: 'repair', about: 'provider', name: 'lab', releasedBy: null });
    await eventually(120, 'all three to be out of reach', async () => {
      const { machines } = await plane.client.blueprints.status('ants');
      return machines.every(({ state }) => state.phase === 'unreachable') ? true : undefined;
    });
    // for several times as long as would have them given up
    await new Promise((resolve) => setTimeout(resolve, 3 * lostAfterSeconds * 1_000));
    const { machines, nodes } = await plane.client.blueprints.status('ants');
    expect(machines.map(({ state }) => state.phase)).toEqual(['unreachable', 'unreachable', 'unreachable']);
    expect(identities(nodes)).toEqual(identities(before));
    expect(await emulators()).toEqual(running);
    const { stdout } = await wombat(plane.directory, ['status']);
    expect(stdout.split('\n')[0]).toContain('repair of provider lab is stopped');
    expect(unfolded(stdout)).toContain('3 of 3 machines with nodes are out of reach at once, 6 nodes on them');
    expect((await wombat(plane.directory, ['repair', '-o', 'name'])).stdout).toBe('lab\n');
  });

  test('is back: the brake goes by itself, and nothing was rebuilt', async () => {
    const running = await emulators();
    rejoin();
    await eventually(120, 'the brake to go', async () =>
      (await plane.client.alarms.list().all()).length === 0 ? true : undefined,
    );
    const { nodes, proof } = await converged(plane.client);
    expect(proof).toMatchObject({ ok: true, nodesSeen: 6, edgesSeen: 15, extraEdges: 0 });
    expect(identities(nodes)).toEqual(identities(before));
    expect(await emulators()).toEqual(running);
    const told = new Set((await plane.client.events.list({}).all()).map(({ what }) => what));
    expect(told).toContain('repair stopped');
    expect(told).toContain('repair goes on');
    for (const what of ['lost', 'died', 'failed', 'abandoned', 'stray removed']) expect(told).not.toContain(what);
  });

  test('and everything goes', async () => {
    await destroyed(plane.client, 'ants', 120);
    expect(await emulators()).toEqual([]);
  });
});
