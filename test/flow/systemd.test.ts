/** Hosts that systemd runs: a host that boots anew has its nodes back, each once, with and without a control plane. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSystemdHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import { secretName } from '../../src/model/secret.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, nodeOf, uploadAnts } from '../kit/deployment.ts';

const able = await canRunSystemdHosts();
if (!able.ok) process.stderr.write(`skipped: flows over hosts with systemd: ${able.why} (${able.next})\n`);

const reference = 'secret://file/lab.key';

describe.skipIf(!able.ok)('a cluster on hosts that systemd runs', () => {
  const plane = new ControlPlane();
  let lab: SshLab;

  beforeAll(async () => {
    await plane.start();
    const directory = join(plane.directory, 'lab');
    lab = await startSshHosts({ count: 2, directory, network: 26, init: 'systemd, lingering' });
    await plane.client.secrets.put(secretName('ants', reference), lab.privateKey);
  }, 60_000);

  afterAll(async () => {
    await plane.stop();
    await lab.stop();
    plane.remove();
  });

  /** Names of the Erlang nodes that run on a host, each as often as it runs. */
  async function nodesOn(host: LabHost): Promise<string[]> {
    const emulators = (await host.processes()).filter(({ command }) => command.includes('/beam.smp'));
    return emulators.map(({ command }) => / -name (\S+)/.exec(command)?.[1] ?? '?').sort();
  }

  async function expectedOn(host: LabHost): Promise<string[]> {
    const { nodes } = await plane.client.blueprints.status('ants');
    const here = nodes.filter((node) => node.placement.advertised === host.address && node.desired === 'running');
    return here.map((node) => node.name).sort();
  }

  async function reboot(host: LabHost): Promise<void> {
    await host.powerOff();
    await host.boot();
  }

  /** Waits until the proof is one about other processes than before. */
  async function provedAnew(before: string | undefined): Promise<void> {
    await eventually(90, 'another proof', async () => {
      const { state, proof } = await plane.client.blueprints.status('ants');
      return state === 'converged' && proof?.subject !== before && proof?.ok === true ? true : undefined;
    });
  }

  test('four nodes on two hosts are proven, and are units', async () => {
    const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user }));
    const providers = { lab: { kind: 'ssh' as const, key: reference, hosts } };
    const digest = await uploadAnts(plane.client);
    const ants = antsDocument({ digest, epmdPort: 24387, firstPort: 25300, colony: 3, providers });
    await apply(plane.client, { ...ants, domains: { lab: { provider: 'lab', ports: '25300-25399' } } });
    expect((await converged(plane.client)).proof).toMatchObject({ ok: true, nodesSeen: 4, edgesSeen: 6 });
    for (const host of lab.hosts) {
      const wants = host.pathOf(`/home/${lab.user}/.config/systemd/user/default.target.wants`);
      expect(readdirSync(wants).filter((name) => name.includes('@'))).toHaveLength(2);
    }
  });

  test('a host boots anew: its nodes are back, each once, joined and proven', async () => {
    const [host] = lab.hosts as [LabHost];
    const before = (await plane.client.blueprints.status('ants')).proof?.subject;
    await reboot(host);
    await provedAnew(before);
    expect(await nodesOn(host)).toEqual(await expectedOn(host));
    const events = await plane.client.events.list({ blueprint: 'ants', after: 0 }).all();
    expect(events.filter((event) => event.what === 'host booted').length).toBeGreaterThan(0);
    expect(events.filter((event) => event.what === 'died')).toEqual([]);
  });

  test('without a control plane a host starts what ran, and not what was stopped', async () => {
    const [, host] = lab.hosts as [LabHost, LabHost];
    const { nodes } = await plane.client.blueprints.status('ants');
    const stopped = nodeOf(
      nodes.filter((node) => node.placement.advertised === host.address),
      'colony',
    );
    await plane.client.nodes.act(stopped.id, 'stop');
    await eventually(60, 'the node to be stopped', async () =>
      (await plane.client.nodes.show(stopped.id)).state.phase === 'stopped' ? true : undefined,
    );
    const wanted = await expectedOn(host);
    expect(wanted).toHaveLength(1);
    await plane.kill();
    await reboot(host);
    await eventually(30, 'the host to start its node', async () =>
      (await nodesOn(host)).length === 1 ? true : undefined,
    );
    expect(await nodesOn(host)).toEqual(wanted);
    await plane.start();
    await provedAnew(undefined);
    expect(await nodesOn(host)).toEqual(wanted);
    await plane.client.nodes.act(stopped.id, 'start');
    await eventually(60, 'the node to run', async () =>
      (await plane.client.nodes.show(stopped.id)).state.phase === 'running' ? true : undefined,
    );
    await converged(plane.client);
    expect(await nodesOn(host)).toEqual(await expectedOn(host));
  });

  test('destroyed, nothing is left on any host, for the next boot neither', async () => {
    await destroyed(plane.client, 'ants', 120);
    for (const host of lab.hosts) {
      expect(await nodesOn(host)).toEqual([]);
      for (const path of ['.wombat', '.config'])
        expect(existsSync(host.pathOf(`/home/${lab.user}/${path}`))).toBe(false);
    }
  });
});
