/** EC2 keeps the seam, and passes the fault script, against the scripted server; outside clients check the server. */
import { describe, expect, test } from 'vitest';
import { ensureMoto, motoPython } from '../../lab/moto.ts';
import type { Order } from '../../src/cloud/cloud.ts';
import { openEc2 } from '../../src/cloud/ec2/ec2.ts';
import type { DomainDefinition } from '../../src/model/domain.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { collect } from '../kit/collect.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { runPython } from '../kit/python.ts';
import { codeOf, goOn } from './acts.ts';
import { bootOf } from './boot.ts';
import { conformance } from './conformance.ts';
import type { Harness } from './conformance.ts';
import { contextOf } from './context.ts';
import { image, region } from './ec2-market.ts';
import { startEc2 } from './ec2-server.ts';
import type { Ec2Options, Ec2Server } from './ec2-server.ts';
import { accessKey } from './ec2-signature.ts';
import { faultScript } from './faults-script.ts';
import { refusalAnswer } from './moto-front.ts';

type Definition = Extract<ProviderDefinition, { kind: 'ec2' }>;
type Domains = Readonly<Record<string, Omit<DomainDefinition, 'provider'>>>;

const credentials = 'secret://file/aws.json';
const secret = JSON.stringify(accessKey);
const domain = {
  zone: 'eu-north-1a',
  image,
  machineTypes: ['m5.large', 't3.micro', 't3.small'],
  capabilities: { tier: 'gold', scratch: '1G' },
};

function open(endpoint: string, change: Partial<Definition> = {}, key = secret, domains: Domains = { d1: domain }) {
  return (owner: string) => {
    const definition = { kind: 'ec2', region, credentials, endpoint, allowPrivate: true, ...change } as const;
    return openEc2(contextOf({ owner, definition, domains, secrets: { [credentials]: key } }));
  };
}

function changes({ body }: PassingRequest): boolean {
  return body.includes('Action=') && !/Action=Describe/.test(body);
}

const throttled = refusalAnswer({ status: 503, code: 'RequestLimitExceeded', words: 'Request limit exceeded.' });
const waiting = (seconds: string) => ({ ...throttled, headers: { ...throttled.headers, 'retry-after': seconds } });

async function startHarness(): Promise<Harness> {
  const server = await startEc2({ largestPage: 7 });
  const poor = await startEc2({ cores: 0 });
  const proxy = await openFaultProxy({ upstream: server.url, changes });
  const { machineTypes: _types, ...anyType } = domain;
  const broken = (endpoint: string, change: Partial<Definition> = {}, key = secret) =>
    open(endpoint, change, key, { d1: anyType });
  const { machines } = server;
  return {
    open: open(server.url),
    broken: [
      { what: 'a port on which nobody listens', code: 'unavailable', open: broken('http://127.0.0.1:1') },
      { what: 'a loopback address', code: 'denied', open: broken(server.url, { allowPrivate: false }) },
      { what: 'a secret that is no access key', code: 'invalid', open: broken(server.url, {}, 'hunter2') },
      {
        what: 'an access key that nobody knows',
        code: 'denied',
        open: broken(server.url, {}, JSON.stringify({ ...accessKey, accessKeyId: 'AKIASTRANGER' })),
      },
      {
        what: 'another secret key',
        code: 'denied',
        open: broken(server.url, {}, JSON.stringify({ ...accessKey, secretAccessKey: 'hunter2-hunter2' })),
      },
    ],
    secrets: [accessKey.secretAccessKey, 'hunter2'],
    settle: () => Promise.try(() => settle(server, 3)),
    stop: async () => {
      await Promise.all([proxy, server, poor].map((one) => one.close()));
    },
    made: {
      userData: (id) => {
        const text = machines.instances.get(id)?.parameters.get('UserData') ?? null;
        return Promise.resolve(text === null ? null : Buffer.from(text, 'base64').toString());
      },
      publicKey: (id) => {
        const name = machines.instances.get(id)?.parameters.get('KeyName') ?? '';
        return Promise.resolve(machines.beside.keys.get(name)?.text ?? null);
      },
      standing: () => Promise.resolve(machines.standing()),
      foreign: () => {
        machines.run(new URLSearchParams({ ImageId: image, InstanceType: 't3.micro', MinCount: '1', MaxCount: '1' }));
        return Promise.resolve([...machines.instances.keys()].at(-1) ?? '');
      },
      many: 16,
      short: [
        {
          what: 'a zone without room',
          code: 'no-capacity',
          open: open(server.url, {}, secret, { d1: { ...domain, zone: 'eu-north-1c' } }),
        },
        { what: 'an account at its quota', code: 'quota', open: open(poor.url) },
      ],
      troubled: { open: open(proxy.url), trouble: proxy.trouble, throttled: waiting('7') },
    },
  };
}

