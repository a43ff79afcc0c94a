/** The OpenNebula adapter keeps the seam, against a scripted oned that an outside client checks as well. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { openOpenNebula } from '../../src/cloud/opennebula/opennebula.ts';
import { elementAt, textAt } from '../../src/cloud/opennebula/api.ts';
import type { Cloud } from '../../src/cloud/cloud.ts';
import type { DomainDefinition } from '../../src/model/domain.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { runPython } from '../kit/python.ts';
import { all, codeOf, first, goOn, make, orderOf, ours, outcomeOf } from './acts.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';
import { openCounter } from './counter.ts';
import type { ContextOptions } from './context.ts';
import { faultScript } from './faults-script.ts';
import { openOpenNebulaServer, session } from './opennebula-server.ts';
import type { OpenNebulaServer } from './opennebula-server.ts';

const [user = '', password = ''] = session.split(':');
const declared = { capabilities: { tier: 'gold', scratch: '1G' }, zone: 'default' };
const domains: ContextOptions['domains'] = {
  d1: { ...declared, machineTypes: ['debian small', 'debian large', 'debian small:3x3G'], subnet: 'private' },
};

interface Opening {
  readonly owner?: string;
  readonly domain?: Omit<DomainDefinition, 'provider'>;
  readonly credentials?: string;
  readonly clock?: ContextOptions['clock'];
}

function open(url: string, opening: Opening = {}): Cloud {
  const { owner = ours, domain, credentials = JSON.stringify({ user, password }), clock = systemClock } = opening;
  const definition = { kind: 'opennebula', endpoint: url, credentials: 'secret://one', allowPrivate: true } as const;
  const known = domain === undefined ? domains : { d1: domain };
  const secrets = { 'secret://one': credentials };
  return openOpenNebula(contextOf({ owner, definition, domains: known, secrets, clock }));
}

function methodOf({ body }: PassingRequest): string {
  return /<methodName>one\.([\w.]+)</.exec(body)?.[1] ?? '';
}

function changes(request: PassingRequest): boolean {
  return /^(template\.instantiate|vm\.action|secgroup\.(allocate|update|delete))$/.test(methodOf(request));
}

function settle(server: OpenNebulaServer): Promise<void> {
  for (let step = 0; step < 4; step += 1) server.advance();
  return Promise.resolve();
}

conformance('opennebula', { kind: 'opennebula', attributes: ['arch'] }, async () => {
  const server = await openOpenNebulaServer();
  const full = await openOpenNebulaServer({ vms: 0 });
  const crowded = await openOpenNebulaServer({ leases: 0 });
  const proxy = await openFaultProxy({ upstream: new URL(server.url).origin, changes });
  const wrong = JSON.stringify({ user, password: 'not this one' });
  const contextual = (id: string, name: string) =>
    textAt(server.vms.get(Number(id))!.template, 'CONTEXT', name) ?? null;
  return {
    open: (owner) => open(server.url, { owner }),
    broken: [
      { what: 'a wrong password', code: 'denied', open: (owner) => open(server.url, { owner, credentials: wrong }) },
      {
        what: 'credentials that are none',
        code: 'invalid',
        open: (owner) => open(server.url, { owner, credentials: 'x:y' }),
      },
      { what: 'nobody listening', code: 'unavailable', open: (owner) => open('http://127.0.0.1:9/RPC2', { owner }) },
    ],
    secrets: [password, 'not this one'],
    settle: () => settle(server),
    stop: async () => {
      await proxy.close();
      for (const one of [server, full, crowded]) await one.close();
    },
    made: {
      userData: (id) => Promise.resolve(Buffer.from(contextual(id, 'START_SCRIPT_BASE64') ?? '', 'base64').toString()),
      standing: () => Promise.resolve(server.standing()),
      foreign: () => Promise.resolve(String(server.foreign())),
      many: 260,
      short: [
        { what: 'a quota that is used up', code: 'quota', open: (owner) => open(full.url, { owner }) },
        { what: 'a network without addresses', code: 'no-capacity', open: (owner) => open(crowded.url, { owner }) },
      ],
      troubled: { open: (owner) => open(`${proxy.url}/RPC2`, { owner }), trouble: proxy.trouble },
    },
  };
});

faultScript('opennebula', async () => {
  const server = await openOpenNebulaServer({ hostCores: 100_000 });
  const proxy = await openFaultProxy({ upstream: new URL(server.url).origin, changes });
  return {
    open: (owner) => open(`${proxy.url}/RPC2`, { owner }),
    trouble: proxy.trouble,
    standing: () => Promise.resolve(server.standing()),
    settle: () => settle(server),
    stop: async () => {
      await proxy.close();
      await server.close();
    },
  };
});

describe('OpenNebula', () => {
  let server: OpenNebulaServer;
  beforeAll(async () => void (server = await openOpenNebulaServer({ hostCores: 4, failingTerminates: 0 })));
  afterAll(() => server.close());

  const orderHere = async (token: string) => orderOf(await first(open(server.url)), token);
  const wipeHere = async () => {
    for (const owned of await all(open(server.url), ours))
      if (owned.kind === 'machine') await open(server.url).destroy(owned, goOn);
    await settle(server);
  };

  test('twins of a token: the oldest is the machine, and the younger ones go', async () => {
    const order = await orderHere('m-twin');
    const [one] = await make(open(server.url), [order]);
    const twin = server.foreign();
    const { userTemplate } = server.vms.get(Number(one?.id))!;
    Object.assign(server.vms.get(twin)!.userTemplate, userTemplate);
    const [again] = await make(open(server.url), [order]);
    expect(again?.id).toBe(one?.id);
    expect(server.vms.get(twin)?.state).toBe(6);
    await wipeHere();
  });

  test('nothing is looked up twice where one look tells it', async () => {
    const counter = await openCounter(new URL(server.url).origin, methodOf);
    const cloud = open(`${counter.url}/RPC2`);
    const [one, two, three] = ['m-1', 'm-2', 'm-3'].map((token) => orderHere(token));
    const catalogue = { 'clusterpool.info': 1, 'imagepool.info': 1, 'templatepool.info': 1, 'vnpool.info': 1 };
    const group = { 'secgrouppool.info': 1 };
    const before = { ...catalogue, ...group, 'vmpool.infoextended': 1 };
    const rules = [{ ports: [4369, 4369], from: ['members'] }] as const;
    await cloud.allow(ours, rules, goOn);
    expect(counter.take()).toMatchObject({ ...group, 'vmpool.infoextended': 1 });
    await make(cloud, [await one!, await two!]);
    // the machines that came since are looked for once for the orders, and once when their turn to enter the group has come
    const entering = { 'secgroup.info': 1, 'secgroup.update': 1, 'vmpool.infoextended': 3 };
    expect(counter.take()).toEqual({ ...before, ...entering, 'template.instantiate': 2 });
    await make(cloud, [await one!, await two!]);
    expect(counter.take()).toEqual(before);
    await cloud.allow(ours, rules, goOn);
    expect(counter.take()).toEqual({ ...group, 'vmpool.infoextended': 1 });
    await cloud.allow(ours, [], goOn);
    expect(counter.take()).toEqual({ ...group, 'secgroup.update': 1 });
    await make(cloud, [await three!]);
    const bare = { 'secgroup.info': 1, 'vmpool.infoextended': 2 };
    expect(counter.take()).toEqual({ ...before, ...bare, 'template.instantiate': 1 });
    await counter.close();
    await wipeHere();
  });

  test('a terminate that fails without a word is asked for again', async () => {
    const [owned] = await make(open(server.url), [await orderHere('m-stubborn')]);
    await settle(server);
    Object.assign(server.options, { failingTerminates: 1 });
    await open(server.url).destroy(owned!, goOn);
    expect((await all(open(server.url), ours)).find(({ id }) => id === owned?.id)?.state).toBe('going');
    await settle(server);
    expect((await all(open(server.url), ours)).find(({ id }) => id === owned?.id)?.state).toBe('running');
    await open(server.url).destroy(owned!, goOn);
    await settle(server);
    expect((await all(open(server.url), ours)).filter(({ kind }) => kind === 'machine')).toEqual([]);
    await open(server.url).destroy(owned!, goOn);
  });

  test('a machine being copied cannot be ended yet, and says so without asking', async () => {
    const [owned] = await make(open(server.url), [await orderHere('m-copied')]);
    server.advance();
    expect(await codeOf(open(server.url), () => open(server.url).destroy(owned!, goOn))).toBe('unavailable');
    await settle(server);
    await wipeHere();
  });

  test('what no host takes waits with the scheduler’s words, and past its boot deadline there is no capacity', async () => {
    const large = (clock = systemClock) =>
      open(server.url, { clock, domain: { ...declared, machineTypes: ['debian large'] } });
    const cloud = large();
    const orders = ['m-a', 'm-b', 'm-c'].map((token) => ({
      token,
      domain: 'd1',
      id: 'd1/debian large',
      machineType: 'debian large',
    }));
    await make(
      cloud,
      orders.map((order) => orderOf(order, order.token)),
    );
    await settle(server);
    const words = 'Cannot dispatch VM: No host with enough capacity to deploy the VM';
    const waiting = (await all(cloud, ours)).find(({ token }) => token === 'm-c');
    expect(waiting).toMatchObject({ state: 'starting', words });
    const later = large({ ...systemClock, now: () => systemClock.now() + 700_000 });
    const given = (await all(later, ours)).find(({ token }) => token === 'm-c');
    expect(given).toMatchObject({ state: 'failed', words: expect.stringContaining(words) as string });
    expect((await later.offers(goOn))[0]?.fault).toEqual({ code: 'no-capacity', why: words });
    await wipeHere();
  });

  test('a size of one’s own changes cores and memory of the template', async () => {
    const domain = { ...declared, machineTypes: ['debian small:3x3G'] };
    const [offer] = await open(server.url, { domain }).offers(goOn);
    expect(offer?.capacity).toEqual({ cores: 3, memoryBytes: 3 * 2 ** 30, diskFreeBytes: 10 * 2 ** 30 });
    const [owned] = await make(open(server.url, { domain }), [orderOf(offer!, 'm-sized')]);
    const { template } = server.vms.get(Number(owned?.id))!;
    expect(template).toMatchObject({ CPU: '3', VCPU: '3', MEMORY: '3072', SCHED_REQUIREMENTS: 'CLUSTER_ID = 0' });
    await wipeHere();
  });

  test('what a domain names and is not there is a fault of its offers, and of orders', async () => {
    for (const [name, domain, code] of [
      ['image', { image: 'nixos' }, 'not-found'],
      ['virtual network', { subnet: 'nowhere' }, 'not-found'],
      ['cluster', { zone: 'andromeda' }, 'not-found'],
      ['VM template', { machineTypes: ['huge'] }, 'not-found'],
      ['floating', { publicAddress: true }, 'invalid'],
      ['no network', { machineTypes: ['bare'] }, 'invalid'],
    ] as const) {
      const cloud = open(server.url, { domain: { machineTypes: ['debian small'], ...domain } as never });
      const [offer] = await cloud.offers(goOn);
      expect(offer?.fault, name).toMatchObject({ code, why: expect.stringContaining(name) as string });
      expect((await cloud.create([orderOf(offer!, 'm-none')], goOn)).map(outcomeOf(cloud)), name).toEqual([code]);
      expect((await cloud.check(goOn)).find(({ level }) => level === 'error')?.code, name).toBe(code);
    }
  });

  test('members of the firewall are the addresses of our machines, also of those that come later', async () => {
    const cloud = open(server.url);
    await cloud.allow(ours, [{ ports: [9100, 9199], from: ['members', '192.0.2.0/24'] }], goOn);
    const made = await make(cloud, [await orderHere('m-1'), await orderHere('m-2')]);
    const group = [...server.groups.values()].find(({ name }) => name === `wombat-${ours}-under-test`)!;
    const rules = JSON.stringify(group.template['RULE']);
    expect(rules).toContain('"IP":"192.0.2.0","SIZE":"256"');
    const [lowest = ''] = made.map(({ addresses }) => addresses[0]?.address ?? '').toSorted();
    expect(rules).toContain(`"IP":"${lowest}","SIZE":"2"`);
    expect(elementAt(group.template, 'RULE')).toMatchObject({ PROTOCOL: 'ALL', RULE_TYPE: 'outbound' });
    expect(server.vms.get(Number(made[0]?.id))?.groups).toContain(String(group.id));
    await wipeHere();
  });

  test('a group that is changed while machines are made has the change, and the machines', async () => {
    const cloud = open(server.url);
    for (let round = 0; round < 4; round += 1) {
      await cloud.allow(ours, [{ ports: [4369, 4369], from: ['members'] }], goOn);
      const orders = [await orderHere(`m-${round}`)];
      const more = [{ ports: [9100, 9199] as const, from: ['members'] }];
      await Promise.all([make(cloud, orders), cloud.allow(ours, more, goOn)]);
      const group = [...server.groups.values()].find(({ name }) => name === `wombat-${ours}-under-test`)!;
      const rules = group.template['RULE'] as { RANGE?: string; SIZE?: string }[];
      const sizes = rules.filter(({ RANGE }) => RANGE === '9100:9199').map(({ SIZE }) => Number(SIZE));
      expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(round + 1);
    }
    await wipeHere();
  });

  test('who may not see hosts gets offers by quota alone', async () => {
    const plain = await openOpenNebulaServer({ plainUser: true, vms: 5 });
    expect((await open(plain.url).offers(goOn)).map(({ left }) => left)).toEqual([5, 5, 5]);
    await plain.close();
  });

  test('a network that is open whatever we say is told', async () => {
    const findings = await open(server.url).check(goOn);
    expect(findings.filter(({ level }) => level === 'warning')[0]?.words).toContain('security group 0');
  });
});

/** OpenNebula's own Python client reads the same server, with types made from OpenNebula's own schemas. */
const outside = `
import pyone, sys
url, session = sys.argv[1], sys.stdin.read()
one = pyone.OneServer(url, session=session)
template = {'TEMPLATE': {'CONTEXT': {'NETWORK': 'YES'}, 'WOMBAT_TOKEN': 'from "outside" <&>'}}
vm = one.template.instantiate(0, 'outside', False, template, False)
found = [v for v in one.vmpool.infoextended(-2, 0, -10, -1).VM if v.ID == vm]
assert found[0].NAME == 'outside' and found[0].STATE == 1, found
assert found[0].USER_TEMPLATE['WOMBAT_TOKEN'] == 'from "outside" <&>', found[0].USER_TEMPLATE
assert one.vm.info(vm, False).TEMPLATE['NIC']['IP'].startswith('10.80.')
assert one.templatepool.info(-2, -1, -1).VMTEMPLATE[0].NAME == 'debian small'
assert one.hostpool.info().HOST[0].HOST_SHARE.TOTAL_CPU > 0
one.vm.action('terminate-hard', vm)
assert one.vm.info(vm, False).STATE == 6
try:
    one.vm.info(999, False)
except pyone.OneNoExistsException as error:
    print('no such VM:', error)
try:
    pyone.OneServer(url, session='a:b').vmpool.info(-2, -1, -1, -1)
except pyone.OneAuthenticationException as error:
    print('refused:', error)
print('agreed')
`;

describe('the scripted oned', () => {
  test('agrees with pyone, OpenNebula’s own client', { timeout: 240_000 }, async (context) => {
    const server = await openOpenNebulaServer();
    try {
      const answer = await runPython({
        packages: ['pyone==7.3.80'],
        script: outside,
        arguments: [server.url],
        input: session,
      });
      context.skip(answer.missing !== null, answer.missing ?? '');
      expect(answer.stderr).toBe('');
      expect(answer.stdout).toContain('agreed');
    } finally {
      await server.close();
    }
  });
});
