/** Eucalyptus keeps the seam, and passes the fault script, against the scripted server; an outside client checks the server. */
import { describe, expect, test } from 'vitest';
import type { Order } from '../../src/cloud/cloud.ts';
import { openEucalyptus } from '../../src/cloud/eucalyptus/eucalyptus.ts';
import type { DomainDefinition } from '../../src/model/domain.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { collect } from '../kit/collect.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { runPython } from '../kit/python.ts';
import { bootOf } from './boot.ts';
import { conformance } from './conformance.ts';
import type { Harness } from './conformance.ts';
import { contextOf } from './context.ts';
import { accessKeyId, image, startEucalyptus } from './eucalyptus-server.ts';
import type { EucalyptusServer } from './eucalyptus-server.ts';
import { faultScript } from './faults-script.ts';
import { refusalAnswer } from './moto-front.ts';

type Definition = Extract<ProviderDefinition, { kind: 'eucalyptus' }>;

const goOn = new AbortController().signal;
const credentials = 'secret://file/euca.json';
const secretAccessKey = 'a-secret-access-key';
const accessKey = JSON.stringify({ accessKeyId, secretAccessKey });
const capabilities = { tier: 'gold', scratch: '1G' };
const domain = { zone: 'stockholm', image, capabilities };
const domains = { d1: domain, d2: { ...domain, zone: 'uppsala' } };

function open(endpoint: string, change: Partial<Definition> = {}, secret = accessKey, known: Domains = domains) {
  return (owner: string) => {
    const definition = { kind: 'eucalyptus', credentials, endpoint, allowPrivate: true, ...change } as const;
    return openEucalyptus(contextOf({ owner, definition, domains: known, secrets: { [credentials]: secret } }));
  };
}

type Domains = Readonly<Record<string, Omit<DomainDefinition, 'provider'>>>;

function changes({ body }: PassingRequest): boolean {
  return body.includes('Action=') && !/Action=Describe/.test(body);
}

function settle(server: EucalyptusServer): Promise<void> {
  server.settle();
  return Promise.resolve();
}

function standing({ instances, groups, keys }: EucalyptusServer): Promise<string[]> {
  const machines = [...instances.values()].filter(({ state }) => state !== 'terminated').map(({ id }) => id);
  return Promise.resolve([...machines, ...groups.keys(), ...keys.keys()]);
}

const throttled = refusalAnswer({ status: 503, code: 'RequestLimitExceeded', words: 'Request limit exceeded.' });
const afterOneSecond = { ...throttled, headers: { ...throttled.headers, 'retry-after': '1' } };

async function startHarness(): Promise<Harness> {
  const server = await startEucalyptus();
  const full = await startEucalyptus();
  full.refusal = { code: 'InternalError', words: 'Not enough resources: vm instances.' };
  const { origin, pathname } = new URL(server.url);
  const proxy = await openFaultProxy({ upstream: origin, changes });
  const stranger = JSON.stringify({ accessKeyId: 'AKISTRANGER', secretAccessKey });
  return {
    open: open(server.url),
    broken: [
      {
        what: 'a port on which nobody listens',
        code: 'unavailable',
        open: open('http://127.0.0.1:1/services/compute'),
      },
      { what: 'a path where no API is', code: 'unavailable', open: open(`${origin}/services/nothing`) },
      {
        what: 'a loopback address that is not allowed',
        code: 'denied',
        open: open(server.url, { allowPrivate: false }),
      },
      { what: 'a secret that is no access key', code: 'invalid', open: open(server.url, {}, '{"user":"hunter2"}') },
      { what: 'an access key that nobody knows', code: 'denied', open: open(server.url, {}, stranger) },
    ],
    secrets: [secretAccessKey, 'hunter2'],
    settle: () =>
      settle(server)
        .then(() => settle(server))
        .then(() => settle(server)),
    stop: async () => {
      await Promise.all([proxy, server, full].map((one) => one.close()));
    },
    made: {
      userData: (id) => {
        const text = server.instances.get(id)?.parameters.get('UserData') ?? null;
        return Promise.resolve(text === null ? null : Buffer.from(text, 'base64').toString());
      },
      publicKey: (id) =>
        Promise.resolve(server.keys.get(server.instances.get(id)?.parameters.get('KeyName') ?? '') ?? null),
      standing: () => standing(server),
      foreign: () => {
        const parameters = new URLSearchParams({ ImageId: image, InstanceType: 'm1.small' });
        const instance = {
          id: 'i-f0f0f0f0',
          account: '1',
          address: '10.9.9.9',
          parameters,
          tags: new Map<string, string>(),
          state: 'running' as const,
        };
        server.instances.set(instance.id, instance);
        return Promise.resolve(instance.id);
      },
      many: 120,
      short: [{ what: 'a cloud without room', code: 'no-capacity', open: open(full.url) }],
      troubled: {
        open: open(`${proxy.url}${pathname}`),
        trouble: proxy.trouble,
        throttled: { ...throttled, headers: { ...throttled.headers, 'retry-after': '7' } },
      },
    },
  };
}

conformance('eucalyptus', { kind: 'eucalyptus', attributes: [] }, startHarness);

faultScript('eucalyptus', async () => {
  const server = await startEucalyptus();
  const { origin, pathname } = new URL(server.url);
  const proxy = await openFaultProxy({ upstream: origin, changes });
  return {
    open: open(`${proxy.url}${pathname}`),
    trouble: proxy.trouble,
    standing: () => standing(server),
    settle: () => settle(server),
    stop: async () => {
      await Promise.all([proxy.close(), server.close()]);
    },
    refusals: { throttled: afterOneSecond },
  };
});