function settle({ machines }: Ec2Server, times: number): void {
  for (let time = 0; time < times; time += 1) machines.settle();
}

conformance('small ec2', { kind: 'ec2', attributes: ['arch', 'os', 'gpu'] }, startHarness);

faultScript('small ec2', async () => {
  const server = await startEc2({ unseenLooks: 2 });
  const proxy = await openFaultProxy({ upstream: server.url, changes });
  return {
    open: open(proxy.url),
    trouble: proxy.trouble,
    standing: () => Promise.resolve(server.machines.standing()),
    settle: () => Promise.try(() => settle(server, 1)),
    stop: async () => {
      await Promise.all([proxy.close(), server.close()]);
    },
    refusals: { throttled: waiting('1') },
  };
});

describe('small ec2', () => {
  const order = (token: string, change: Partial<Order> = {}): Order => ({
    ...{ token, owner: 'o', domain: 'd1', offer: 'd1/t3.micro', machineType: 't3.micro', name: token, boot: bootOf() },
    ...change,
  });
  const withServer = async (options: Ec2Options, act: (server: Ec2Server) => Promise<void>) => {
    const server = await startEc2(options);
    await act(server).finally(() => server.close());
  };

  test('what domains of a region need alike is asked once, for offers, for a batch and for a check', () =>
    withServer({}, async ({ url, calls }) => {
      const domains = {
        d1: domain,
        d2: { ...domain, machineTypes: ['m5.xlarge'] },
        d3: { ...domain, zone: 'eu-north-1b' },
        d4: { ...domain, zone: 'eu-north-1b', machineTypes: ['g4dn.xlarge', 't3.micro'] },
      };
      const cloud = open(url, {}, secret, domains)('o');
      const sold = Map.groupBy(await cloud.offers(goOn), (offer) => offer.domain);
      expect([...sold].map(([name, offers]) => `${name}: ${offers.map((one) => one.machineType).join(' ')}`)).toEqual([
        'd1: m5.large t3.micro t3.small',
        'd2: m5.xlarge',
        'd3: m5.large t3.micro t3.small',
        'd4: g4dn.xlarge t3.micro',
      ]);
      expect(sold.get('d4')?.[0]?.attributes).toMatchObject({
        gpu: true,
        gpus: 1,
        gpu_model: 'T4',
        zone: 'eu-north-1b',
      });
      const asked = { DescribeInstanceTypes: 1, DescribeImages: 1, DescribeInstances: 1 };
      expect(Object.fromEntries(calls)).toEqual({ ...asked, DescribeInstanceTypeOfferings: 2, DescribeSubnets: 2 });
      const orders = ['d1', 'd3', 'd4'].map((name) => order(`m-${name}`, { domain: name, offer: `${name}/t3.micro` }));
      const created = await cloud.create(orders, goOn);
      expect(created.map(({ ok }) => ok)).toEqual([true, true, true]);
      expect(['CreateSecurityGroup', 'ImportKeyPair', 'RunInstances'].map((one) => calls.get(one))).toEqual([1, 1, 3]);
    }));

  test('a domain that names no machine types is sold all that its image can run on, and the others theirs', () =>
    withServer({}, async ({ url, calls }) => {
      const { machineTypes: _types, ...any } = domain;
      const domains = { d1: domain, d2: { ...any, image: 'ami-00000000000a4d13' } };
      const offers = await open(url, {}, secret, domains)('o').offers(goOn);
      expect(offers.map(({ id }) => id)).toEqual(['d1/m5.large', 'd1/t3.micro', 'd1/t3.small', 'd2/c7g.large']);
      expect(calls.get('DescribeInstanceTypes')).toBe(1);
    }));

  test('whatever the adapter does and the account may not is told by the check, action by action, and nothing is done', () =>
    withServer({}, async ({ url, calls, machines }) => {
      const cloud = open(url)('o');
      await cloud.create([order('m-1'), order('m-2')], goOn);
      await cloud.allow('o', [{ ports: [22, 22], from: ['192.0.2.0/24'] }], goOn);
      await cloud.allow('o', [], goOn);
      await cloud.offers(goOn);
      machines.fail([...machines.instances.keys()][0] ?? '', 'Server.InternalError', 'on launch');
      machines.beside.volumes.set('vol-00000000000000abc', { tags: new Map([['wombat-owner', 'o']]), instance: null });
      for (const owned of await collect(cloud.list('o', goOn))) await cloud.destroy(owned, goOn).catch(() => undefined);
      machines.settle();
      machines.settle();
      for (const owned of await collect(cloud.list('o', goOn))) await cloud.destroy(owned, goOn);
      const used = [...calls.keys(), 'CreateTags'].toSorted();
      expect(used).toHaveLength(19);
      const before = machines.standing();
      for (const action of used) {
        const small = await startEc2({ denied: [action] });
        const errors = (await open(small.url)('o').check(goOn)).filter(({ level }) => level === 'error');
        const groups = [...small.machines.beside.groups.keys()];
        await small.close();
        expect(
          errors.map(({ code }) => code),
          action,
        ).toContain('denied');
        expect(errors[0]?.words, action).toContain('You are not authorized to perform this operation.');
        expect([groups.length, small.machines.instances.size], action).toEqual([1, 0]);
      }
      expect(machines.standing()).toEqual(before);
      const findings = await cloud.check(goOn);
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
      expect(findings.map(({ what }) => what)).toContain('making machines in domain d1');
    }));

  test('I2: an order whose domain looks otherwise when it is repeated is found by its token, in one look', () =>
    withServer({}, async ({ url, calls }) => {
      const orders = Array.from({ length: 12 }, (_, index) => order(`m-${index}`));
      const created = await open(url)('o').create(orders, goOn);
      const looks = calls.get('DescribeInstances') ?? 0;
      const changed = { d1: { ...domain, publicAddress: true } };
      const [again] = await open(url, {}, secret, changed)('o').create([order('m-7')], goOn);
      expect(again?.ok && again.owned.id).toBe(created[7]?.ok && created[7].owned.id);
      expect(calls.get('DescribeInstances')).toBe(looks + 1);
    }));

  test('a clock that is an hour late is set right by what EC2 says: the first call is to be repeated, the next goes on', () =>
    withServer({ aheadMs: 3_600_000 }, async ({ url }) => {
      const cloud = open(url)('o');
      expect(await codeOf(cloud, () => collect(cloud.list('o', goOn)))).toBe('unavailable');
      expect(await collect(cloud.list('o', goOn))).toEqual([]);
      expect((await cloud.create([order('m-1')], goOn)).map(({ ok }) => ok)).toEqual([true]);
    }));

  test('a machine that the provider ended is listed as failed, in its words, and is ours no more once it was given back', () =>
    withServer({}, async ({ url, machines }) => {
      const cloud = open(url)('o');
      await cloud.create([order('m-1')], goOn);
      const [id = ''] = machines.instances.keys();
      machines.fail(id, 'Server.InternalError', 'Internal error on launch');
      const listed = async () => (await collect(cloud.list('o', goOn))).filter(({ kind }) => kind === 'machine');
      const [failed] = await listed();
      expect(failed).toMatchObject({ id, state: 'failed', words: 'Server.InternalError: Internal error on launch' });
      await cloud.destroy(failed!, goOn);
      expect(await listed()).toEqual([]);
    }));

  test('a volume that outlived its machine is listed, and given back', () =>
    withServer({}, async ({ url, machines }) => {
      const cloud = open(url)('o');
      machines.beside.volumes.set('vol-00000000000000abc', { tags: new Map([['wombat-owner', 'o']]), instance: null });
      const [volume] = await collect(cloud.list('o', goOn));
      expect(volume).toMatchObject({ kind: 'beside', id: 'vol-00000000000000abc' });
      await cloud.destroy(volume!, goOn);
      expect(machines.beside.volumes.size).toBe(0);
    }));
});

