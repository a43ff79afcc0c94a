/**
 * Virtual machines: made, listed, ended; and key pair and security group beside them.
 *
 * An order is looked up by its host name. Where it was not found it is deployed and looked up again, and given its tags: of twins
 * the oldest is the machine, the others are ended. Nothing waits for a job: a machine is `starting` until its state says
 * otherwise, and the words of a job that failed are read when the machine is listed.
 */
import { Fault } from '../../base/fault.ts';
import { onceEach } from '../../base/once.ts';
import type { Domain } from '../../model/domain.ts';
import { besideKeyName, besideKeyOf, besideName, besideOf, createEach, ownerTag, tagsOf } from '../cloud.ts';
import type { Cloud, Created, Order, Owned } from '../cloud.ts';
import { CloudStackError, numberIn, objectIn, tagParameters, textIn } from './api.ts';
import type { Json } from './api.ts';
import type { CloudStackSite } from './cloudstack.ts';
import { destroyAddress, ensureAddress, ownedAddresses, releaseAddresses } from './address.ts';
import { faultOfCloudStack } from './faults.ts';
import { destroyGroup, ensureGroup, groupsOf } from './firewall.ts';
import { hasGroups, ifAllowed, isMissing, machineTypesOf, mayExpunge, readAccount, readCatalogue } from './offers.ts';
import type { Catalogue, MachineType } from './offers.ts';
import { byAge, displayNameOf, hostNameOf, isGone, ownedOf, ownOf, stateOf, tagsIn } from './vm.ts';

/** What the orders of a batch share. */
interface Batch {
  readonly site: CloudStackSite;
  readonly catalogue: Catalogue;
  readonly signal: AbortSignal;
  /** made once, with the first machine that needs it */
  group(owner: string): Promise<string>;
  keyPair(owner: string, publicKey: string): Promise<string>;
}

/** Makes what is ordered, side by side; a token that stands already is that machine (I2). */
export async function createCloudStack(
  site: CloudStackSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  signal.throwIfAborted();
  const catalogue = await readCatalogue(site, signal);
  const group = onceEach(async (owner: string) => textIn(await ensureGroup(site, owner, signal), 'id') ?? '');
  const keyPair = onceEach((owner: string, key: string) => ensureKeyPair(site, owner, key, signal));
  const batch = { site, catalogue, signal, group, keyPair };
  return createEach(orders, (order) => createOne(batch, order), signal);
}

async function createOne(batch: Batch, order: Order): Promise<Owned> {
  const type = typeOf(batch, order);
  const standing = await findAll(batch, order);
  const refused = standing.length === 0 ? await deploy(batch, order, type) : null;
  const [vm, ...twins] = standing.length === 0 ? await findAll(batch, order) : standing;
  if (vm === undefined)
    throw refused ?? new Fault('unavailable', `virtual machine ${hostNameOf(order.token)} was made and is not listed`);
  for (const twin of twins) await end(batch.site, twin, batch.signal);
  await ensureTags(batch, order, vm);
  await lead(batch, order, { type, vm });
  return ownedOf(
    batch.site.context,
    vm,
    ownOf(vm) ?? { ...order, hostKey: null },
    await wordsOf(batch.site, vm, batch.signal),
  );
}

/** Has a public address lead to the machine where its domain wants one. A machine that cannot have one is refused, and ended. */
async function lead(
  { site, signal }: Batch,
  order: Order,
  { type, vm }: { readonly type: MachineType; readonly vm: Json },
): Promise<void> {
  const domain = site.context.domains.find(({ name }) => name === order.domain);
  if (domain === undefined || type.network === null || !hasAddresses(domain)) return;
  try {
    await ensureAddress(site, { order, domain, network: type.network, vm }, signal);
  } catch (error) {
    if (['no-capacity', 'quota'].includes(faultOfCloudStack(error))) await end(site, vm, signal);
    throw error;
  }
}

function typeOf({ site, catalogue }: Batch, order: Order): MachineType {
  const domain = site.context.domains.find(({ name }) => name === order.domain);
  const types = domain === undefined ? [] : machineTypesOf(domain, catalogue);
  const type = types.find(({ name }) => order.offer === `${order.domain}/${name}`);
  const object = `provider ${site.context.provider.name}`;
  if (type === undefined) throw new Fault('not-found', `there is no offer ${order.offer}`, { object });
  if (isMissing(type)) throw new Fault(type.code, type.why, { object });
  return type;
}

