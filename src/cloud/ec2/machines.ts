/** Instances: made one a call under their client token, found by their owner's tag, ended. */
import type { Instance, RunInstancesCommandInput, SecurityGroup } from '@aws-sdk/client-ec2';
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import { onceEach } from '../../base/once.ts';
import type { Domain } from '../../model/domain.ts';
import { createEach, groundOf, ownerTag, readTags, tagsOf, tokenTag } from '../cloud.ts';
import type { Cloud, Created, Order, Owned } from '../cloud.ts';
import { instancesIn, pages } from '../ec2-api/beside.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import { ec2CodeOf } from '../ec2-api/faults.ts';
import { unless } from '../ec2-api/group.ts';
import { ownedOf, recordOf, runInput, stateOf, tagsFrom } from '../ec2-api/machine.ts';
import { askOnce } from './asked.ts';
import type { Asked } from './asked.ts';
import { ensureGroup, ensureKey, listBeside, ownedBy } from './beside.ts';
import type { Ec2Site } from './ec2.ts';
import { networkOf } from './network.ts';
import type { Network } from './network.ts';

/** What the orders of one domain share: asked for once a batch. */
interface Ground {
  readonly api: Ec2Api;
  readonly domain: Domain;
  readonly network: Network;
  readonly group: string;
  readonly key: string | undefined;
}

/** Makes what is ordered, the domains side by side: one call an order, since a call has one client token (I2). */
export async function createInEc2(
  site: Ec2Site,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  const asked = askOnce(site, signal);
  const group = onceEach((region: string, owner: string, vpc: string) =>
    ensureGroup(site.api(region), owner, vpc, signal),
  );
  const key = onceEach((region: string, owner: string, publicKey: string) =>
    ensureKey(site.api(region), owner, publicKey, signal),
  );
  const ground = groundOf(site.context, (order, domain) => prepare(site, domain, order, { asked, group, key }));
  return await createEach(orders, async (order) => await run(site, await ground(order), order, signal), signal);
}

/** What domains share again: a group by region, owner and network, a key by region, owner and text. */
interface Shared {
  readonly asked: Asked;
  readonly group: (region: string, owner: string, vpc: string) => Promise<SecurityGroup>;
  readonly key: (region: string, owner: string, publicKey: string) => Promise<string>;
}

async function prepare(site: Ec2Site, domain: Domain, { owner, boot }: Order, shared: Shared): Promise<Ground> {
  const region = site.regionOf(domain);
  const network = await networkOf(shared.asked, region, domain);
  const { GroupId: group = '' } = await shared.group(region, owner, network.vpc);
  const key = boot === null ? undefined : await shared.key(region, owner, boot.publicKey);
  return { api: site.api(region), domain, network, group, key };
}

async function run(site: Ec2Site, { api, ...ground }: Ground, order: Order, signal: AbortSignal): Promise<Owned> {
  const input = inputOf(ground, order);
  try {
    const answer = await api.call('RunInstances', (sdk, within) => sdk.runInstances(input, within), signal);
    return owned(site, order, answer.Instances?.[0]);
  } catch (error) {
    // the token has made a machine already, when the domain looked otherwise: that machine is the order's (I2)
    if (ec2CodeOf(error) !== 'IdempotentParameterMismatch') throw error;
    const filters = [ownedBy(order.owner), { Name: `tag:${tokenTag}`, Values: [order.token] }];
    for await (const standing of machinesIn(site, api.region, filters, signal)) return standing;
    throw error;
  }
}

function inputOf({ domain, network, group, key }: Omit<Ground, 'api'>, order: Order): RunInstancesCommandInput {
  const tags = tagsOf(order);
  const { publicAddress = false } = domain.definition;
  const { Placement: _zone, ...input } = runInput(order, domain, key);
  return {
    ...input,
    NetworkInterfaces: [
      { DeviceIndex: 0, SubnetId: network.subnet, Groups: [group], AssociatePublicIpAddress: publicAddress },
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tagsFrom({ ...tags, Name: order.name }) },
      { ResourceType: 'volume', Tags: tagsFrom({ [ownerTag]: order.owner }) },
    ],
  };
}

function owned(site: Ec2Site, order: Order, instance: Instance | undefined): Owned {
  const { owner, token, domain, boot } = order;
  const tags = { owner, token, domain, hostKey: boot?.hostKey ?? null };
  const made = instance === undefined ? null : ownedOf(site.context, instance, tags);
  if (made !== null) return made;
  throw new Fault('conflict', `the machine of order ${token} was made and has been ended`, {
    object: `machine ${instance?.InstanceId ?? token}`,
    words: instance?.StateReason?.Message,
  });
}

/** The machines and what stands beside them, region by region; regions that cannot be asked are named at the end. */
export async function* listEc2(site: Ec2Site, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  const silent: { readonly region: string; readonly error: unknown }[] = [];
  for (const region of site.regions) {
    try {
      yield* machinesIn(site, region, [ownedBy(owner)], signal);
      yield* listBeside(site, region, owner, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      silent.push({ region, error });
    }
  }
  const [first] = silent;
  if (first === undefined) return;
  if (silent.length === 1 && site.regions.length === 1) throw first.error;
  const codes = new Set(silent.map(({ error }) => faultCodeOf(error)));
  const regions = silent.map(({ region }) => region).join(', ');
  const words = silent.map(({ error }) => wordsOf(error)).join('; ');
  const object = `provider ${site.context.provider.name}`;
  const code = codes.size === 1 ? faultCodeOf(first.error) : 'unavailable';
  throw new Fault(code, `${object}: could not ask ${regions}`, { object, words });
}

async function* machinesIn(
  site: Ec2Site,
  region: string,
  filters: readonly ReturnType<typeof ownedBy>[],
  signal: AbortSignal,
): AsyncGenerator<Owned> {
  const instances = pages(
    site.api(region),
    'DescribeInstances',
    async (sdk, NextToken, within) => {
      const answer = await sdk.describeInstances({ Filters: [...filters], MaxResults: 1000, NextToken }, within);
      return { items: instancesIn(answer.Reservations), next: answer.NextToken };
    },
    signal,
  );
  for await (const instance of instances) {
    const tags = readTags(recordOf(instance.Tags));
    const one = tags === null ? null : ownedOf(site.context, instance, tags);
    if (one !== null) yield one;
  }
}

/**
 * Ends an instance of that order. One that failed is ended already and stays listed for about an hour: it loses our tag, so that
 * it is ours no more.
 */
export async function destroyMachine(
  api: Ec2Api,
  { id, owner, token }: Parameters<Cloud['destroy']>[0],
  signal: AbortSignal,
): Promise<void> {
  const ask = { Filters: [{ Name: 'instance-id', Values: [id] }, ownedBy(owner)] };
  const answer = await api.call('DescribeInstances', (sdk, within) => sdk.describeInstances(ask, within), signal);
  const found = instancesIn(answer.Reservations).find(({ InstanceId }) => InstanceId === id);
  const tags = readTags(recordOf(found?.Tags));
  if (tags?.owner !== owner || (token !== null && tags.token !== token)) return;
  const state = stateOf(found ?? {});
  if (state === 'going' || state === null) return;
  const ids = [id];
  if (state === 'failed') {
    const input = { Resources: ids, Tags: [{ Key: ownerTag }] };
    await api.call('DeleteTags', (sdk, within) => sdk.deleteTags(input, within), signal);
    return;
  }
  await unless('InvalidInstanceID.NotFound', () =>
    api.call('TerminateInstances', (sdk, within) => sdk.terminateInstances({ InstanceIds: ids }, within), signal),
  );
}