/** What boto3, Amazon's own client, does with the scripted server: one page after the other, one token twice. */
const boto = `
import sys, boto3, botocore
url, key, secret, region, image = sys.argv[1], sys.argv[2], sys.stdin.read(), sys.argv[3], sys.argv[4]
ec2 = boto3.client('ec2', endpoint_url=url, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret)
def code(act):
    try:
        act()
        return 'nothing'
    except botocore.exceptions.ClientError as error:
        return error.response['Error']['Code']
order = {'ImageId': image, 'InstanceType': 't3.micro', 'ClientToken': 't-1', 'MinCount': 2, 'MaxCount': 3}
first, again = (ec2.run_instances(**order) for _ in range(2))
ids = [one['InstanceId'] for one in first['Instances']]
print(len(ids), ids == [one['InstanceId'] for one in again['Instances']], first['Instances'][0]['State']['Name'])
print(code(lambda: ec2.run_instances(**{**order, 'InstanceType': 't3.small'})))
print(code(lambda: ec2.run_instances(**order, DryRun=True)), code(lambda: ec2.describe_instances(MaxResults=4)))
print(code(lambda: ec2.describe_instances(InstanceIds=['i-1'])), code(lambda: ec2.run_instances(**{**order, 'ClientToken': 't-2', 'MinCount': 9, 'MaxCount': 9})))
pages = list(ec2.get_paginator('describe_instances').paginate(PaginationConfig={'PageSize': 5}))
print(len(pages), [one['InstanceId'] for page in pages for each in page['Reservations'] for one in each['Instances']] == ids)
types = ec2.describe_instance_types(Filters=[{'Name': 'instance-type', 'Values': ['g4dn.xlarge']}])['InstanceTypes'][0]
print(types['VCpuInfo']['DefaultVCpus'], types['MemoryInfo']['SizeInMiB'], types['GpuInfo']['Gpus'][0]['Name'])
group = ec2.create_security_group(GroupName='g', Description='d')['GroupId']
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '192.0.2.0/24'}]}])
rule = ec2.describe_security_groups(GroupIds=[group])['SecurityGroups'][0]['IpPermissions'][0]
print(rule['FromPort'], rule['IpRanges'][0]['CidrIp'])
ended = ec2.terminate_instances(InstanceIds=ids)['TerminatingInstances']
print({one['CurrentState']['Name'] for one in ended})
`;