/** The machines of that token, the oldest first. The filter takes parts of names too. */
async function findAll({ site, signal }: Batch, { token, owner }: Order): Promise<readonly Json[]> {
  const name = hostNameOf(token);
  const found = await site.api.list('listVirtualMachines', 'virtualmachine', { name }, signal);
  const isOf = (vm: Json) => {
    const own = ownOf(vm);
    return own?.token === token && own.owner === owner && stateOf(vm) !== 'going';
  };
  return found.filter(isOf).toSorted(byAge);
}

/** Asks for the machine; answers the refusal where its name is taken: by itself, when orders crossed. */
async function deploy(batch: Batch, order: Order, type: MachineType): Promise<CloudStackError | null> {
  const { api } = batch.site;
  try {
    await api.call('deployVirtualMachine', await deployment(batch, order, type), batch.signal);
    return null;
  } catch (error) {
    if (error instanceof CloudStackError && isNameTaken(error)) return error;
    throw error;
  }
}

function isNameTaken({ code, message }: CloudStackError): boolean {
  return code === 431 && /already exists in the network domain/i.test(message);
}

async function deployment(batch: Batch, order: Order, type: MachineType): Promise<Record<string, string | undefined>> {
  const { zone, offering, template, network, cores, memoryMb, sized } = type;
  const { token, owner, boot } = order;
  const userData = boot?.userData ?? null;
  const size = {
    'details[0].cpuNumber': String(cores),
    'details[0].memory': String(memoryMb),
    // where the offering leaves this open as well, any number does: the hypervisor shares by it
    ...((numberIn(offering, 'cpuspeed') ?? 0) === 0 ? { 'details[0].cpuSpeed': '1000' } : {}),
  };
  return {
    zoneid: textIn(zone, 'id'),
    serviceofferingid: textIn(offering, 'id'),
    templateid: textIn(template, 'id'),
    networkids: network === null ? undefined : textIn(network, 'id'),
    securitygroupids: hasGroups(zone) ? await batch.group(owner) : undefined,
    name: hostNameOf(token),
    displayname: displayNameOf(order),
    keypair: boot === null ? undefined : await batch.keyPair(owner, boot.publicKey),
    userdata: userData === null ? undefined : Buffer.from(userData).toString('base64'),
    ...(sized ? size : {}),
  };
}

async function ensureTags({ site, signal }: Batch, order: Order, vm: Json): Promise<void> {
  const wanted = tagsOf(order);
  const present = tagsIn(vm);
  const lacking = Object.entries(wanted).filter(([name, value]) => present[name] !== value);
  if (lacking.length === 0) return;
  const parameters = { resourceids: textIn(vm, 'id'), resourcetype: 'UserVm' };
  try {
    await site.api.call('createTags', { ...parameters, ...tagParameters(Object.fromEntries(lacking)) }, signal);
  } catch (error) {
    // given by somebody else meanwhile, or by us when the answer was lost: tags of one name are given once
    if (!(error instanceof CloudStackError) || !/already/i.test(error.message)) throw error;
  }
}

/** Everything of that owner: by tag, and by display name what has no tags yet; each finds what somebody took from the other. */
export async function* listCloudStack(site: CloudStackSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  signal.throwIfAborted();
  for (const vm of await machinesOf(site, owner, signal)) {
    const own = ownOf(vm);
    if (own !== null) yield ownedOf(site.context, vm, own, await wordsOf(site, vm, signal));
  }
  const domain = site.context.domains[0]?.name ?? '';
  for (const id of await groupsOf(site, owner, signal)) yield besideOf(id, owner, domain);
  for (const id of await keyPairsOf(site, owner, signal)) yield besideKeyOf(id, id, { owner, domain });
  for (const { id, token } of (await ifAllowed(() => ownedAddresses(site, owner, signal))) ?? [])
    yield { ...besideOf(id, owner, domain), token };
}

async function machinesOf({ api }: CloudStackSite, owner: string, signal: AbortSignal): Promise<readonly Json[]> {
  const filters = [tagParameters({ [ownerTag]: owner }), { keyword: `${ownerTag}=${owner}` }];
  const found = new Map<string, Json>();
  for (const filter of filters) {
    for (const vm of await api.list('listVirtualMachines', 'virtualmachine', filter, signal))
      if (ownOf(vm)?.owner === owner && !isGone(vm)) found.set(textIn(vm, 'id') ?? '', vm);
  }
  return [...found.values()];
}

