/** Instances: made one a call under their client token, tagged right after, found among all of the account. */
import type { Instance } from '@aws-sdk/client-ec2';
import { Fault } from '../../base/fault.ts';
import { onceEach } from '../../base/once.ts';
import type { Domain } from '../../model/domain.ts';
import { createEach, noOffer, orderedDomain, ownerTag, readTags, tagsOf } from '../cloud.ts';
import type { Cloud, Created, Order, Owned, Tags } from '../cloud.ts';
import { instancesIn } from '../ec2-api/beside.ts';
import { unless } from '../ec2-api/group.ts';
import { ownedOf, recordOf, runInput, stateOf, tagsFrom } from '../ec2-api/machine.ts';
import { destroyBeside, ensureGroup, ensureKey, listBeside } from './beside.ts';
import type { EucalyptusSite } from './eucalyptus.ts';
import { noRoom } from './faults.ts';

/** Makes what is ordered. The group and the key are asked for once a batch. */
export async function createInEucalyptus(
  site: EucalyptusSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  const prepare = onceEach(async (owner: string, publicKey: string | null) => {
    await ensureGroup(site, owner, signal);
    return publicKey === null ? undefined : await ensureKey(site, owner, publicKey, signal);
  });
  const make = async (order: Order) => {
    const domain = orderedDomain(site.context, order);
    if (domain === undefined) throw noOffer(order);
    const key = await prepare(order.owner, order.boot?.publicKey ?? null);
    return await run(site, domain, { order, key }, signal);
  };
  return await createEach(orders, make, signal);
}

async function run(
  site: EucalyptusSite,
  domain: Domain,
  { order, key }: { readonly order: Order; readonly key: string | undefined },
  signal: AbortSignal,
): Promise<Owned> {
  const input = { ...runInput(order, domain, key), SecurityGroups: [site.api.nameFor(order.owner)] };
  const answer = await site.api
    .call('RunInstances', (sdk, within) => sdk.runInstances(input, within), signal)
    .catch((error: unknown) => Promise.reject(noRoom(error)));
  const instance = answer.Instances?.[0] ?? {};
  const { owner, token, domain: name, boot } = order;
  const made = ownedOf(site.context, instance, { owner, token, domain: name, hostKey: boot?.hostKey ?? null });
  if (made === null)
    throw new Fault('conflict', `the machine of order ${token} was made and has been ended`, {
      object: `machine ${token}`,
    });
  if (recordOf(instance.Tags)[ownerTag] === undefined) {
    const tagged = { Resources: [made.id], Tags: tagsFrom({ ...tagsOf(order), Name: order.name }) };
    await site.api.call('CreateTags', (sdk, within) => sdk.createTags(tagged, within), signal);
  }
  return made;
}

async function instances({ api }: EucalyptusSite, signal: AbortSignal): Promise<readonly Instance[]> {
  const answer = await api.call('DescribeInstances', (sdk, within) => sdk.describeInstances({}, within), signal);
  return (answer.Reservations ?? []).flatMap((one) =>
    instancesIn([one]).map((instance) => ({ ...instance, SecurityGroups: instance.SecurityGroups ?? one.Groups })),
  );
}

/** The machines of an owner, those too that were made and not tagged yet, and what stands beside them. */
export async function* listEucalyptus(site: EucalyptusSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  for (const instance of await instances(site, signal)) {
    const tags = tagsIn(site, instance, owner);
    const one = tags?.owner === owner ? ownedOf(site.context, instance, tags) : null;
    if (one !== null) yield one;
  }
  yield* listBeside(site, owner, signal);
}

/**
 * Whose a machine is. One that was made and not tagged yet is in its owner's group, and its client token holds the order's; its
 * host key is not known, and it is not entered: the order that is repeated tags it.
 */
function tagsIn(site: EucalyptusSite, instance: Instance, owner: string): Tags | null {
  const record = recordOf(instance.Tags);
  if (record[ownerTag] !== undefined) return readTags(record);
  const { ClientToken = '', SecurityGroups: groups = [], Placement } = instance;
  const isInGroup = groups.some(({ GroupName }) => GroupName === site.api.nameFor(owner));
  if (!isInGroup || !ClientToken.startsWith(`${owner}.`)) return null;
  const { domains } = site.context;
  const domain = domains.find(({ definition }) => definition.zone === Placement?.AvailabilityZone) ?? domains[0];
  return { owner, token: ClientToken.slice(owner.length + 1), domain: domain?.name ?? '', hostKey: null };
}

/** Ends a machine of that order, or removes what stands beside. */
export async function destroyInEucalyptus(
  site: EucalyptusSite,
  { id, kind, owner, token }: Parameters<Cloud['destroy']>[0],
  signal: AbortSignal,
): Promise<void> {
  if (kind === 'beside') {
    await destroyBeside(site, id, owner, signal);
    return;
  }
  const found = (await instances(site, signal)).find(({ InstanceId }) => InstanceId === id);
  const tags = found === undefined ? null : tagsIn(site, found, owner);
  if (found === undefined || tags?.owner !== owner || (token !== null && tags.token !== token)) return;
  const state = stateOf(found);
  if (state === 'going' || state === null) return;
  await unless('InvalidInstanceID.NotFound', () =>
    site.api.call('TerminateInstances', (sdk, within) => sdk.terminateInstances({ InstanceIds: [id] }, within), signal),
  );
}
