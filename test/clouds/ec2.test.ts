/** EC2 keeps the seam, and passes the fault script, against moto. */
import { EC2 } from '@aws-sdk/client-ec2';
import type { Instance } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ensureMoto, startMoto } from '../../lab/moto.ts';
import type { Order } from '../../src/cloud/cloud.ts';
import { openEc2 } from '../../src/cloud/ec2/ec2.ts';
import type { DomainDefinition } from '../../src/model/domain.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { collect } from '../kit/collect.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { bootOf } from './boot.ts';
import { conformance } from './conformance.ts';
import type { Harness } from './conformance.ts';
import { contextOf } from './context.ts';
import { faultScript } from './faults-script.ts';
import { openMotoFront, refusalAnswer } from './moto-front.ts';
import type { Ec2Refusal } from './moto-front.ts';

type Ec2Definition = Extract<ProviderDefinition, { kind: 'ec2' }>;

const goOn = new AbortController().signal;
const credentials = 'secret://file/aws.json';
const secretAccessKey = 'a-secret-access-key';
const accessKey = JSON.stringify({ accessKeyId: 'AKIDTEST', secretAccessKey });
const capabilities = { tier: 'gold', scratch: '1G' };
const machineTypes = ['t3.micro', 't3.small', 'm5.large'];

/** Moto with the layer in front of it, and EC2's own client to look at it with. */
async function startWorld() {
  const moto = await startMoto();
  const front = await openMotoFront(moto.url);
  const sdk = new EC2({
    endpoint: moto.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey },
  });
  const { Images = [] } = await sdk.describeImages({ Owners: ['amazon'] });
  const image = Images.find((one) => one.Architecture === 'x86_64' && one.PlatformDetails !== 'Windows')?.ImageId ?? '';
  const domain = { zone: 'us-east-1a', image, machineTypes, capabilities, prices: { 't3.micro': 0.0104 } };
  const open =
    (endpoint: string, change: Partial<Ec2Definition> = {}, secret = accessKey, domains: Domains = { d1: domain }) =>
    (owner: string) => {
      const definition = {
        kind: 'ec2',
        region: 'us-east-1',
        credentials,
        endpoint,
        allowPrivate: true,
        ...change,
      } as const;
      return openEc2(contextOf({ owner, definition, domains, secrets: { [credentials]: secret } }));
    };
  const instances = async () => {
    const found: Instance[] = [];
    // moto's pages are of a hundred unless it is told otherwise
    for (let NextToken: string | undefined, page = 0; page === 0 || NextToken !== undefined; page += 1) {
      const answer = await sdk.describeInstances({ MaxResults: 1_000, NextToken });
      found.push(...(answer.Reservations ?? []).flatMap((one) => one.Instances ?? []));
      NextToken = answer.NextToken;
    }
    return found;
  };
  const standing = async () => {
    const machines = (await instances()).filter(isThere).map(({ InstanceId = '' }) => InstanceId);
    const { SecurityGroups = [] } = await sdk.describeSecurityGroups({});
    const { KeyPairs = [] } = await sdk.describeKeyPairs({});
    const { Volumes = [] } = await sdk.describeVolumes({});
    const groups = SecurityGroups.map(({ GroupId = '' }) => GroupId);
    const volumes = Volumes.map(({ VolumeId = '' }) => VolumeId);
    return [...machines, ...groups, ...KeyPairs.map(({ KeyName = '' }) => KeyName), ...volumes];
  };
  const settle = async () => {
    const there = new Set((await instances()).filter(isThere).map(({ InstanceId }) => InstanceId));
    front.forget((id) => !there.has(id));
  };
  const stop = async () => {
    sdk.destroy();
    await front.close();
    await moto.stop();
  };
  return { moto, front, sdk, image, domain, open, instances, standing, settle, stop };
}

type Domains = Readonly<Record<string, Omit<DomainDefinition, 'provider'>>>;
type World = Awaited<ReturnType<typeof startWorld>>;

function isThere({ State }: Instance): boolean {
  return State?.Name !== 'terminated';
}

function changes({ body }: PassingRequest): boolean {
  return !/Action=(Describe|Get)/.test(body) && body.includes('Action=');
}

