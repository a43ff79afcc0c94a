/**
 * VMs: made, listed, ended; and the security group beside them.
 *
 * A batch is one look at all VMs, an instantiate for each token that was not seen, and a look at those that are younger
 * than the first look: whoever else made a machine of the same token meanwhile sees the same oldest one, and the others
 * are ended.
 */
import { Fault } from '../../base/fault.ts';
import { besideOf, tagsOf, tokenTag } from '../cloud.ts';
import type { Cloud, Created, Order, Owned } from '../cloud.ts';
import { allIn, elementAt, OpenNebulaError, textAt, xmlOf } from './api.ts';
import type { Xml } from './api.ts';
import { destroyGroup, ensureGroup, findGroup, groupsOf, letsMembersIn, refreshMembers } from './firewall.ts';
import { isMissing, machineTypesOf, readCatalogue } from './offers.ts';
import type { Catalogue, MachineType } from './offers.ts';
import type { OpenNebulaSite } from './opennebula.ts';
import { ofOwner, readAll, readNewer } from './pool.ts';
import { attributesOf, idOf, isBusy, ownedOf, ownOf, stateOf } from './vm.ts';

/** What the orders of a batch share. */
interface Batch {
  readonly site: OpenNebulaSite;
  readonly catalogue: Catalogue;
  readonly group: string | null;
  /** the VMs of these orders' tokens, at the first look */
  readonly before: readonly Xml[];
  readonly signal: AbortSignal;
}

/** Makes what is ordered, side by side; a token that stands already is that machine (I2). */
export async function createOpenNebula(
  site: OpenNebulaSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  signal.throwIfAborted();
  const owner = orders[0]?.owner ?? '';
  const [catalogue, found] = await Promise.all([readCatalogue(site, signal), findGroup(site, owner, signal)]);
  const tokens = new Set(orders.map(({ token }) => token));
  const wanted = { tag: tokenTag, values: tokens };
  // where the group is to let the owner's machines in, the look for the tokens is the look for these too
  const isForMembers = found !== undefined && letsMembersIn(found);
  const seen = await readAll(site, isForMembers ? [wanted, ofOwner(owner)] : [wanted], signal);
  const before = isForMembers ? seen.vms.filter((vm) => tokens.has(ownOf(vm)?.token ?? '')) : seen.vms;
  const typed = orders.map((order) => ({ order, type: typeOf(site, order, catalogue) }));
  const isNew = typed.some(({ order, type }) => !('error' in type) && oldest(before, order) === undefined);
  const group = isNew ? await ensureGroup(site, { owner, found }, signal) : null;
  const batch = { site, catalogue, group, before, signal };
  const made = await Promise.all(typed.map(({ order, type }) => makeOne(batch, order, type)));
  const { newest } = seen;
  const since = made.some((one) => typeof one === 'number') ? await readNewer(site, { newest, wanted }, signal) : [];
  const all = [...before.filter((vm) => idOf(vm) <= newest), ...since];
  const created = await Promise.all(orders.map((order, at) => settle(batch, order, made[at] ?? null, all)));
  if (since.length > 0 && group !== null)
    await refreshMembers(site, { owner, group, seen: isForMembers ? seen : null }, signal);
  return created;
}

type Typed = MachineType | { readonly error: Fault };

function typeOf({ context }: OpenNebulaSite, order: Order, catalogue: Catalogue): Typed {
  const domain = context.domains.find(({ name }) => name === order.domain);
  const types = domain === undefined ? [] : machineTypesOf(domain, catalogue);
  const type = types.find(({ name }) => order.offer === `${order.domain}/${name}`);
  const object = `provider ${context.provider.name}`;
  if (type === undefined)
    return {
      error: new Fault('not-found', `there is no offer ${order.offer}`, {
        object,
      }),
    };
  return isMissing(type) ? { error: new Fault(type.code, type.why, { object }) } : type;
}

/** The id of the VM that was made; null where one stood already; else what went wrong. */
async function makeOne(batch: Batch, order: Order, type: Typed): Promise<number | null | { readonly error: unknown }> {
  if ('error' in type) return type;
  if (oldest(batch.before, order) !== undefined) return null;
  const extra = xmlOf('TEMPLATE', orderedTemplate(batch, order, type));
  const parameters = [Number(textAt(type.template, 'ID')), order.name, false, extra, false];
  try {
    return Number(await batch.site.api.call('one.template.instantiate', parameters, batch.signal));
  } catch (error) {
    return { error };
  }
}

/** The outcome of one order, once everybody's machines are known. Younger twins go. */
async function settle(
  { site, signal }: Batch,
  order: Order,
  made: number | null | { readonly error: unknown },
  all: readonly Xml[],
): Promise<Created> {
  const { token } = order;
  if (made !== null && typeof made === 'object') return { token, ok: false, error: made.error };
  const vm = oldest(all, order);
  const own = vm === undefined ? null : ownOf(vm);
  if (vm === undefined || own === null)
    return {
      token,
      ok: false,
      error: new Fault('unavailable', `VM ${String(made)} was made and is not listed`),
    };
  const twins = all.filter((one) => isOf(one, order) && idOf(one) !== idOf(vm));
  try {
    for (const twin of twins) await terminate(site, twin, signal);
  } catch (error) {
    return { token, ok: false, error };
  }
  return { token, ok: true, owned: ownedOf(site.context, vm, own) };
}

