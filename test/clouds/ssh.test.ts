/**
 * Machines over SSH keep the seam: first over shells of this machine that each start in a directory of their own (what
 * is tested then is the adapter alone, anywhere), then over real SSH servers, where the lab can run.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../../src/base/clock.ts';
import { Fault } from '../../src/base/fault.ts';
import { openLocalShell } from '../../src/base/process.ts';
import { quote } from '../../src/base/quote.ts';
import type { Shell } from '../../src/base/shell.ts';
import type { Cloud, Order } from '../../src/cloud/cloud.ts';
import { openSsh, openSshOver } from '../../src/cloud/ssh/ssh.ts';
import type { OpenShell } from '../../src/cloud/ssh/ssh.ts';
import type { ProviderDefinition, SshHost } from '../../src/model/provider.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';

type SshDefinition = Extract<ProviderDefinition, { kind: 'ssh' }>;

const goOn = new AbortController().signal;
const key = 'secret://file/lab.key';
const capabilities = { tier: 'gold', scratch: '1G' };
const expectations = { kind: 'ssh', attributes: ['host'] };

const hostKey = `SHA256:${'A'.repeat(43)}`;
const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

function definitionOf(hosts: readonly string[], more: Partial<SshHost> = {}): SshDefinition {
  return { kind: 'ssh', key, hosts: hosts.map((address) => ({ address, user: 'erl', hostKey, ...more })) };
}

/** Hosts that are directories: `<home>/<address>` is the home of the user on that host. One that has none is dead. */
function shellsIn(home: string): OpenShell {
  return ({ address }) => {
    const shell = openLocalShell({ clock: systemClock });
    const where = `erl@${address}`;
    const run: Shell['run'] = async (command, signal) => {
      const script = `cd ${quote(join(home, address))} 2>/dev/null || exit 255\n${command.script}`;
      const finished = await shell.run({ ...command, script }, signal);
      if (finished.code === 255) throw new Fault('unavailable', `no SSH connection to ${where}`);
      return finished;
    };
    return { where, run, follow: shell.follow.bind(shell), dial: shell.dial.bind(shell), close: () => shell.close() };
  };
}

async function homes(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'wombat-clouds-ssh-'));
  for (const address of addresses) await mkdir(join(home, address));
  return home;
}

/** Homes that go with the test. */
async function passingHomes(): Promise<string> {
  const home = await homes();
  onTestFinished(() => rm(home, { recursive: true }));
  return home;
}

conformance('ssh over directories', expectations, async () => {
  const home = await homes();
  const secrets = { [key]: 'a key' };
  const open = (owner: string, definition = definitionOf(addresses), known: Record<string, string> = secrets) =>
    openSshOver(shellsIn(home), contextOf({ owner, definition, domains: { d1: { capabilities } }, secrets: known }));
  const dead = (owner: string) => open(owner, definitionOf(['192.0.2.99']));
  const keyless = (owner: string) => open(owner, definitionOf(addresses), {});
  return {
    open,
    broken: [
      { what: 'a host that is out of reach', code: 'unavailable', open: dead },
      { what: 'a key that nobody has handed in', code: 'not-found', open: keyless },
    ],
    settle: () => Promise.resolve(),
    stop: () => rm(home, { recursive: true }),
  };
});

