/** OpenStack keeps the seam: against a small one of our own with two regions, which a client that others wrote checks. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { openOpenStack } from '../../src/cloud/openstack/openstack.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { runPython } from '../kit/python.ts';
import { all, goOn, make, orderOf, ours, wipe } from './acts.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';
import type { ContextOptions } from './context.ts';
import { faultScript } from './faults-script.ts';
import { image, openOpenStackServer } from './openstack-server.ts';
import type { OpenStackOptions, OpenStackServer } from './openstack-server.ts';

type Definition = Extract<ProviderDefinition, { kind: 'openstack' }>;

const secret = 'secret://file/openstack.json';
const capabilities = { tier: 'gold', scratch: '1G' };

interface Opening {
  readonly provider?: string;
  readonly definition?: Partial<Definition>;
  readonly credentials?: string;
  readonly domains?: ContextOptions['domains'];
}

function opener(server: OpenStackServer, { definition: more, credentials, domains, provider }: Opening = {}) {
  const own = { kind: 'openstack', endpoint: server.url, region: 'RegionOne', credentials: secret } as const;
  const definition: Definition = { ...own, allowPrivate: true, ...more };
  const secrets = { [secret]: credentials ?? JSON.stringify(server.credentials) };
  const places = domains ?? { d1: { image, capabilities } };
  const named = provider === undefined ? {} : { provider };
  return (owner: string) => openOpenStack(contextOf({ owner, definition, domains: places, secrets, ...named }));
}

type Opened = ReturnType<typeof opener>;

/** The same behind trouble. */
async function troubledServer(server: OpenStackServer) {
  const upstream = new URL(server.url).origin;
  let own = '';
  const rewrite = (text: string) => text.replaceAll(upstream, own);
  const changes = ({ method, path }: PassingRequest) => method !== 'GET' && !path.endsWith('/auth/tokens');
  const proxy = await openFaultProxy({ upstream, changes, rewrite });
  own = proxy.url;
  const open = opener(server, { definition: { endpoint: `${proxy.url}/identity/v3` } });
  return { open, trouble: proxy.trouble, close: () => proxy.close() };
}

const json = { 'content-type': 'application/json' };
const refusals = {
  expired: {
    status: 401,
    headers: json,
    text: JSON.stringify({
      error: { code: 401, title: 'Unauthorized', message: 'The request requires authentication.' },
    }),
  },
  throttled: {
    status: 429,
    headers: { ...json, 'retry-after': '7' },
    text: JSON.stringify({ overLimit: { code: 429, message: 'Too many requests.', retryAfter: '7' } }),
  },
};

conformance('small openstack', { kind: 'openstack', attributes: ['gpu'] }, async () => {
  const server = await openOpenStackServer({ pageSize: 5 });
  const [full, groupless] = await Promise.all([openOpenStackServer({ quota: 0 }), openOpenStackServer({ groups: 1 })]);
  const { close, ...troubled } = await troubledServer(server);
  const wrong = JSON.stringify({ ...server.credentials, password: 'no-such-password' });
  const nobody = { endpoint: 'http://127.0.0.1:9/v3' };
  return {
    open: opener(server),
    broken: [
      { what: 'a wrong password', code: 'denied', open: opener(server, { credentials: wrong }) },
      { what: 'nobody at the endpoint', code: 'unavailable', open: opener(server, { definition: nobody }) },
      { what: 'a secret that is no JSON', code: 'invalid', open: opener(server, { credentials: 'no-such-password' }) },
      {
        what: 'a region that is not there',
        code: 'invalid',
        open: opener(server, { definition: { region: 'nowhere' } }),
      },
      {
        what: 'a loopback endpoint that was not allowed',
        code: 'denied',
        open: opener(server, { definition: { allowPrivate: false } }),
      },
    ],
    settle: () => Promise.try(() => server.settle()),
    stop: async () => {
      await close();
      await Promise.all([server, full, groupless].map((one) => one.stop()));
    },
    secrets: [server.credentials.password, 'no-such-password'],
    made: {
      userData: (id) =>
        Promise.resolve(Buffer.from(server.one.nova.servers.get(id)?.userData ?? '', 'base64').toString()),
      publicKey: (id) =>
        Promise.resolve(server.one.nova.keys.get(server.one.nova.servers.get(id)?.keyName ?? '') ?? null),
      standing: () => Promise.resolve(server.standing()),
      foreign: async () => await foreignAt(server),
      many: 12,
      short: [
        { what: 'a project whose quota of servers is used up', code: 'quota', open: opener(full) },
        { what: 'a project that may have no group of its own', code: 'quota', open: opener(groupless) },
      ],
      troubled: { ...troubled, ...refusals },
    },
  };
});

faultScript('small openstack', async () => {
  const server = await openOpenStackServer();
  const { close, ...troubled } = await troubledServer(server);
  return {
    ...troubled,
    standing: () => Promise.resolve(server.standing()),
    settle: () => Promise.try(() => server.settle()),
    stop: async () => {
      await close();
      await server.stop();
    },
    refusals,
    quick: true,
  };
});

