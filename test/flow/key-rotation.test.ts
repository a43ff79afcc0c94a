/** The SSH key of hosts is replaced while nodes run there, one host being out of reach at first. */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../../src/base/clock.ts';
import { faultCodeOf } from '../../src/base/fault.ts';
import { openSshShell } from '../../src/base/ssh.ts';
import { makeSshKeyPair } from '../../src/base/ssh/key-pair.ts';
import { incarnationOf } from '../../src/model/node.ts';
import type { Node } from '../../src/model/node.ts';
import { secretName } from '../../src/model/secret.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: the SSH key of hosts: ${able.why} (${able.next})\n`);

const reference = 'secret://file/lab.key';
const stranger = 'restrict,command="/bin/true" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIStranger somebody';

describe.skipIf(!able.ok)('the key of SSH hosts', () => {
  const plane = new ControlPlane();
  const fresh = makeSshKeyPair('fresh');
  let lab: SshLab;
  let nodes: readonly Node[];

  beforeAll(async () => {
    await plane.start();
    lab = await startSshHosts({ count: 2, directory: `${plane.directory}/lab`, network: 33 });
    for (const host of lab.hosts) appendFileSync(host.pathOf(authorizedKeys()), `# mine\n${stranger}\n`);
    await plane.client.secrets.put(secretName('ants', reference), lab.privateKey);
    const digest = await uploadAnts(plane.client);
    const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user }));
    const providers = { lab: { kind: 'ssh' as const, key: reference, hosts } };
    await apply(plane.client, antsDocument({ digest, epmdPort: 24391, firstPort: 26500, colony: 2, providers }));
    nodes = (await converged(plane.client)).nodes;
  });

  afterAll(async () => {
    await destroyed(plane.client);
    await plane.stop();
    await lab.stop();
    plane.remove();
  });

  const authorizedKeys = () => `/home/${lab.user}/.ssh/authorized_keys`;
  const linesOn = (host: LabHost) => readFileSync(host.pathOf(authorizedKeys()), 'utf8').trimEnd().split('\n');

  async function opens(host: LabHost, privateKey: string): Promise<boolean> {
    const { address, hostKey } = host;
    const shell = openSshShell({ address, port: 22, user: lab.user, hostKey, privateKey, clock: systemClock });
    try {
      return (await shell.run({ script: 'true', timeoutMs: 5_000, what: 'look' })).code === 0;
    } catch (error) {
      if (faultCodeOf(error) === 'denied') return false;
      throw error;
    } finally {
      await shell.close();
    }
  }

  test('a host that is out of reach keeps the old one, the others do not wait for it', async () => {
    const [near, far] = lab.hosts as [LabHost, LabHost];
    await far.cut();
    await plane.client.providers.rotateKey('lab', fresh.privateKey);
    await eventually(30, 'the near host to be done', async () => {
      const [rotation] = await plane.client.secrets.rotations().all();
      return rotation?.what === 'ssh key' && rotation.done.length === 1 && rotation.words !== '' ? true : undefined;
    });
    expect([await opens(near, fresh.privateKey), await opens(near, lab.privateKey)]).toEqual([true, false]);
    await plane.kill();
    await far.mend();
    expect(await opens(far, lab.privateKey)).toBe(true);
    await plane.start();
  });

  test('it is done once all are, nodes run on, and lines of others are as they were', async () => {
    await eventually(40, 'the end', async () =>
      (await plane.client.secrets.rotations().all()).length === 0 ? true : undefined,
    );
    for (const host of lab.hosts) {
      expect([await opens(host, fresh.privateKey), await opens(host, lab.privateKey)]).toEqual([true, false]);
      const blob = fresh.publicKey.split(' ').slice(0, 2).join(' ');
      expect(linesOn(host)).toEqual(['# mine', stranger, expect.stringContaining(blob)]);
    }
    const status = await converged(plane.client);
    expect(status.nodes.map(incarnationOf).sort()).toEqual(nodes.map(incarnationOf).sort());
    const told = (await plane.client.events.list({ after: 0 }).all()).filter(({ what }) => what === 'key rotated');
    expect(told.map(({ words }) => words)).toEqual([
      'SSH key of lab: 2 hosts let the new one in, and refuse the old one',
    ]);
  });

  test('the old one is not taken back by mistake, and what is no key is refused', async () => {
    const put = plane.client.secrets.put(secretName('ants', reference), lab.privateKey);
    await expect(put).rejects.toMatchObject({ problem: { kind: 'conflict' } });
    await plane.client.secrets.put(secretName('ants', reference), fresh.privateKey);
    const none = plane.client.providers.rotateKey('lab', 'no key');
    await expect(none).rejects.toMatchObject({ problem: { kind: 'invalid' } });
    const same = plane.client.providers.rotateKey('lab', fresh.privateKey);
    await expect(same).rejects.toMatchObject({ problem: { kind: 'invalid' } });
  });
});