/** A front of its own in front of the same moto, where calls of that action are refused. */
async function refusing(world: World, action: string, refusal: Ec2Refusal) {
  const front = await openMotoFront(world.moto.url);
  front.refusals.set(action, refusal);
  return front;
}

const full = {
  status: 500,
  code: 'InsufficientInstanceCapacity',
  words: 'We currently do not have sufficient capacity.',
};
const limited = {
  status: 400,
  code: 'VcpuLimitExceeded',
  words: 'You have requested more vCPU capacity than your limit.',
};
const unknownKey = {
  status: 401,
  code: 'AuthFailure',
  words: 'AWS was not able to validate the provided access credentials',
};
const throttled = refusalAnswer({ status: 503, code: 'RequestLimitExceeded', words: 'Request limit exceeded.' });

async function startHarness(): Promise<Harness> {
  const world = await startWorld();
  const { front, sdk, open, image } = world;
  const { machineTypes: _types, ...anyType } = world.domain;
  const broken = (endpoint: string, change: Partial<Ec2Definition> = {}, secret = accessKey) =>
    open(endpoint, change, secret, { d1: anyType });
  const proxy = await openFaultProxy({ upstream: front.url, changes });
  const [noRoom, noQuota, stranger] = await Promise.all([
    refusing(world, 'RunInstances', full),
    refusing(world, 'RunInstances', limited),
    refusing(world, '*', unknownKey),
  ]);
  return {
    open: open(front.url),
    broken: [
      { what: 'a port on which nobody listens', code: 'unavailable', open: broken('http://127.0.0.1:1') },
      {
        what: 'a loopback address that is not allowed',
        code: 'denied',
        open: broken(front.url, { allowPrivate: false }),
      },
      { what: 'a secret that is no access key', code: 'invalid', open: broken(front.url, {}, 'hunter2') },
      {
        what: 'a secret that nobody has handed in',
        code: 'not-found',
        open: broken(front.url, { credentials: 'secret://no' }),
      },
      { what: 'an access key that EC2 does not know', code: 'denied', open: broken(stranger.url) },
    ],
    secrets: [secretAccessKey, 'hunter2'],
    settle: world.settle,
    stop: async () => {
      await Promise.all([proxy, noRoom, noQuota, stranger].map((one) => one.close()));
      await world.stop();
    },
    made: {
      async userData(id) {
        const { UserData } = await sdk.describeInstanceAttribute({ InstanceId: id, Attribute: 'userData' });
        return UserData?.Value === undefined ? null : Buffer.from(UserData.Value, 'base64').toString();
      },
      async publicKey(id) {
        const found = (await world.instances()).find(({ InstanceId }) => InstanceId === id);
        return found?.KeyName ?? null;
      },
      standing: world.standing,
      async foreign() {
        const { Instances = [] } = await sdk.runInstances({ ImageId: image, MinCount: 1, MaxCount: 1 });
        return Instances[0]?.InstanceId ?? '';
      },
      many: 45,
      short: [
        { what: 'a zone without room', code: 'no-capacity', open: open(noRoom.url) },
        { what: 'an account at its quota', code: 'quota', open: open(noQuota.url) },
      ],
      troubled: {
        open: open(proxy.url),
        trouble: proxy.trouble,
        throttled: { ...throttled, headers: { ...throttled.headers, 'retry-after': '7' } },
      },
    },
  };
}

const able = await ensureMoto();
if (able.ok) {
  conformance('ec2 over moto', { kind: 'ec2', attributes: ['arch', 'os', 'gpu'] }, startHarness);

  faultScript('ec2 over moto', async () => {
    const world = await startWorld();
    const proxy = await openFaultProxy({ upstream: world.front.url, changes });
    return {
      open: world.open(proxy.url),
      trouble: proxy.trouble,
      standing: world.standing,
      settle: world.settle,
      stop: async () => {
        await proxy.close();
        await world.stop();
      },
      refusals: { throttled: { ...throttled, headers: { ...throttled.headers, 'retry-after': '1' } } },
      many: 1_000,
      fewer: 'its default subnet has 4091 addresses, and it takes 80 ms for each machine; the small EC2 makes 10000',
    };
  });
} else {
  test.skip(`ec2 over moto: ${able.why}`, () => undefined);
}