describe('hosts that one already has', () => {
  const order = (address: string, token: string, domain = 'd1'): Order => ({
    token,
    owner: 'o',
    domain,
    offer: `${domain}/${address}`,
    machineType: 'host',
    name: token,
    boot: null,
  });
  const begin = async (
    definition = definitionOf(addresses),
    domains: Parameters<typeof contextOf>[0]['domains'] = { d1: {} },
  ) => {
    const home = await passingHomes();
    const context = contextOf({ owner: 'o', definition, domains, secrets: { [key]: 'a key' } });
    return { home, context, cloud: openSshOver(shellsIn(home), context) };
  };
  const outcomes = async (cloud: Cloud, orders: readonly Order[]) =>
    (await cloud.create(orders, goOn)).map((one) => (one.ok ? one.owned.id : cloud.faultOf(one.error)));

  test('the host declares over its domain, and the domain over what was found', async () => {
    const definition = definitionOf(addresses.slice(0, 1), { capabilities: { tier: 'silver', memory: '1G' } });
    const { cloud } = await begin(definition, { d1: { region: 'north', capabilities: { tier: 'gold', os: 'plan9' } } });
    const [offer] = await cloud.offers(goOn);
    const expected = { tier: 'silver', memory: 2 ** 30, os: 'plan9', region: 'north', zone: 'north' };
    expect(offer?.attributes).toMatchObject({ ...expected, host: addresses[0] });
    expect(offer?.capacity.memoryBytes).not.toBe(2 ** 30);
  });

  test('a domain offers its own hosts; a host of two domains can be had once', async () => {
    const { cloud } = await begin(definitionOf(addresses), { d1: { hosts: addresses.slice(0, 1) }, d2: {} });
    const ids = (await cloud.offers(goOn)).map(({ id }) => id);
    expect(ids).toEqual(['d1/192.0.2.1', 'd2/192.0.2.1', 'd2/192.0.2.2', 'd2/192.0.2.3']);
    const tries = [order('192.0.2.1', 'm-1'), order('192.0.2.1', 'm-2', 'd2'), order('192.0.2.2', 'm-3')];
    expect((await outcomes(cloud, tries)).sort()).toEqual(['192.0.2.1', 'exists', 'not-found']);
  });

  test('a host that does not answer is an offer with the reason', async () => {
    const { cloud, home } = await begin();
    await rm(join(home, addresses[1]!), { recursive: true });
    const offers = await cloud.offers(goOn);
    expect(offers.map(({ fault }) => fault?.code)).toEqual([undefined, 'unavailable', undefined]);
    expect(offers[1]).toMatchObject({ platform: null, left: null, addresses: [{ address: '192.0.2.2' }] });
    expect(offers[1]?.fault?.why).toContain('no SSH connection to erl@192.0.2.2');
  });

  test('a list that could not ask every host yields the others, then says which', async () => {
    const { cloud, home } = await begin();
    await outcomes(cloud, [order(addresses[0]!, 'm-1'), order(addresses[1]!, 'm-2')]);
    await rm(join(home, addresses[1]!), { recursive: true });
    const seen: string[] = [];
    const list = async () => {
      for await (const owned of cloud.list('o', goOn)) seen.push(owned.id);
    };
    await expect(list()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('192.0.2.2') });
    expect(seen).toEqual(['192.0.2.1']);
  });

  test('I8: the private key is named in an access, never held', async () => {
    const { cloud } = await begin();
    const [created] = await cloud.create([order(addresses[0]!, 'm-1')], goOn);
    expect(created?.ok && created.owned.access).toMatchObject({
      keySecret: `provider:under-test ${key}`,
      directory: '.wombat',
      port: 22,
      hostKey,
    });
    expect(JSON.stringify(created)).not.toContain('a key');
  });

  test('giving a host back leaves nothing of ours, and the directory that we were told to use', async () => {
    const plain = await begin();
    const told = await begin({ ...definitionOf(addresses), directory: '~/erlang nodes/' });
    for (const { cloud, home } of [plain, told]) {
      const [created] = await cloud.create([order(addresses[0]!, 'm-1')], goOn);
      expect(await readdir(join(home, addresses[0]!))).toHaveLength(1);
      if (created?.ok) await cloud.destroy(created.owned, goOn);
    }
    expect(await readdir(join(plain.home, addresses[0]!))).toEqual([]);
    expect(await readdir(join(told.home, addresses[0]!), { recursive: true })).toEqual(['erlang nodes']);
  });

  test('a host that may not be written to is denied, in its own words', async () => {
    const { cloud, home } = await begin({ ...definitionOf(addresses), directory: 'file/below' });
    await writeFile(join(home, addresses[0]!, 'file'), '');
    const [created] = await cloud.create([order(addresses[0]!, 'm-1')], goOn);
    const error = created?.ok === false ? created.error : undefined;
    expect(error).toMatchObject({ code: 'invalid', detail: { words: expect.stringMatching(/not a directory/i) } });
  });

  test('a check without the key says so; one with a domain of unknown hosts names them', async () => {
    const home = await passingHomes();
    const domains = { d1: { hosts: ['192.0.2.1', '192.0.2.77'] } };
    const cloud = openSshOver(shellsIn(home), contextOf({ owner: 'o', definition: definitionOf(addresses), domains }));
    const findings = await cloud.check(goOn);
    expect(findings.map(({ what, code }) => [what, code])).toEqual([
      ['credentials', 'not-found'],
      ['domain d1', 'invalid'],
    ]);
  });
});

const able = await canRunSshHosts();
if (able.ok) {
  conformance('ssh over SSH servers', expectations, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'wombat-clouds-lab-'));
    const lab = await startSshHosts({ count: 3, directory, network: 41 });
    const hosts = lab.hosts.map(({ address, user, hostKey: fingerprint }) => ({ address, user, hostKey: fingerprint }));
    const openWith =
      (change: Partial<SshHost>, privateKey = lab.privateKey) =>
      (owner: string) => {
        const definition: SshDefinition = { kind: 'ssh', key, hosts: hosts.map((host) => ({ ...host, ...change })) };
        return openSsh(
          contextOf({ owner, definition, domains: { d1: { capabilities } }, secrets: { [key]: privateKey } }),
        );
      };
    return {
      open: openWith({}),
      broken: [
        { what: 'a port on which nobody listens', code: 'unavailable', open: openWith({ port: 2 }) },
        { what: 'another host key than the pinned one', code: 'denied', open: openWith({ hostKey }) },
        { what: 'a user whom the key does not let in', code: 'denied', open: openWith({ user: 'nobody' }) },
        { what: 'a private key that is none', code: 'invalid', open: openWith({}, 'not a key') },
      ],
      settle: () => Promise.resolve(),
      async stop() {
        await lab.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
} else {
  test.skip(`ssh over SSH servers: ${able.why}`, () => undefined);
}
