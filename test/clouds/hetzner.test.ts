/** The Hetzner Cloud keeps the seam, and passes the fault script, against the scripted server. */
import { describe, expect, test } from 'vitest';
import type { Order } from '../../src/cloud/cloud.ts';
import { openHetzner } from '../../src/cloud/hetzner/hetzner.ts';
import type { DomainDefinition } from '../../src/model/domain.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { collect } from '../kit/collect.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { runPython } from '../kit/python.ts';
import type { Refusal } from '../kit/trouble.ts';
import { bootOf } from './boot.ts';
import { conformance } from './conformance.ts';
import type { Harness } from './conformance.ts';
import { contextOf } from './context.ts';
import { faultScript } from './faults-script.ts';
import { startHetzner, tokens } from './hetzner-server.ts';
import type { HetznerServer } from './hetzner-server.ts';

type Definition = Extract<ProviderDefinition, { kind: 'hetzner' }>;
type Domains = Readonly<Record<string, Omit<DomainDefinition, 'provider'>>>;

const goOn = new AbortController().signal;
const credentials = 'secret://file/hetzner.json';
const writing = JSON.stringify({ token: tokens.write });
const domain = {
  region: 'fsn1',
  image: 'debian-13',
  publicAddress: true,
  capabilities: { tier: 'gold', scratch: '1G' },
};

function open(endpoint: string, change: Partial<Definition> = {}, secret = writing, domains: Domains = { d1: domain }) {
  return (owner: string) => {
    const definition = { kind: 'hetzner', credentials, endpoint, allowPrivate: true, ...change } as const;
    return openHetzner(contextOf({ owner, definition, domains, secrets: { [credentials]: secret } }));
  };
}

function changes({ method }: PassingRequest): boolean {
  return method !== 'GET';
}

function standing({ servers, firewalls, keys }: HetznerServer): Promise<string[]> {
  const things = [...servers.values(), ...firewalls.values(), ...keys.values()];
  return Promise.resolve(things.map(({ id, name }) => `${id} ${name}`));
}

function settle(server: HetznerServer): Promise<void> {
  server.settle();
  return Promise.resolve();
}

function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  const text = JSON.stringify({ error: { code, message: `refused: ${code}`, details: {} } });
  return { status, headers: { 'content-type': 'application/json', ...headers }, text };
}

async function startHarness(): Promise<Harness> {
  const [server, soldOut, limited] = await Promise.all([startHetzner(), startHetzner(), startHetzner()]);
  soldOut.refusal = { status: 412, code: 'resource_unavailable', words: 'error during placement' };
  limited.refusal = { status: 403, code: 'resource_limit_exceeded', words: 'server limit exceeded' };
  const { origin, pathname } = new URL(server.url);
  const proxy = await openFaultProxy({ upstream: origin, changes });
  const unknown = JSON.stringify({ token: 'hunter2' });
  return {
    open: open(server.url),
    broken: [
      { what: 'a port on which nobody listens', code: 'unavailable', open: open('http://127.0.0.1:1/v1') },
      {
        what: 'a loopback address that is not allowed',
        code: 'denied',
        open: open(server.url, { allowPrivate: false }),
      },
      { what: 'a secret that is no token', code: 'invalid', open: open(server.url, {}, '{"password":"hunter2"}') },
      { what: 'a token that nobody knows', code: 'denied', open: open(server.url, {}, unknown) },
    ],
    secrets: [tokens.write, 'hunter2'],
    settle: () => settle(server),
    stop: async () => {
      await Promise.all([proxy, server, soldOut, limited].map((one) => one.close()));
    },
    made: {
      userData: (id) => {
        const text = server.servers.get(Number(id))?.ordered['user_data'];
        return Promise.resolve(typeof text === 'string' ? text : null);
      },
      publicKey: (id) => {
        const [key] = (server.servers.get(Number(id))?.ordered['ssh_keys'] ?? []) as number[];
        const text = server.keys.get(key ?? 0)?.['public_key'];
        return Promise.resolve(typeof text === 'string' ? text : null);
      },
      standing: () => standing(server),
      foreign: () => Promise.resolve(String(server.foreign())),
      many: 120,
      short: [
        { what: 'a location that is sold out', code: 'no-capacity', open: open(soldOut.url) },
        { what: 'a project at its limit', code: 'quota', open: open(limited.url) },
      ],
      troubled: {
        open: open(`${proxy.url}${pathname}`),
        trouble: proxy.trouble,
        throttled: refusal(429, 'rate_limit_exceeded', { 'retry-after': '7' }),
      },
    },
  };
}

conformance(
  'hetzner',
  { kind: 'hetzner', attributes: ['arch', 'glibc', 'country', 'latitude', 'longitude'] },
  startHarness,
);

faultScript('hetzner', async () => {
  const server = await startHetzner();
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
    refusals: {
      throttled: refusal(429, 'rate_limit_exceeded', { 'ratelimit-reset': '0' }),
      unavailable: refusal(503, 'unavailable'),
    },
  };
});