describe.skipIf(!able.ok)('ec2', () => {
  const order = (token: string, change: Partial<Order> = {}): Order => ({
    token,
    owner: 'o',
    domain: 'd1',
    offer: 'd1/t3.micro',
    machineType: 't3.micro',
    name: token,
    boot: bootOf(),
    ...change,
  });
  const withWorld = async (act: (world: World) => Promise<void>) => {
    const world = await startWorld();
    await act(world).finally(() => world.stop());
  };

  test('I2: an order whose domain looks otherwise when it is repeated is the machine that it made', () =>
    withWorld(async ({ front, open, domain }) => {
      const [once] = await open(front.url)('o').create([order('m-1')], goOn);
      const changed = { d1: { ...domain, publicAddress: true } };
      const [twice] = await open(front.url, {}, accessKey, changed)('o').create([order('m-1')], goOn);
      expect(twice?.ok && twice.owned.id).toBe(once?.ok && once.owned.id);
    }));

  test('a public address is asked for and entered where the domain says so', () =>
    withWorld(async ({ front, open, domain }) => {
      const cloud = open(front.url, {}, accessKey, { d1: { ...domain, publicAddress: true } })('o');
      await cloud.create([order('m-1')], goOn);
      const [owned] = (await collect(cloud.list('o', goOn))).filter(({ kind }) => kind === 'machine');
      expect(owned?.access).toMatchObject({ method: 'ssh', address: owned?.addresses[1]?.address });
    }));

  test('the rules of a group are made exactly so, for both families of addresses and for members', () =>
    withWorld(async ({ front, open, sdk }) => {
      const cloud = open(front.url)('o');
      const from = ['members', '192.0.2.0/24', '2001:db8::/32'];
      await cloud.allow('o', [{ ports: [9100, 9199], from }], goOn);
      await cloud.allow(
        'o',
        [
          { ports: [9100, 9199], from: from.slice(0, 2) },
          { ports: [4369, 4369], from: ['members'] },
        ],
        goOn,
      );
      const { SecurityGroups = [] } = await sdk.describeSecurityGroups({ GroupNames: ['wombat-o-under-test'] });
      const [group] = SecurityGroups;
      const pair = [expect.objectContaining({ GroupId: group?.GroupId })];
      expect(group?.IpPermissions?.toSorted((a, b) => (a.FromPort ?? 0) - (b.FromPort ?? 0))).toMatchObject([
        { IpProtocol: 'tcp', FromPort: 4369, ToPort: 4369, IpRanges: [], UserIdGroupPairs: pair },
        {
          FromPort: 9100,
          ToPort: 9199,
          IpRanges: [{ CidrIp: '192.0.2.0/24' }],
          Ipv6Ranges: [],
          UserIdGroupPairs: pair,
        },
      ]);
    }));

  test('a domain without an image, or with one that is gone, is an offer with the reason', () =>
    withWorld(async ({ front, open, domain }) => {
      const { image: _image, ...bare } = domain;
      const domains = { d1: bare, d2: { ...domain, image: 'ami-0000000000000dead' }, d3: domain };
      const offers = await open(front.url, {}, accessKey, domains)('o').offers(goOn);
      expect(offers.map(({ id, fault }) => `${id} ${fault?.code ?? 'ok'}`)).toEqual([
        ...machineTypes.map((type) => `d1/${type} invalid`),
        ...machineTypes.map((type) => `d2/${type} not-found`),
        ...machineTypes.toSorted().map((type) => `d3/${type} ok`),
      ]);
      expect(offers.at(-2)).toMatchObject({ pricePerHour: 0.0104, attributes: { arch: 'x86_64', cores: 2 } });
    }));

  test('a group that is still used is a conflict, and is not lost sight of', () =>
    withWorld(async ({ front, open }) => {
      const inUse = { status: 400, code: 'DependencyViolation', words: 'resource sg-1 has a dependent object' };
      const cloud = open(front.url)('o');
      await cloud.create([order('m-1')], goOn);
      const group = (await collect(cloud.list('o', goOn))).find(({ id }) => id.startsWith('sg-'));
      front.refusals.set('DeleteSecurityGroup', inUse);
      await expect(cloud.destroy(group!, goOn)).rejects.toMatchObject({ code: 'conflict' });
      front.refusals.delete('DeleteSecurityGroup');
      expect((await collect(cloud.list('o', goOn))).map(({ id }) => id)).toContain(group?.id);
    }));
});
