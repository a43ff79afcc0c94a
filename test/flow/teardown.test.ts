/**
 * A teardown ends whatever the provider does: credentials that were revoked, an endpoint that is dead. It gives an account in
 * the provider's own words, and what was given up is found and ended when the provider can be asked again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { secretName, secretScope } from '../../src/model/secret.ts';
import { startHetzner, tokens } from '../clouds/hetzner-server.ts';
import type { HetznerServer } from '../clouds/hetzner-server.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { apply, eventually, uploadAnts } from '../kit/deployment.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { FaultProxy } from '../kit/fault-proxy.ts';
import { unfolded } from '../kit/raw-api.ts';

const reference = 'secret://file/hetzner.json';

describe('machines at a provider that refuses, is gone, and is back', () => {
  const plane = new ControlPlane();
  let server: HetznerServer;
  let proxy: FaultProxy;

  beforeAll(async () => {
    await plane.start();
    server = await startHetzner();
    proxy = await openFaultProxy({ upstream: new URL(server.url).origin, changes: ({ method }) => method !== 'GET' });
    await credentials(tokens.write);
    const endpoint = `${proxy.url}/v1`;
    const settings = { allowPrivate: true, sweepAfterSeconds: 30 };
    await plane.client.providers.add('stack', { kind: 'hetzner', credentials: reference, endpoint, ...settings });
  });

  afterAll(async () => {
    await plane.stop();
    await proxy.close();
    await server.close();
    plane.remove();
  });

  async function credentials(token: string): Promise<void> {
    const name = secretName(secretScope({ name: 'stack', declaredBy: null }), reference);
    await plane.client.secrets.put(name, JSON.stringify({ token }));
  }

  /** One node, for which a machine is ordered that nobody can ever enter. */
  async function document(): Promise<BlueprintDocument> {
    const north = {
      provider: 'stack',
      region: 'fsn1',
      image: 'debian-13',
      machineTypes: ['cx22'],
      publicAddress: true,
    };
    const releases = { ants: { digest: await uploadAnts(plane.client) } };
    const master = { release: 'ants', nodes: 1, config: { sysConfig: { ants: { role: 'master' } } } };
    return { wombat: 1, name: 'ants', releases, domains: { north }, families: { master } };
  }

  async function ordered(): Promise<string> {
    await apply(plane.client, await document());
    return eventually(60, 'a machine that boots', async () => {
      const { machines } = await plane.client.blueprints.status('ants');
      server.settle();
      return machines[0]?.state.phase === 'booting' ? (machines[0].providerId ?? undefined) : undefined;
    });
  }

  const idOf = (providerId: string) => Number(/\d+/.exec(providerId)?.[0]);

  test('credentials were revoked: it ends, and says which machine is left, in the words of the provider', async () => {
    const id = await ordered();
    await credentials('revoked');
    const { code, stdout } = await wombat(plane.directory, ['destroy', 'ants', '-y', '--timeout', '4m']);
    const said = unfolded(stdout);
    expect(code).toBe(0);
    expect(said).toContain('ants is destroyed: left behind: machine');
    expect(said).toContain(id);
    expect(said).toContain('unable to authenticate');
    expect([...server.servers.keys()]).toContain(idOf(id));
    const shown = unfolded((await wombat(plane.directory, ['sweep'])).stdout);
    expect(shown).toContain('not all could be looked at');
    expect(shown).toContain('GIVEN UP, and perhaps still there');
  });

  test('they are back: the sweep finds what was given up, and ends it without being asked', async () => {
    await credentials(tokens.write);
    await eventually(150, 'nothing to stand there', () => {
      server.settle();
      return Promise.resolve(server.servers.size + server.keys.size + server.firewalls.size === 0 ? true : undefined);
    });
    await eventually(150, 'nothing to be given up any more', async () =>
      (await plane.client.sweep.look(null)).leftovers.length === 0 ? true : undefined,
    );
    expect(await plane.client.alarms.list().all()).toEqual([]);
  });

  test('somebody has deleted the machine already: nothing is left', async () => {
    const id = await ordered();
    (server.servers as Map<number, unknown>).delete(idOf(id));
    const { code, stdout } = await wombat(plane.directory, ['destroy', 'ants', '-y', '--timeout', '4m']);
    expect([code, unfolded(stdout).trim()]).toEqual([0, 'ants is destroyed: nothing of it is left']);
    expect(server.keys.size + server.firewalls.size).toBe(0);
  });

  test('the endpoint is dead: forgotten, it is gone at once, and what may run on is told with its id', async () => {
    const id = await ordered();
    await proxy.close();
    const begun = Date.now();
    const { code, stdout } = await wombat(plane.directory, ['destroy', 'ants', '-y', '--forget']);
    expect(code).toBe(0);
    expect(Date.now() - begun).toBeLessThan(30_000);
    expect(unfolded(stdout)).toContain(id);
    expect(unfolded(stdout)).toContain('nobody was asked to end it');
    const { leftovers } = await plane.client.sweep.look('stack');
    const [left] = leftovers;
    const key = `stack/machine/${left?.id ?? ''}`;
    expect((await wombat(plane.directory, ['sweep', '--gone', key])).stdout).toContain('is gone, as you say');
    expect((await plane.client.sweep.look('stack')).leftovers).toHaveLength(leftovers.length - 1);
  });

  test('the provider itself is forgotten', async () => {
    const { code, stdout } = await wombat(plane.directory, ['provider', 'remove', 'stack', '--forget', '-y']);
    expect([code, stdout]).toEqual([0, 'provider stack is removed\n']);
  });
});
