/** OpenStack keeps the seam: against a real one, whose servers are real guests, where the lab is up. */
import { describe, expect, test } from 'vitest';
import { openStackLab } from '../../lab/openstack.ts';
import type { OpenStackLab } from '../../lab/openstack.ts';
import { openOpenStack } from '../../src/cloud/openstack/openstack.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { Trouble } from '../kit/trouble.ts';
import { all, goOn, make, orderOf, ours, wipe } from './acts.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';
import type { ContextOptions } from './context.ts';
import { faultScript } from './faults-script.ts';
import { plainProject } from './openstack-plain.ts';

type Definition = Extract<ProviderDefinition, { kind: 'openstack' }>;

const secret = 'secret://file/openstack.json';
const able = await openStackLab();
if (!able.ok) {
  process.stdout.write(`OpenStack is left out: ${able.why}\n`);
  test.skip(`OpenStack is left out: ${able.why}`);
}

const capabilities = { tier: 'gold', scratch: '1G' };

function opener(
  lab: OpenStackLab,
  more: Partial<Definition> = {},
  credentials = lab.credentials,
  domains: ContextOptions['domains'] = { d1: { image: lab.image, capabilities } },
) {
  const definition: Definition = {
    ...{ kind: 'openstack', endpoint: lab.endpoint, region: lab.region, credentials: secret, allowPrivate: true },
    ...more,
  };
  return (owner: string) =>
    openOpenStack(contextOf({ owner, definition, domains, secrets: { [secret]: credentials } }));
}

/** The lab behind proxies that share their trouble: one for each service. */
async function troubledLab(lab: OpenStackLab) {
  const trouble = new Trouble();
  const ports = [15000, 18774, 19696, 19292];
  const urls = new Map<string, string>();
  const rewrite = (text: string) => [...urls].reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const changes = ({ method, path }: PassingRequest) => method !== 'GET' && !path.includes('/auth/tokens');
  const proxies = await Promise.all(
    ports.map(async (port) => {
      const upstream = `http://127.0.0.1:${port}`;
      const proxy = await openFaultProxy({ upstream, changes, trouble, rewrite });
      urls.set(upstream, proxy.url);
      return proxy;
    }),
  );
  const endpoint = `${urls.get('http://127.0.0.1:15000') ?? ''}/v3`;
  const close = () => Promise.all(proxies.map((proxy) => proxy.close()));
  return { open: opener(lab, { endpoint }), trouble, close };
}

const expired = {
  status: 401,
  headers: { 'content-type': 'application/json' },
  text: JSON.stringify({
    error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
  }),
};

if (able.ok) against(able.lab);

function against(lab: OpenStackLab): void {
  conformance('openstack', { kind: 'openstack', attributes: ['gpu'] }, async () => {
    const project = await plainProject(lab);
    const troubled = await troubledLab(lab);
    const short = await shortProject(lab);
    const wrong = JSON.stringify({ ...JSON.parse(lab.credentials), password: 'no-such-password' });
    return {
      open: opener(lab),
      broken: [
        { what: 'a wrong password', code: 'denied', open: opener(lab, {}, wrong) },
        {
          what: 'nobody at the endpoint',
          code: 'unavailable',
          open: opener(lab, { endpoint: 'http://127.0.0.1:9/v3' }),
        },
        { what: 'a secret that is no JSON', code: 'invalid', open: opener(lab, {}, 'no-such-password') },
        { what: 'a region that is not there', code: 'invalid', open: opener(lab, { region: 'nowhere' }) },
        {
          what: 'a loopback endpoint that was not allowed',
          code: 'denied',
          open: opener(lab, { allowPrivate: false }),
        },
      ],
      settle: () => project.settle(),
      stop: async () => {
        await troubled.close();
        await wipe({ open: opener(lab), settle: () => project.settle() });
        await project.clear();
        await project.settle();
      },
      secrets: ['labpass', 'no-such-password'],
      made: {
        userData: async (id) => (await project.given(id)).userData,
        publicKey: async (id) => (await project.given(id)).publicKey,
        standing: () => project.standing(),
        foreign: () => project.foreign(),
        many: lab.pageSize + 2,
        short: [{ what: 'a project whose quota is used up', code: 'quota', open: opener(lab, {}, short) }],
        troubled: { ...troubled, expired },
      },
    };
  });

  faultScript('openstack', async () => {
    const project = await plainProject(lab);
    const { close, ...troubled } = await troubledLab(lab);
    const stop = async () => {
      await close();
    };
    const standing = () => project.standing();
    const settle = () => project.settle();
    return { ...troubled, standing, settle, stop, refusals: { expired }, machines: 12, many: 0 };
  });
}