/** A server that somebody else made, by plain calls. */
async function foreignAt(server: OpenStackServer): Promise<string> {
  const { username: name, password, project } = server.credentials;
  const domain = { name: 'Default' };
  const identity = { methods: ['password'], password: { user: { name, password, domain } } };
  const post = (url: string, body: unknown, token = '') =>
    fetch(url, { method: 'POST', headers: { ...json, 'x-auth-token': token }, body: JSON.stringify(body) });
  const login = await post(`${server.url}/auth/tokens`, {
    auth: { identity, scope: { project: { name: project, domain } } },
  });
  const made = { server: { name: 'foreign', flavorRef: '1', imageRef: '0f0f0f0f-0000-4000-8000-000000000001' } };
  const url = `${server.one.nova.origin}/servers`;
  const answer = await post(url, made, login.headers.get('x-subject-token') ?? '');
  return ((await answer.json()) as { server: { id: string } }).server.id;
}

describe('what the small OpenStack has that the lab has not', () => {
  const begin = async (options: OpenStackOptions = {}) => {
    const server = await openOpenStackServer(options);
    onTestFinished(() => server.stop());
    return server;
  };
  const tiny = (domain: string) => ({ domain, id: `${domain}/m1.tiny`, machineType: 'm1.tiny' });
  const places = { north: { image }, south: { image, region: 'RegionTwo' } };

  test('the domains of one provider may be in several regions; each has what its machines need', async () => {
    const server = await begin();
    const open = opener(server, { domains: places });
    await make(open(ours), [orderOf(tiny('north'), 'm-1'), orderOf(tiny('south'), 'm-2')]);
    const rules = [{ ports: [9100, 9199], from: ['members'] }] as const;
    await open(ours).allow(ours, rules, goOn);
    server.settle();
    for (const { nova, neutron } of [server.one, server.two]) {
      expect(nova.servers.size).toBe(1);
      expect(nova.keys.size).toBe(1);
      expect([...neutron.things['security-groups'].values()].map(({ name }) => name)).toEqual([
        'default',
        expect.stringContaining(ours),
      ]);
    }
    const listed = (await all(open(ours), ours)).filter(({ kind }) => kind === 'machine');
    expect(listed.map(({ domain, state }) => [domain, state])).toEqual([
      ['north', 'running'],
      ['south', 'running'],
    ]);
    expect((await open(ours).offers(goOn)).map(({ attributes }) => attributes['region'])).toEqual(
      ['RegionOne', 'RegionTwo'].flatMap((region) => [region, region, region]),
    );
    await wipe({ open, settle: () => Promise.try(() => server.settle()) });
    expect(server.standing()).toEqual([]);
  });

  test("two providers of one project have a group each, and neither touches the other's", async () => {
    const server = await begin();
    const [one, other] = ['one', 'other'].map((provider) => opener(server, { provider })) as [Opened, Opened];
    await make(one(ours), [orderOf(tiny('d1'), 'm-1')]);
    await make(other(ours), [orderOf(tiny('d1'), 'm-2')]);
    await one(ours).allow(ours, [{ ports: [9100, 9199], from: ['members'] }], goOn);
    await other(ours).allow(ours, [{ ports: [4369, 4369], from: ['members'] }], goOn);
    const { 'security-groups': groups, 'security-group-rules': rules } = server.one.neutron.things;
    const ports = [...rules.values()]
      .filter(({ direction }) => direction === 'ingress')
      .map((rule) => {
        const group = groups.get(String(rule['security_group_id']));
        return `${String(group?.['name'])} ${String(rule['port_range_min'])}`;
      });
    expect([...new Set(ports)]).toEqual([`wombat-${ours}-one 9100`, `wombat-${ours}-other 4369`]);
    const beside = async (open: Opened) =>
      (await all(open(ours), ours)).filter(({ kind }) => kind === 'beside').map(({ id }) => id);
    const [first, second] = [await beside(one), await beside(other)];
    expect(first).toHaveLength(2);
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
    for (const id of second)
      await one(ours).destroy({ id, kind: 'beside', domain: 'd1', token: null, owner: ours }, goOn);
    expect(await beside(other)).toEqual(second);
  });

  test('a user who may only look is told by the check', async () => {
    const server = await begin();
    server.roles.splice(0, 2, 'reader');
    const open = opener(server);
    const errors = (await open(ours).check(goOn)).filter(({ level }) => level === 'error');
    const words = 'roles reader: may look, and make nothing';
    expect(errors).toEqual([{ level: 'error', what: 'credentials', words, code: 'denied' }]);
  });

  test('a region that nobody has hides nothing of the others', async () => {
    const server = await begin();
    const domains = { north: { image }, nowhere: { image, region: 'RegionNine', machineTypes: ['m1.tiny'] } };
    const open = opener(server, { domains });
    await make(open(ours), [orderOf(tiny('north'), 'm-1')]);
    const offers = await open(ours).offers(goOn);
    expect(offers.filter(({ fault }) => fault === null)).toHaveLength(3);
    expect(offers.find(({ domain }) => domain === 'nowhere')?.fault?.code).toBe('invalid');
    const seen: string[] = [];
    const list = async () => {
      for await (const owned of open(ours).list(ours, goOn)) seen.push(owned.kind);
    };
    await expect(list()).rejects.toThrow('RegionNine');
    expect(seen).toContain('machine');
  });

  test('a machine with a public address has a port and a floating IP, and both go with it', async () => {
    const server = await begin();
    const open = opener(server, { domains: { d1: { image, publicAddress: true, subnet: 'guests-b' } } });
    const [once] = await make(open(ours), [orderOf(tiny('d1'), 'm-1')]);
    const [twice] = await make(open(ours), [orderOf(tiny('d1'), 'm-1')]);
    expect(twice?.id).toBe(once?.id);
    server.settle();
    const [listed] = (await all(open(ours), ours)).filter(({ kind }) => kind === 'machine');
    expect(listed?.access).toMatchObject({ address: expect.stringMatching(/^203\.0\.113\./) });
    expect(listed?.addresses.map(({ address }) => address)).toEqual([expect.stringMatching(/^10\.78\./)]);
    await open(ours).destroy(once!, goOn);
    await wipe({ open, settle: () => Promise.try(() => server.settle()) });
    expect(server.standing()).toEqual([]);
  });

  test('an application credential is a login, and a token that expired is renewed on the way', async () => {
    const server = await begin();
    const cloud = opener(server, { credentials: JSON.stringify(server.applicationCredential) })(ours);
    expect((await cloud.check(goOn)).filter(({ level }) => level === 'error')).toEqual([]);
    server.expireTokens();
    expect(await cloud.offers(goOn)).toHaveLength(3);
  });

  test('a create that answers 500 although the server exists is that server', async () => {
    const server = await begin();
    const open = opener(server);
    server.one.nova.failing = true;
    const [owned] = await make(open(ours), [orderOf(tiny('d1'), 'm-1')]);
    expect([...server.one.nova.servers.keys()]).toEqual([owned?.id]);
  });

  test('what is left is what quota of servers and of memory both allow', async () => {
    const server = await begin({ quota: 5, memory: 5_000 });
    const offers = await opener(server)(ours).offers(goOn);
    expect(Object.fromEntries(offers.map(({ machineType, left }) => [machineType, left]))).toEqual({
      'm1.tiny': 5,
      'm1.small': 2,
      'm1.medium': 1,
    });
  });
});

