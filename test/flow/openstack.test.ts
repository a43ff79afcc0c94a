/**
 * Clusters on a real OpenStack, whose servers are real guests: alone, and together with SSH hosts and this machine.
 * Whether anything is left is asked of OpenStack itself, by its own client.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStackLab } from '../../lab/openstack.ts';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { secretName } from '../../src/model/secret.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';

const run = promisify(execFile);
const able = await openStackLab();
const hosts = await canRunSshHosts();
if (!able.ok) process.stdout.write(`skipped: flows on OpenStack: ${able.why}\n`);
if (!hosts.ok) process.stdout.write(`skipped: flows on OpenStack and SSH hosts: ${hosts.why}\n`);

const credentials = 'secret://file/openstack.json';
const labKey = 'secret://file/lab.key';
/** this machine's address on the guests' network */
const here = '10.77.0.1';
const minutes = 60_000;

/** What OpenStack's own client says that the lab's tenant has, by kind. */
async function left(): Promise<string[]> {
  if (!able.ok) return [];
  const said = await able.lab.client(
    'server list --all-projects -f value -c ID',
    'port list -f value -c ID',
    'keypair list --user lab -f value -c Name',
    'security group list -f value -c Name',
  );
  const lines = said.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && line !== 'default').sort();
}

/** The servers that there are, by OpenStack's own client. */
async function servers(): Promise<string[]> {
  const said = able.ok ? await able.lab.client('server list --all-projects -f value -c ID') : '';
  return said.split('\n').filter((line) => /^[0-9a-f-]{36}$/.test(line));
}

/** Deletes one of the servers without asking us, and waits until others stand for it and all nodes are proven on them. */
async function loseOne({ client }: ControlPlane, nodes: number): Promise<void> {
  const [lost = ''] = await servers();
  if (able.ok) await able.lab.client(`server delete ${lost}`);
  const look = async () => {
    const { state, proof, machines } = await client.blueprints.status('ants');
    const made = machines.filter(({ provider }) => provider === 'stack').map(({ providerId }) => providerId);
    if (state !== 'converged' || made.includes(lost) || proof?.nodesSeen !== nodes) return undefined;
    expect(made.toSorted()).toEqual((await servers()).toSorted());
    return proof;
  };
  const proof = await eventually(600, 'the cluster to be whole without the server that was deleted', look);
  expect(proof).toMatchObject({ ok: true, edgesSeen: (nodes * (nodes - 1)) / 2, extraEdges: 0 });
}

function stackOf(zones: readonly string[]): Pick<BlueprintDocument, 'providers' | 'domains'> {
  if (!able.ok) return {};
  const { endpoint, region, image } = able.lab;
  const stack = { kind: 'openstack' as const, endpoint, region, credentials, allowPrivate: true };
  const domain = { provider: 'stack', image, machineTypes: ['m1.tiny'], ports: '25400-25499' };
  const domains = Object.fromEntries(zones.map((zone) => [zone, { ...domain, zone }]));
  return { providers: { stack }, domains };
}

/** The document with its colony of another size. */
function sized(document: BlueprintDocument, family: string, nodes: number): BlueprintDocument {
  const { [family]: definition, ...others } = document.families;
  if (definition === undefined) throw new Error(`there is no family ${family}`);
  return { ...document, families: { ...others, [family]: { ...definition, nodes } } };
}