describe.skipIf(!able.ok)('the oddities of OpenStack', { timeout: 300_000 }, () => {
  const lab = able.ok ? able.lab : ({} as OpenStackLab);
  const tiny = (domain: string) => ({ domain, id: `${domain}/m1.tiny`, machineType: 'm1.tiny' });

  test('an application credential is a login, too', async () => {
    const project = await plainProject(lab);
    const open = opener(lab, {}, await project.applicationCredential(`wombat-${process.pid}`));
    expect((await open(ours).check(goOn)).filter(({ level }) => level === 'error')).toEqual([]);
  });

  test("an owner's group lets in what it is told, and nothing else", async () => {
    const project = await plainProject(lab);
    const cloud = opener(lab)(ours);
    const rules = [{ ports: [9100, 9199], from: ['members', '192.0.2.0/24', '2001:db8::/32'] }] as const;
    await cloud.allow(ours, [{ ports: [22, 22], from: ['0.0.0.0/0'] }, ...rules], goOn);
    await cloud.allow(ours, rules, goOn);
    expect((await project.letIn(ours)).toSorted()).toEqual([
      'tcp 9100-9199 IPv4 192.0.2.0/24',
      'tcp 9100-9199 IPv4 members',
      'tcp 9100-9199 IPv6 2001:db8::/32',
      'tcp 9100-9199 IPv6 members',
    ]);
    await wipe({ open: opener(lab), settle: () => project.settle() });
  });

  test('a machine with a public address is entered by it, and its floating IP goes with it', async () => {
    await outside(lab);
    const project = await plainProject(lab);
    const before = (await project.standing()).toSorted();
    const domains = { d1: { image: lab.image, publicAddress: true, subnet: 'lab-subnet' } };
    const open = opener(lab, {}, lab.credentials, domains);
    const order = orderOf(tiny('d1'), 'm-1');
    const [once] = await make(open(ours), [order]);
    const [twice] = await make(open(ours), [order]);
    expect(twice?.id).toBe(once?.id);
    await project.settle();
    const [listed] = (await all(open(ours), ours)).filter(({ kind }) => kind === 'machine');
    expect(listed?.access).toMatchObject({ address: expect.stringMatching(/^203\.0\.113\./) });
    expect(listed?.addresses.map(({ address }) => address)).toEqual([expect.stringMatching(/^10\.77\./)]);
    await open(ours).destroy(once!, goOn);
    await wipe({ open, settle: () => project.settle() });
    expect((await project.standing()).toSorted()).toEqual(before);
  });

  test('a domain whose image, network or zone is not there offers with the reason', async () => {
    const domains = {
      d1: { image: 'no-such-image' },
      d2: { image: lab.image, subnet: 'no-such-net' },
      d3: { image: lab.image, zone: 'no-such-zone' },
      d4: {},
    };
    const offers = await opener(lab, {}, lab.credentials, domains)(ours).offers(goOn);
    const codes = Object.fromEntries(offers.map(({ domain, fault }) => [domain, fault?.code]));
    expect(codes).toEqual({ d1: 'not-found', d2: 'not-found', d3: 'not-found', d4: 'invalid' });
  });
});

/** An external network with a router to it, made once for a lab: what floating IPs need. */
async function outside(lab: OpenStackLab): Promise<void> {
  if ((await lab.client('network list --external -f value -c Name')).includes('outside')) return;
  await lab.client(
    'network create --external --provider-network-type local outside',
    'subnet create --network outside --subnet-range 203.0.113.0/24 --no-dhcp outside',
    'router create way-out',
    'router set --external-gateway outside way-out',
    'router add subnet way-out lab-subnet',
  );
}

/** A project of its own that may have no server; its credentials. */
async function shortProject(lab: OpenStackLab): Promise<string> {
  await lab.client(
    'project create --or-show short',
    'user create --or-show --password labpass short',
    'role add --user short --project short member',
    'quota set --instances 0 short',
  );
  return JSON.stringify({ username: 'short', password: 'labpass', project: 'short' });
}