test('the scripted server answers boto3', async (context) => {
  const able = await ensureMoto();
  context.skip(!able.ok, able.ok ? '' : `boto3 comes with moto: ${able.why}`);
  const server = await startEc2({ largestPage: 2, cores: 10 });
  try {
    const args = [server.url, accessKey.accessKeyId, region, image];
    const input = accessKey.secretAccessKey;
    const { code, stdout, stderr } = await runPython({ python: motoPython, script: boto, arguments: args, input });
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      '3 True pending',
      'IdempotentParameterMismatch',
      'DryRunOperation InvalidParameterValue',
      'InvalidInstanceID.NotFound VcpuLimitExceeded',
      '2 True',
      '4 16384 T4',
      '22 192.0.2.0/24',
      "{'shutting-down'}",
    ]);
  } finally {
    await server.close();
  }
});

/** What libcloud's driver for EC2 does with it; it signs a query, where others sign a form. */
const libcloud = `
import sys, warnings
warnings.simplefilter('ignore')
from libcloud.compute.drivers.ec2 import EC2NodeDriver
port, key, region, secret = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.stdin.read()
driver = EC2NodeDriver(key, secret, secure=False, host='127.0.0.1', port=port, region=region, signature_version='4')
image = [one for one in driver.list_images() if one.name == 'debian-13-amd64'][0]
size = [one for one in driver.list_sizes() if one.id == 't3.micro'][0]
make = lambda: driver.create_node(name='outside', image=image, size=size, ex_clienttoken='t-1')
node = make()
nodes = driver.list_nodes()
print(node.id == nodes[0].id, len(nodes), nodes[0].name, [zone.name for zone in driver.ex_list_availability_zones()][-1])
print(driver.destroy_node(node))
`;

test("the scripted server answers libcloud's driver for EC2", async (context) => {
  const server = await startEc2();
  try {
    const args = [new URL(server.url).port, accessKey.accessKeyId, region];
    const input = accessKey.secretAccessKey;
    const { missing, code, stdout, stderr } = await runPython({ script: libcloud, arguments: args, input });
    context.skip(missing !== null, missing ?? '');
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(['True 1 outside eu-north-1c', 'True']);
  } finally {
    await server.close();
  }
});