describe.skipIf(!able.ok)('a cluster on OpenStack', { timeout: 15 * minutes }, () => {
  const plane = new ControlPlane();
  let before: string[] = [];
  let document: BlueprintDocument;

  beforeAll(async () => {
    before = await left();
    await plane.start();
    if (able.ok) await plane.client.secrets.put(secretName('ants', credentials), able.lab.credentials);
    const digest = await uploadAnts(plane.client);
    // each node of the colony on a guest of its own
    const family = { place: { most: { host: 1 } } };
    const ants = antsDocument({ digest, epmdPort: 24388, firstPort: 25400, colony: 3, family });
    document = { ...ants, ...stackOf(['az1', 'az2']) };
  }, 5 * minutes);

  afterAll(async () => {
    await plane.stop();
    plane.remove();
  });

  test('guests are made, and their nodes proven one mesh', async () => {
    await apply(plane.client, document);
    const status = await converged(plane.client, 'ants', 600);
    expect(status.proof).toMatchObject({ ok: true, nodesSeen: 4, edgesSeen: 6, extraEdges: 0 });
    const machines = new Set(status.nodes.map((node) => node.placement.machine));
    expect(machines.size).toBeGreaterThanOrEqual(3);
    expect(await servers()).toHaveLength(machines.size);
  });

  test('a guest deleted behind our back is replaced', async () => {
    await loseOne(plane, 4);
  });

  test('it is scaled', async () => {
    await apply(plane.client, sized(document, 'colony', 5));
    const status = await converged(plane.client, 'ants', 600);
    expect(status.proof).toMatchObject({ ok: true, nodesSeen: 6, edgesSeen: 15 });
  });

  test('destroyed, OpenStack has nothing of it', async () => {
    await destroyed(plane.client, 'ants', 300);
    await eventually(
      180,
      'OpenStack to have nothing left',
      async () => ((await left()).join() === before.join() ? true : undefined),
      left,
    );
  });
});

describe.skipIf(!able.ok || !hosts.ok)(
  'a cluster on OpenStack, SSH hosts and this machine',
  { timeout: 15 * minutes },
  () => {
    const plane = new ControlPlane();
    let lab: SshLab;
    let before: string[] = [];
    let forwards = '0';

    beforeAll(async () => {
      before = await left();
      // guests and hosts are on two networks, and this machine is the router between them
      forwards = (await run('sysctl', ['-n', 'net.ipv4.ip_forward'])).stdout.trim();
      await run('sysctl', ['-w', 'net.ipv4.ip_forward=1']);
      await plane.start();
      lab = await startSshHosts({ count: 2, directory: join(plane.directory, 'lab'), network: 24 });
      if (able.ok) await plane.client.secrets.put(secretName('ants', credentials), able.lab.credentials);
      await plane.client.secrets.put(secretName('ants', labKey), lab.privateKey);
    }, 5 * minutes);

    afterAll(async () => {
      await plane.stop();
      await lab.stop();
      await run('sysctl', ['-w', `net.ipv4.ip_forward=${forwards}`]);
      plane.remove();
    });

    async function document(): Promise<BlueprintDocument> {
      const digest = await uploadAnts(plane.client);
      const ants = antsDocument({ digest, epmdPort: 24388, firstPort: 25400, colony: 2 });
      const { master, colony } = ants.families;
      if (master === undefined || colony === undefined) throw new Error('the ants have lost a family');
      const stack = stackOf(['az1']);
      const ssh = {
        kind: 'ssh' as const,
        key: labKey,
        hosts: lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user })),
      };
      const ports = '25400-25499';
      return {
        ...ants,
        providers: { ...stack.providers, desk: { kind: 'local', address: here }, rack: ssh },
        domains: { ...stack.domains, desk: { provider: 'desk', ports }, rack: { provider: 'rack', ports } },
        families: {
          master: { ...master, demands: ['provider = desk'] },
          colony: { ...colony, demands: ['provider = stack'] },
          scouts: { ...colony, demands: ['provider = rack'] },
        },
      };
    }

    test('three providers, one mesh', async () => {
      await apply(plane.client, await document());
      const status = await converged(plane.client, 'ants', 600);
      expect(status.proof).toMatchObject({ ok: true, nodesSeen: 5, edgesSeen: 10, extraEdges: 0 });
    });

    test('a guest deleted behind our back is replaced, and the mesh is whole', async () => {
      await loseOne(plane, 5);
    });

    test('it is scaled where it is on OpenStack', async () => {
      await apply(plane.client, sized(await document(), 'colony', 3));
      const status = await converged(plane.client, 'ants', 600);
      expect(status.proof).toMatchObject({ ok: true, nodesSeen: 6, edgesSeen: 15 });
    });

    test('destroyed, nothing is left of it', async () => {
      await destroyed(plane.client, 'ants', 300);
      await eventually(
        180,
        'OpenStack to have nothing left',
        async () => ((await left()).join() === before.join() ? true : undefined),
        left,
      );
    });
  },
);
