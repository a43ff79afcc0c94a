/**
 * Clocks that are an hour wrong: a host's, which is told and harms nothing, and the control plane's own, which is set forwards
 * and back while it works. What counts durations goes on, and no node is ended for it.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import type { Node } from '../../src/model/node.ts';
import { secretName } from '../../src/model/secret.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, nodeOf, pidOf, uploadAnts } from '../kit/deployment.ts';
import { killFound } from '../kit/processes.ts';
import { unfolded } from '../kit/raw-api.ts';
import { canSetClocks, setHostClock, WallClock } from '../kit/wrong-clock.ts';

if (!canSetClocks.ok) process.stderr.write(`skipped: wrong clocks: ${canSetClocks.why}\n`);
const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: a wrong clock on an SSH host: ${able.why} (${able.next})\n`);

const hour = 3600;

describe.skipIf(!canSetClocks.ok || !able.ok)('a host whose clock is an hour wrong', () => {
  const plane = new ControlPlane();
  const reference = 'secret://file/lab.key';
  let lab: SshLab;
  let host: LabHost;

  beforeAll(async () => {
    await plane.start();
    lab = await startSshHosts({ count: 2, directory: join(plane.directory, 'lab'), network: 28 });
    host = lab.hosts[1] as LabHost;
    await setHostClock(host, hour);
    await plane.client.secrets.put(secretName('ants', reference), lab.privateKey);
  });

  afterAll(async () => {
    await plane.stop();
    await lab.stop();
    plane.remove();
  });

  test('a cluster with it converges; the status, an event and the check tell of its clock', async () => {
    const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user }));
    const providers = { lab: { kind: 'ssh' as const, key: reference, hosts } };
    const digest = await uploadAnts(plane.client);
    const family = { place: { apart: 'host' as const } };
    await apply(
      plane.client,
      antsDocument({ digest, epmdPort: 24401, firstPort: 26_400, colony: 2, providers, family }),
    );
    const { proof } = await converged(plane.client);
    expect(proof).toMatchObject({ ok: true, nodesSeen: 3, extraEdges: 0 });
    const words = new RegExp(`${host.address.replaceAll('.', '\\.')} its clock is 60 min ahead of the control plane's`);
    await eventually(30, 'the clock to be told', async () => {
      const said = await wombat(plane.directory, ['status', 'ants']);
      return words.test(unfolded(said.stdout)) ? true : undefined;
    });
    const events = await plane.client.events.list({}).all();
    expect(events.filter(({ what }) => what === 'clock').map(({ object }) => object)).toEqual([`lab/${host.address}`]);
    const check = await wombat(plane.directory, ['provider', 'check', 'lab']);
    expect(unfolded(check.stdout)).toMatch(/its clock is 60 min ahead/);
  });

  test('a node there that is killed is started again at once', async () => {
    const { nodes } = await plane.client.blueprints.status('ants');
    const there = nodes.find((node) => node.placement.advertised === host.address) as Node;
    const beam = (await host.processes()).find(
      ({ command }) => command.includes(there.name) && command.includes('beam'),
    );
    killFound(beam?.pid);
    await eventually(60, 'another process', async () => {
      const { state } = await plane.client.nodes.show(there.id);
      return state.phase === 'running' && pidOf({ ...there, state }) !== pidOf(there) ? true : undefined;
    });
    await converged(plane.client);
  });

  test('set right again, that is told, too; and everything goes', async () => {
    await setHostClock(host, 0);
    await eventually(60, 'the clock to be right', async () =>
      (await plane.client.events.list({}).all()).some(({ what }) => what === 'clock no more') ? true : undefined,
    );
    await destroyed(plane.client);
  });
});

describe.skipIf(!canSetClocks.ok)("the control plane's own clock", () => {
  const plane = new ControlPlane();
  let clock: WallClock;

  beforeAll(async () => {
    clock = new WallClock(join(plane.directory, 'wall-clock'));
    await plane.start([], clock.environment);
    const digest = await uploadAnts(plane.client);
    await apply(plane.client, antsDocument({ digest, epmdPort: 24402, firstPort: 26_500, colony: 2 }));
    await converged(plane.client);
  });

  afterAll(async () => {
    await destroyed(plane.client);
    await plane.stop();
    plane.remove();
  });

  const nodes = async () => (await plane.client.blueprints.status('ants')).nodes;
  /** How far its clock is ahead of ours, milliseconds, by the date of a proof that is made now. */
  const ahead = async () => Date.parse((await plane.client.topology.verify('ants')).at) - Date.now();

  test.each([
    ['forwards', hour],
    ['and back again', 0],
    ['an hour behind', -hour],
  ])('set %s: nobody is ended for it, a node that dies is back at once', async (_, seconds) => {
    const before = await nodes();
    clock.set(seconds);
    expect(Math.abs((await ahead()) - seconds * 1000)).toBeLessThan(30_000);
    const victim = nodeOf(before, 'colony');
    killFound(pidOf(victim));
    await eventually(45, 'another process', async () => {
      const { state } = await plane.client.nodes.show(victim.id);
      return state.phase === 'running' && pidOf({ ...victim, state }) !== pidOf(victim) ? true : undefined;
    });
    await converged(plane.client, 'ants', 45);
    const after = await nodes();
    const others = (all: readonly Node[]) => all.filter(({ id }) => id !== victim.id).map(pidOf);
    expect(others(after)).toEqual(others(before));
  });

  test('the cluster is proven now and then all the same', async () => {
    const proved = async () => (await plane.client.topology.show('ants')).proof?.at ?? '';
    const before = await proved();
    clock.set(-2 * hour);
    await eventually(60, 'another proof', async () => ((await proved()) !== before ? true : undefined));
  });
});