function oldest(vms: readonly Xml[], order: Order): Xml | undefined {
  const ofToken = vms.filter((vm) => isOf(vm, order));
  return ofToken.reduce<Xml | undefined>((a, b) => (a !== undefined && idOf(a) < idOf(b) ? a : b), undefined);
}

function isOf(vm: Xml, { token, owner }: Order): boolean {
  const own = ownOf(vm);
  return own?.token === token && own.owner === owner && stateOf(vm) !== 'going';
}

/** What is changed of the template: our tags, first boot, size, image, networks, cluster. */
function orderedTemplate(
  { site, group }: Batch,
  order: Order,
  type: MachineType,
): Record<string, Xml | readonly Xml[]> {
  const body = elementAt(type.template, 'TEMPLATE');
  const { cores, cpu, memoryMb, image, cluster } = type;
  const size = {
    CPU: String(cpu),
    VCPU: String(cores),
    MEMORY: String(memoryMb),
  };
  const wanted = textAt(body, 'SCHED_REQUIREMENTS');
  const within = cluster === null ? null : `CLUSTER_ID = ${textAt(cluster, 'ID') ?? ''}`;
  const requirements = wanted === undefined || within === null ? within : `(${wanted}) & (${within})`;
  return {
    ...attributesOf(tagsOf(order), order.machineType),
    ...(type.resized ? size : {}),
    CONTEXT: contextOf(site, order, elementAt(body, 'CONTEXT')),
    NIC: nicsOf(body, type, group),
    ...(image === null ? {} : { DISK: disksOf(body, image) }),
    ...(requirements === null ? {} : { SCHED_REQUIREMENTS: requirements }),
  };
}

/**
 * The template's own context with what the first boot needs: an attribute that is given replaces the whole of it. Our key is
 * told only where no user-data lets it in: images put what they are told there into authorized_keys at every boot, and
 * would bring back a key that was replaced.
 */
function contextOf({ definition }: OpenNebulaSite, { boot }: Order, own: Xml): Xml {
  const known = typeof own === 'string' ? {} : own;
  const context = { ...known, NETWORK: 'YES' };
  if (boot === null) return context;
  if (boot.userData === null) {
    const key = textAt(own, 'SSH_PUBLIC_KEY');
    return { ...context, SSH_PUBLIC_KEY: key === undefined ? boot.publicKey : `${key}\n${boot.publicKey}` };
  }
  const encoded = Buffer.from(boot.userData).toString('base64');
  if (definition.firstBoot === 'cloud-init') return { ...context, USERDATA: encoded, USERDATA_ENCODING: 'base64' };
  return { ...context, START_SCRIPT_BASE64: encoded };
}

function nicsOf(body: Xml, { network }: MachineType, group: string | null): readonly Xml[] {
  const own = network === null ? allIn(body, 'NIC') : [{ NETWORK_ID: textAt(network, 'ID') ?? '' }];
  return own.map((nic) => {
    const groups = [textAt(nic, 'SECURITY_GROUPS'), group].filter((one) => typeof one === 'string');
    return {
      ...(typeof nic === 'string' ? {} : nic),
      SECURITY_GROUPS: groups.join(','),
    };
  });
}

/** The first disk is the image's; what else the template has stays. */
function disksOf(body: Xml, image: Xml): readonly Xml[] {
  const [first = {}, ...others] = allIn(body, 'DISK');
  const named = ['IMAGE', 'IMAGE_UNAME', 'IMAGE_UID'];
  const kept = Object.entries(typeof first === 'string' ? {} : first).filter(([name]) => !named.includes(name));
  return [{ ...Object.fromEntries(kept), IMAGE_ID: textAt(image, 'ID') ?? '' }, ...others];
}

/** Everything of that owner. */
export async function* listOpenNebula(site: OpenNebulaSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  signal.throwIfAborted();
  for (const vm of (await readAll(site, [ofOwner(owner)], signal)).vms) {
    const own = ownOf(vm);
    if (own?.owner === owner) yield ownedOf(site.context, vm, own);
  }
  const domain = site.context.domains[0]?.name ?? '';
  for (const group of await groupsOf(site, owner, signal)) yield besideOf(group, owner, domain);
}

/** Ends what is ours; a VM that is gone stays readable, as DONE. */
export async function destroyOpenNebula(
  site: OpenNebulaSite,
  owned: Parameters<Cloud['destroy']>[0],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (owned.kind === 'beside') return destroyGroup(site, owned, signal);
  if (!/^\d{1,9}$/.test(owned.id)) return;
  const vm = await site.api.read('one.vm.info', [Number(owned.id), false], signal).catch(absent);
  if (vm === null || ownOf(vm)?.owner !== owned.owner) return;
  await terminate(site, vm, signal);
}

function absent(error: unknown): null {
  if (error instanceof OpenNebulaError && error.code === 0x0400) return null;
  throw error;
}

/** A terminate that fails brings the VM back to running without a word: asked again, it is ended again. */
async function terminate({ api }: OpenNebulaSite, vm: Xml, signal: AbortSignal): Promise<void> {
  if (stateOf(vm) === 'going') return;
  const id = idOf(vm);
  if (isBusy(vm)) throw new Fault('unavailable', `VM ${id} is being copied or booted, and cannot be ended yet`);
  await api.call('one.vm.action', ['terminate-hard', id], signal);
}