describe('hetzner', () => {
  const order = (token: string, change: Partial<Order> = {}): Order => ({
    token,
    owner: 'o',
    domain: 'd1',
    offer: 'd1/cx22',
    machineType: 'cx22',
    name: token,
    boot: bootOf(),
    ...change,
  });
  const withServer = async (act: (server: HetznerServer) => Promise<void>) => {
    const server = await startHetzner();
    await act(server).finally(() => server.close());
  };

  test('offers are those of the location, with its price; withdrawn types are none', () =>
    withServer(async (server) => {
      const offers = await open(server.url)('o').offers(goOn);
      expect(offers.map(({ machineType }) => machineType)).toEqual(['cpx11', 'cax11', 'ccx13', 'cx22']);
      expect(offers[1]).toMatchObject({ pricePerHour: 0.006, attributes: { arch: 'aarch64', country: 'DE' } });
      expect(offers[3]?.capacity).toEqual({ cores: 2, memoryBytes: 4 * 2 ** 30, diskFreeBytes: 40 * 2 ** 30 });
    }));

  test('members are the addresses of the machines that there are, also of those made since', () =>
    withServer(async (server) => {
      const cloud = open(server.url)('o');
      const rules = () => [...server.firewalls.values()][0]?.['rules'] as { port: string; source_ips: string[] }[];
      await cloud.allow('o', [{ ports: [4369, 4369], from: ['members', '203.0.113.0/24'] }], goOn);
      expect(rules().map(({ source_ips: sources }) => sources)).toEqual([['203.0.113.0/24'], ['192.0.2.1/32']]);
      await cloud.create([order('m-1'), order('m-2')], goOn);
      const addresses = [...server.servers.values()].map(
        (one) => (one['public_net'] as { ipv4: { ip: string } }).ipv4.ip,
      );
      expect(rules().map(({ source_ips: sources }) => sources)).toEqual([
        ['203.0.113.0/24'],
        addresses.map((address) => `${address}/32`),
      ]);
    }));

  test('a firewall that is changed while machines are made has the change, and the machines', () =>
    withServer(async (server) => {
      const cloud = open(server.url)('o');
      const rules = () => [...server.firewalls.values()][0]?.['rules'] as { port: string; source_ips: string[] }[];
      for (let round = 0; round < 8; round += 1) {
        await cloud.allow('o', [{ ports: [4369, 4369], from: ['members'] }], goOn);
        const more = [
          { ports: [4369, 4369] as const, from: ['members'] },
          { ports: [9100, 9100] as const, from: ['members'] },
        ];
        await Promise.all([cloud.create([order(`m-${round}`)], goOn), cloud.allow('o', more, goOn)]);
        expect(rules().map(({ port, source_ips: sources }) => [port, sources.length])).toEqual([
          ['4369', round + 1],
          ['9100', round + 1],
        ]);
      }
    }));

  test('a machine on a private network alone is entered by its private address', () =>
    withServer(async (server) => {
      const { publicAddress: _public, ...bare } = domain;
      const cloud = open(server.url, {}, writing, { d1: { ...bare, subnet: 'back' } })('o');
      await cloud.create([order('m-1')], goOn);
      const [owned] = await collect(cloud.list('o', goOn));
      expect(owned?.access).toMatchObject({ address: expect.stringMatching(/^10\.7\./), hostKey: bootOf().hostKey });
      const nowhere = open(server.url, {}, writing, { d1: bare })('o');
      expect((await nowhere.offers(goOn))[0]?.fault?.code).toBe('invalid');
    }));

  test('a token that may not write is told by the check, which makes nothing', () =>
    withServer(async (server) => {
      const findings = await open(server.url, {}, JSON.stringify({ token: tokens.read }))('o').check(goOn);
      expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
        { what: 'permission to write', code: 'denied' },
      ]);
      await open(server.url)('o').check(goOn);
      expect(await standing(server)).toEqual([]);
    }));

  test("I4: a server of the order's name that is another's is not taken", () =>
    withServer(async (server) => {
      const cloud = open(server.url)('o');
      await cloud.create([order('m-1')], goOn);
      const [first] = server.servers.values();
      Object.assign(first ?? {}, { labels: {} });
      const [again] = await cloud.create([order('m-1')], goOn);
      expect(again?.ok === false && cloud.faultOf(again.error)).toBe('exists');
    }));
});

/** What Hetzner's own library for Python does with the scripted server. */
const outside = `
import sys
from hcloud import Client, APIException
from hcloud.images.domain import Image
from hcloud.server_types.domain import ServerType
client = Client(token=sys.argv[2], api_endpoint=sys.argv[1])
print(' '.join(type.name for type in client.server_types.get_all()), [place.country for place in client.locations.get_all()])
order = dict(name='outside', server_type=ServerType(name='cx22'), image=Image(name='debian-13'), labels={'a': 'b'})
made = client.servers.create(**order)
try:
    client.servers.create(**order)
except APIException as error:
    print(error.code)
print(made.server.name, [server.id == made.server.id for server in client.servers.get_all(label_selector='a==b')])
made.server.delete()
`;

test("the scripted server answers Hetzner's own library", async (context) => {
  const server = await startHetzner();
  try {
    const args = [server.url, tokens.write];
    const { missing, code, stdout, stderr } = await runPython({ script: outside, arguments: args });
    context.skip(missing !== null, missing ?? '');
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      "cpx11 cax11 ccx13 cx22 cx11 ['DE', 'FI']",
      'uniqueness_error',
      'outside [True]',
    ]);
    server.settle();
    expect(server.servers.size).toBe(0);
  } finally {
    await server.close();
  }
});
