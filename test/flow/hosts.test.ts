/** Several hosts over SSH: spread, proven as one mesh, one host lost and its nodes placed elsewhere, the host back and cleaned. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import type { ControlPlane } from '../kit/control-plane.ts';
import { apply, converged, destroyed, eventually } from '../kit/deployment.ts';
import { startSshCluster } from '../kit/ssh-cluster.ts';
import type { SshCluster } from '../kit/ssh-cluster.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: flows over SSH hosts: ${able.why} (${able.next})\n`);

describe.skipIf(!able.ok)('a cluster on SSH hosts', () => {
  let cluster: SshCluster;
  let plane: ControlPlane;
  let lab: SshLab;

  beforeAll(async () => {
    cluster = await startSshCluster({ network: 23, epmdPort: 24_387, firstPort: 25_300, lostAfterSeconds: 5 });
    ({ plane, lab } = cluster);
  });

  afterAll(() => cluster.stop());

  /** Erlang nodes that run on a host. */
  async function nodesOn(host: LabHost): Promise<string[]> {
    const commands = (await host.processes())
      .map((one) => one.command)
      .filter((command) => command.includes('/beam.smp'));
    return commands.map((command) => / -name (\S+)/.exec(command)?.[1] ?? '?').sort();
  }

  test('six nodes are spread over three hosts and proven', async () => {
    await apply(plane.client, await cluster.document(5));
    const status = await converged(plane.client);
    expect(status.proof).toMatchObject({ ok: true, nodesSeen: 6, edgesSeen: 15, extraEdges: 0 });
    for (const host of lab.hosts) expect(await nodesOn(host)).toHaveLength(2);
  });

  test('a host without power: its nodes run elsewhere, under new ordinals', async () => {
    const lost = lab.hosts[2] as LabHost;
    await lost.powerOff();
    const status = await eventually(90, 'six nodes on two hosts', async () => {
      const now = await plane.client.blueprints.status('ants');
      const elsewhere = now.nodes.filter((node) => node.placement.advertised !== lost.address);
      return now.state === 'converged' && elsewhere.length === 6 && now.nodes.length === 6 ? now : undefined;
    });
    expect(status.proof).toMatchObject({ ok: true, nodesSeen: 6, edgesSeen: 15 });
    expect(
      Math.max(...status.nodes.filter((node) => node.family === 'colony').map((node) => node.ordinal)),
    ).toBeGreaterThan(5);
  });

  test('the host comes back: nothing runs there that is not on record', async () => {
    const back = lab.hosts[2] as LabHost;
    await back.boot();
    await eventually(90, 'the directories of its former nodes to be gone', async () => {
      const owner = (await plane.client.health()).owner;
      const folder = back.pathOf(`/home/${lab.user}/.wombat/${owner}/nodes`);
      const { nodes } = await plane.client.blueprints.status('ants');
      const known = nodes.some((node) => node.placement.advertised === back.address);
      return known || !existsSync(folder) || (await nodesOn(back)).length === 0 ? true : undefined;
    });
    expect((await converged(plane.client)).proof?.ok).toBe(true);
  });

  test('rebalancing brings nodes back to it, one at a time, and never with fewer than there are to be', async () => {
    // the host is a place again once it answers the control plane, which looks now and then
    const plan = await eventually(60, 'the host to be a place again', async () => {
      const asked = await plane.client.blueprints.rebalance('ants', {});
      return asked.steps.length > 0 ? asked : undefined;
    });
    const moves = plan.steps.filter((step) => step.do === 'add node' && step.replaces !== null);
    expect(moves).toHaveLength(2);
    expect((await plane.client.blueprints.status('ants')).nodes).toHaveLength(6);
    await plane.client.plans.adopt(plan.id);
    let [fewest, most] = [6, 6];
    const status = await eventually(90, 'the moves to end', async () => {
      const now = await plane.client.blueprints.status('ants');
      const working = now.nodes.filter((node) => node.state.phase === 'running' && node.desired === 'running');
      fewest = Math.min(fewest, working.length);
      most = Math.max(most, now.nodes.filter((node) => node.desired === 'running').length);
      return now.state === 'converged' ? now : undefined;
    });
    expect([fewest, most]).toEqual([6, 7]);
    expect(status.proof).toMatchObject({ ok: true, nodesSeen: 6, edgesSeen: 15 });
    for (const host of lab.hosts) expect(await nodesOn(host)).toHaveLength(2);
    expect((await plane.client.blueprints.rebalance('ants', {})).steps).toEqual([]);
  });

  test('destroyed, nothing is left on any host', async () => {
    await destroyed(plane.client, 'ants', 120);
    for (const host of lab.hosts) {
      expect(await nodesOn(host)).toEqual([]);
      expect(existsSync(host.pathOf(`/home/${lab.user}/.wombat`)), host.name).toBe(false);
    }
  });
});