const driver = `
import sys, json
from libcloud.compute.types import Provider
from libcloud.compute.providers import get_driver
url, user, project, region = sys.argv[1:5]
cloud = get_driver(Provider.OPENSTACK)(user, sys.stdin.read(), ex_tenant_name=project, ex_force_auth_url=url,
  ex_force_auth_version='3.x_password', ex_domain_name='Default', ex_force_service_region=region, api_version='2.2')
size = [s for s in cloud.list_sizes() if s.name == 'm1.small'][0]
image = [i for i in cloud.list_images() if i.name == 'debian-12'][0]
network = [n for n in cloud.ex_list_networks() if n.name == 'guests'][0]
group = cloud.ex_create_security_group('open', 'lets in')
cloud.ex_create_security_group_rule(group, 'tcp', 22, 22, '192.0.2.0/24')
key = cloud.import_key_pair_from_string('theirs', 'ssh-ed25519 AAAA theirs')
made = [cloud.create_node(name='n%d' % n, size=size, image=image, networks=[network], ex_security_groups=[group],
  ex_keyname='theirs', ex_metadata={'k': 'v'}) for n in range(3)]
nodes = cloud.list_nodes()
print(size.ram, size.disk, image.name, sorted(n.name for n in nodes), nodes[0].extra['metadata'])
nodes = cloud.list_nodes()
print(nodes[0].state, nodes[0].private_ips, nodes[0].extra['key_name'])
rules = [g for g in cloud.ex_list_security_groups() if g.name == 'open'][0].rules
print([(r.ip_protocol, r.from_port, r.to_port, r.ip_range) for r in rules if r.ip_protocol])
print(len(cloud.ex_list_ports()))
for node in nodes:
  assert cloud.destroy_node(node)
  cloud.list_nodes()
assert cloud.ex_delete_security_group(group)
assert cloud.delete_key_pair(key)
print(len(cloud.list_nodes()), len(cloud.ex_list_ports()), len(cloud.list_key_pairs()))
`;

test('the small OpenStack is one to a client that others wrote, in each of its regions', async (context) => {
  const server = await openOpenStackServer({ pageSize: 2 });
  onTestFinished(() => server.stop());
  const { username, password, project } = server.credentials;
  for (const region of ['RegionOne', 'RegionTwo']) {
    const args = [`${server.url}/auth/tokens`, username, project, region];
    const { missing, stdout, stderr } = await runPython({ script: driver, arguments: args, input: password });
    context.skip(missing !== null, missing ?? '');
    expect(stdout.trim().split('\n'), stderr).toEqual([
      "2048 20 debian-12 ['n0', 'n1', 'n2'] {'k': 'v'}",
      "running ['10.77.0.1'] theirs",
      "[('tcp', 22, 22, '192.0.2.0/24')]",
      '3',
      '0 0 0',
    ]);
  }
  expect(server.standing()).toEqual([]);
});
