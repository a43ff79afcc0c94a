/**
 * The login key of machines that a cloud made is replaced while nodes run there: guests with a real sshd behind a small
 * OpenStack, one of them out of reach, and the control plane killed in the middle.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../../src/base/clock.ts';
import { faultCodeOf } from '../../src/base/fault.ts';
import { openSshShell } from '../../src/base/ssh.ts';
import { makeSshKeyPair } from '../../src/base/ssh/key-pair.ts';
import type { SshKeyPair } from '../../src/base/ssh/key-pair.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Machine } from '../../src/model/machine.ts';
import { incarnationOf } from '../../src/model/node.ts';
import type { Node } from '../../src/model/node.ts';
import { secretName } from '../../src/model/secret.ts';
import { image } from '../clouds/openstack-server.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';
import { openGuestCloud } from '../kit/guests.ts';
import type { GuestCloud } from '../kit/guests.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: the login key of made machines: ${able.why} (${able.next})\n`);

const credentials = 'secret://file/openstack.json';
const accounts = ['/root', '/home/wombat'];

describe.skipIf(!able.ok)('the login key of machines that a cloud made', { timeout: 180_000 }, () => {
  const plane = new ControlPlane();
  const ours = makeSshKeyPair('ours');
  let cloud: GuestCloud;
  let document: BlueprintDocument;
  let nodes: readonly Node[];

  beforeAll(async () => {
    await plane.start();
    cloud = await openGuestCloud(`${plane.directory}/lab`, 34);
    await plane.client.secrets.put(secretName('ants', credentials), JSON.stringify(cloud.server.credentials));
    const digest = await uploadAnts(plane.client);
    const stack = { kind: 'openstack' as const, endpoint: cloud.server.url, region: 'RegionOne', credentials };
    const providers = { stack: { ...stack, allowPrivate: true } };
    // each node of the colony on a guest of its own; what is out of reach for a while is not given up
    const family = { place: { most: { host: 1 } } };
    const ants = antsDocument({ digest, epmdPort: 24392, firstPort: 26600, colony: 2, providers, family });
    const domain = { image, subnet: cloud.subnet, machineTypes: ['m1.medium'], lostAfterSeconds: 600 };
    document = { ...ants, domains: { north: { provider: 'stack', ports: '26600-26699', ...domain } } };
    await apply(plane.client, document);
    nodes = (await converged(plane.client)).nodes;
  }, 180_000);

  afterAll(async () => {
    await plane.stop();
    await cloud.stop();
    plane.remove();
  }, 60_000);

  const machines = async () => (await plane.client.blueprints.status('ants')).machines;
  const guestOf = ({ providerId }: Machine): LabHost => {
    const guest = cloud.guest(providerId ?? '');
    if (guest === undefined) throw new Error(`there is no guest ${providerId ?? ''}`);
    return guest;
  };
  const rotation = async () => {
    const [found] = await plane.client.secrets.rotations().all();
    return found?.what === 'ssh key' ? found : undefined;
  };
  const over = () =>
    eventually(
      60,
      'the rotation to be over',
      async () => ((await rotation()) === undefined ? true : undefined),
      rotation,
    );

  /** Who lets a key in, of both accounts of a machine. */
  async function opened({ access }: Machine, { privateKey }: SshKeyPair): Promise<string[]> {
    if (access?.method !== 'ssh') throw new Error('it is not entered by SSH');
    const entered: string[] = [];
    for (const user of ['root', 'wombat']) {
      const shell = openSshShell({ ...access, user, privateKey, clock: systemClock });
      await shell.run({ script: 'true', timeoutMs: 5_000, what: 'look' }).then(
        () => entered.push(user),
        (error: unknown) => expect(faultCodeOf(error)).toBe('denied'),
      );
      await shell.close();
    }
    return entered;
  }

  /** What both accounts' files hold. */
  const keysOn = (machine: Machine) =>
    accounts.map((home) => readFileSync(guestOf(machine).pathOf(`${home}/.ssh/authorized_keys`), 'utf8')).join('');
  const blobOf = (publicKey: string) => publicKey.split(' ')[1] ?? '?';

  async function expectSameNodes(): Promise<void> {
    const status = await converged(plane.client);
    expect(status.nodes.map(incarnationOf).sort()).toEqual(nodes.map(incarnationOf).sort());
  }

  test('is one that was made for the provider, and becomes one that is given', async () => {
    const [made = ''] = [...cloud.server.one.nova.keys.values()].map(blobOf);
    const all = await machines();
    expect(all.length).toBeGreaterThanOrEqual(2);
    for (const machine of all) expect(keysOn(machine).split(made)).toHaveLength(3);
    await plane.client.providers.rotateKey('stack', ours.privateKey);
    await over();
    for (const machine of all) {
      expect(await opened(machine, ours)).toEqual(['root', 'wombat']);
      expect(keysOn(machine)).not.toContain(made);
    }
    await expectSameNodes();
  });

  test('is replaced again: killed in the middle, it goes on, and who was out of reach is met with the old one', async () => {
    const [far, ...near] = (await machines()) as [Machine, ...Machine[]];
    await guestOf(far).cut();
    await plane.client.providers.rotateKey('stack');
    const waiting = await eventually(
      60,
      'all but one to be done',
      async () => {
        const found = await rotation();
        return found?.done.length === near.length && found.lacking?.length === 1 ? found : undefined;
      },
      rotation,
    );
    await plane.kill();
    expect(waiting.lacking?.[0]?.where).toContain(guestOf(far).address);
    await guestOf(far).mend();
    expect(await opened(far, ours)).toEqual(['root', 'wombat']);
    for (const machine of near) expect(await opened(machine, ours)).toEqual([]);
    await plane.start();
    await over();
    for (const machine of await machines()) {
      expect(await opened(machine, ours)).toEqual([]);
      expect(keysOn(machine)).not.toContain(blobOf(ours.publicKey));
    }
    await expectSameNodes();
    const told = (await plane.client.events.list({ after: 0 }).all()).filter(({ what }) => what === 'key rotated');
    const words = `SSH key of stack: ${near.length + 1} machines let the new one in, and refuse the old one`;
    expect(told.map((event) => event.words)).toEqual([words, words]);
  });

  test('is what machines are made with from then on, and the pairs of before are gone from the cloud', async () => {
    const { colony } = document.families;
    await apply(plane.client, { ...document, families: { ...document.families, colony: { ...colony!, nodes: 3 } } });
    expect((await converged(plane.client)).proof).toMatchObject({ ok: true, nodesSeen: 4 });
    const keys = cloud.server.one.nova.keys;
    await eventually(
      120,
      'one key pair to be left',
      () => Promise.resolve(keys.size === 1 ? true : undefined),
      () => [...keys],
    );
    const [key = ''] = [...keys.values()].map(blobOf);
    for (const machine of await machines()) expect(keysOn(machine).split(key)).toHaveLength(3);
  });

  test('is nowhere to be read (I8)', async () => {
    const { client } = plane;
    const [, ...lines] = ours.privateKey.split('\n');
    const places: Record<string, string | Buffer> = { log: plane.log };
    for (const name of readdirSync(plane.directory).filter((one) => one.startsWith('wombat.db')))
      places[name] = readFileSync(`${plane.directory}/${name}`);
    places['events'] = JSON.stringify(await client.events.list({ after: 0 }).all());
    places['audit'] = JSON.stringify(await client.audit.list().all());
    places['calls'] = JSON.stringify(await client.providers.calls('stack'));
    places['secrets'] = JSON.stringify([await client.secrets.list().all(), await client.secrets.rotations().all()]);
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(0);
      expect(text.includes(lines[1] ?? '?'), place).toBe(false);
    }
  });

  test('leaves nothing behind', async () => {
    await destroyed(plane.client, 'ants', 120);
    expect(cloud.server.one.nova.servers.size + cloud.server.one.nova.keys.size).toBe(0);
    expect(await plane.client.secrets.list().all()).toEqual([]);
  });
});