/** Whether its machines have public addresses that were acquired for them. */
function hasAddresses({ definition }: Domain): boolean {
  return definition.publicAddress === true;
}

/** Why a machine failed: its job says it, as long as CloudStack remembers. */
async function wordsOf({ api }: CloudStackSite, vm: Json, signal: AbortSignal): Promise<string | null> {
  if (stateOf(vm) !== 'failed') return null;
  const unknown = 'CloudStack gave up on it, and does not say why';
  const jobid = textIn(vm, 'jobid');
  if (jobid === undefined) return unknown;
  try {
    const result = objectIn(await api.call('queryAsyncJobResult', { jobid }, signal), 'jobresult');
    return textIn(result, 'errortext') ?? unknown;
  } catch (error) {
    if (error instanceof CloudStackError && error.code === 431) return unknown;
    throw error;
  }
}

/** Ends what is ours. */
export async function destroyCloudStack(
  site: CloudStackSite,
  owned: Parameters<Cloud['destroy']>[0],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (owned.kind === 'beside') return destroyBeside(site, owned, signal);
  if (owned.token !== null && site.context.domains.some(hasAddresses)) await releaseAddresses(site, owned, signal);
  const vm = await readOne(site, owned.id, signal);
  if (vm !== undefined && ownOf(vm)?.owner === owned.owner) await end(site, vm, signal);
}

/** An id that nobody has, or that is none, is refused as a wrong parameter. */
async function readOne({ api }: CloudStackSite, id: string, signal: AbortSignal): Promise<Json | undefined> {
  try {
    return (await api.list('listVirtualMachines', 'virtualmachine', { id }, signal))[0];
  } catch (error) {
    if (error instanceof CloudStackError && error.code === 431) return undefined;
    throw error;
  }
}

async function end(site: CloudStackSite, vm: Json, signal: AbortSignal): Promise<void> {
  if (stateOf(vm) === 'going') return;
  site.known.mayExpunge ??= await mayExpunge(site, await readAccount(site, signal), signal);
  const expunge = site.known.mayExpunge ? 'true' : undefined;
  await site.api.call('destroyVirtualMachine', { id: textIn(vm, 'id'), expunge }, signal);
}

async function destroyBeside(
  site: CloudStackSite,
  { id, owner }: { readonly id: string; readonly owner: string },
  signal: AbortSignal,
): Promise<void> {
  if (id.startsWith('address:')) return destroyAddress(site, { id, owner }, signal);
  if (id.startsWith('securitygroup:')) return destroyGroup(site, { id, owner }, signal);
  if (!(await keyPairsOf(site, owner, signal)).includes(id)) return;
  await site.api.call('deleteSSHKeyPair', { name: id.slice('keypair:'.length) }, signal).catch(absent);
}

function absent(error: unknown): void {
  const gone = error instanceof CloudStackError && error.code === 431 && /does ?n[o']t exist/i.test(error.message);
  if (!gone) throw error;
}

/** A key pair of another key has another name: a key that is there already is never another one. */
async function ensureKeyPair(
  site: CloudStackSite,
  owner: string,
  publicKey: string,
  signal: AbortSignal,
): Promise<string> {
  const name = besideKeyName(besideName(site.context, owner), publicKey);
  if ((await keyPairsOf(site, owner, signal)).includes(`keypair:${name}`)) return name;
  try {
    await site.api.call('registerSSHKeyPair', { name, publickey: publicKey }, signal);
  } catch (error) {
    // made by somebody else meanwhile, or by us when the answer was lost
    if (!(error instanceof CloudStackError) || !/already exists/i.test(error.message)) throw error;
  }
  return name;
}

async function keyPairsOf(
  { api, context }: CloudStackSite,
  owner: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const prefix = `${besideName(context, owner)}-`;
  const found = await api.list('listSSHKeyPairs', 'sshkeypair', { keyword: prefix }, signal);
  const names = found.map((one) => textIn(one, 'name') ?? '');
  const ours = names.filter((name) => name.startsWith(prefix) && /^[0-9a-f]{8,12}$/.test(name.slice(prefix.length)));
  return ours.map((name) => `keypair:${name}`);
}