describe('eucalyptus', () => {
  const order = (token: string, change: Partial<Order> = {}): Order => ({
    token,
    owner: 'o',
    domain: 'd1',
    offer: 'd1/m1.small',
    machineType: 'm1.small',
    name: token,
    boot: bootOf(),
    ...change,
  });
  const withServer = async (act: (server: EucalyptusServer) => Promise<void>) => {
    const server = await startEucalyptus();
    await act(server).finally(() => server.close());
  };

  test('a machine that was made and not tagged is listed as ours, not entered, and tagged by its order', () =>
    withServer(async (server) => {
      const cloud = open(server.url)('o');
      await cloud.create([order('m-1')], goOn);
      const [instance] = server.instances.values();
      instance?.tags.clear();
      server.settle();
      const machine = async () => (await collect(cloud.list('o', goOn))).find(({ kind }) => kind === 'machine');
      expect(await machine()).toMatchObject({ id: instance?.id, token: 'm-1', owner: 'o', domain: 'd1', access: null });
      expect(await collect(open(server.url)('x').list('x', goOn))).toEqual([]);
      await cloud.create([order('m-1')], goOn);
      expect((await machine())?.access).toMatchObject({ method: 'ssh', hostKey: bootOf().hostKey });
    }));

  test('offers say what the zone has room for, and no more', () =>
    withServer(async (server) => {
      const cloud = open(server.url)('o');
      const large = { offer: 'd1/c1.xlarge', machineType: 'c1.xlarge' };
      const created = await cloud.create([order('m-1', large), order('m-2', large)], goOn);
      expect(created.map((one) => (one.ok ? 'ok' : cloud.faultOf(one.error)))).toEqual(['ok', 'no-capacity']);
      const offers = await cloud.offers(goOn);
      const left = offers.filter(({ machineType }) => machineType === 'c1.xlarge').map((one) => [one.domain, one.left]);
      expect(left).toEqual([
        ['d1', 0],
        ['d2', 1],
      ]);
    }));

  test('the rules of a group are made exactly so; sources of IPv6 are left out', () =>
    withServer(async (server) => {
      const cloud = open(server.url)('o');
      await cloud.allow('o', [{ ports: [9100, 9199], from: ['members', '192.0.2.0/24', '2001:db8::/32'] }], goOn);
      await cloud.allow(
        'o',
        [
          { ports: [9100, 9199], from: ['members'] },
          { ports: [22, 22], from: ['192.0.2.7/32'] },
        ],
        goOn,
      );
      const grants = [...(server.groups.get('wombat-o-under-test')?.grants ?? [])];
      expect(grants.toSorted()).toEqual(['tcp 22-22 192.0.2.7/32', 'tcp 9100-9199 @wombat-o-under-test']);
    }));

  test('a domain with a subnet, or with a zone or an image that is not there, is told by the check', () =>
    withServer(async (server) => {
      const wrong = {
        d1: { ...domain, subnet: 's' },
        d2: { ...domain, zone: 'lund' },
        d3: { ...domain, image: 'emi-1' },
      };
      const cloud = open(server.url, {}, accessKey, wrong)('o');
      const errors = (await cloud.check(goOn)).filter(({ level }) => level === 'error');
      expect(errors.map(({ what, code }) => `${what} ${code ?? ''}`)).toEqual([
        'domain d1 invalid',
        'domain d2 not-found',
        'domain d3 not-found',
      ]);
      expect((await cloud.offers(goOn)).find((one) => one.domain === 'd3')?.fault?.code).toBe('not-found');
    }));
});

/** What libcloud's driver for Eucalyptus does with the scripted server; an order of its own would carry tags, which fail it. */
const outside = `
import sys, warnings
warnings.simplefilter('ignore')
from libcloud.compute.drivers.ec2 import EucNodeDriver
port, key = int(sys.argv[1]), sys.argv[2]
driver = EucNodeDriver(key, 'a-secret-access-key', secure=False, host='127.0.0.1', port=port, path='/services/compute', api_version='5.1')
sizes = driver.list_sizes()
images = driver.list_images()
def make():
    order = {'Action': 'RunInstances', 'ImageId': images[0].id, 'InstanceType': sizes[0].id, 'MinCount': '1', 'MaxCount': '1', 'ClientToken': 't-1'}
    answer = driver.connection.request(driver.path, params=order).object
    return driver._to_nodes(answer, 'instancesSet/item')[0]
node, again = make(), make()
driver.ex_create_tags(node, {'Name': 'outside'})
nodes = driver.list_nodes()
print(' '.join(size.id for size in sizes), sizes[0].ram, images[0].id, node.id == again.id, len(nodes), nodes[0].name)
print(driver.destroy_node(node))
`;

test("the scripted server answers libcloud's driver for Eucalyptus", async (context) => {
  const server = await startEucalyptus();
  try {
    const args = [new URL(server.url).port, accessKeyId];
    const { missing, code, stdout, stderr } = await runPython({ script: outside, arguments: args });
    context.skip(missing !== null, missing ?? '');
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([`m1.small m1.large c1.xlarge 512 ${image} True 1 outside`, 'True']);
  } finally {
    await server.close();
  }
});
