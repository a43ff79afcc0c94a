/** What people ask of running things: each records a wish and returns; the loops do the rest. */
import { Fault, faultCodeOf } from '../base/fault.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { linkedToBy } from '../model/check-links.ts';
import type { Adopted, NodeAct } from '../model/exchange.ts';
import type { Head } from '../model/head.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { Asked, Operation } from '../model/operation.ts';
import type { Plan, RebalanceRequest } from '../model/plan.ts';
import type { Host } from '../host/host.ts';
import type { Proof } from '../model/topology.ts';
import { readLinks } from '../store/store.ts';
import type { Versioned } from '../store/store.ts';
import { adoptPlan, planFor } from './adopt.ts';
import { anew } from './anew.ts';
import { documentOf, revisionKey } from './documents.ts';
import { phaseWhenChanged } from './node/outlived.ts';
import { commitBegun, runningOf } from './operations.ts';
import type { Undone } from './operations.ts';
import { proveNow } from './proof.ts';
import { Scene } from './scene.ts';
import type { World } from './world.ts';
import { timestamp } from '../base/clock.ts';

/** How many nodes a family is to have, and who asks for it. */
export interface FamilySize {
  readonly nodes: number;
  readonly asked: Asked;
}

/** Plans and adopts the blueprint with another number of nodes in one family. */
export async function scaleFamily(
  world: World,
  blueprint: string,
  family: string,
  { nodes, asked }: FamilySize,
): Promise<Adopted> {
  const document = await existing(world, blueprint);
  const cause = `family scale ${family} ${nodes}`;
  const plan = await planFor(world, { document: scaled(document, family, nodes), cause, basedOn: null });
  return adoptPlan(world, plan.id, asked);
}

/** Plans moves to where the blueprint's nodes are better off. Fault not-found. */
export async function planRebalance(world: World, blueprint: string, request: RebalanceRequest): Promise<Plan> {
  const { consolidate } = request;
  const cause = consolidate === undefined ? 'rebalance' : `rebalance --consolidate ${consolidate}`;
  return planFor(world, { document: await existing(world, blueprint), cause, basedOn: null }, request);
}

function scaled(document: BlueprintDocument, family: string, nodes: number): BlueprintDocument {
  const definition = document.families[family];
  if (definition === undefined) {
    const known = Object.keys(document.families).join(', ');
    throw new Fault('not-found', `blueprint ${document.name} has no family ${family}; it has ${known}`, {
      object: `family ${family}`,
    });
  }
  return { ...document, families: { ...document.families, [family]: { ...definition, nodes } } };
}

/**
 * Everything of the blueprint is to go; a repetition returns what was begun. With `undone`, that ends in the same commit.
 * Fault conflict while others link to it, unless it is forced: then their nodes part from those that go, run on, and join
 * again what comes back under these names. With `forget` nobody is asked to end anything, also where that was begun otherwise.
 */
export function destroy(world: World, blueprint: string, asked: Asked, undone?: Undone): Promise<Operation> {
  // who takes something back has read more than we do, and begins anew by itself
  const isRace = (error: unknown) => undone === undefined && faultCodeOf(error) === 'conflict';
  return anew(isRace, () => destroyOnce(world, blueprint, asked, undone));
}

async function destroyOnce(world: World, blueprint: string, asked: Asked, undone?: Undone): Promise<Operation> {
  const head = await headOf(world, blueprint);
  const { revision } = head.value;
  const forgetting = asked.forget === true || head.value.forgetting === true;
  const begun = head.value.destroying ? await runningOf(world.store, blueprint) : [];
  const same = begun.find(({ value }) => value.kind === 'destroy');
  if (same !== undefined) {
    if (asked.forget === true) await forgetInstead(world, head, asked.by);
    return same.value;
  }
  const linkedBy = await refuseLinked(world, blueprint, asked.force === true || undone !== undefined);
  const told = { level: 'info', kind: 'blueprint', object: blueprint, blueprint, what: 'destroying' } as const;
  const forgotten = forgetting ? ', asking neither hosts nor providers' : '';
  const asAsked = linkedBy === null ? `as asked${forgotten}` : `as asked, by force${forgotten}: ${linkedBy}`;
  const operation = await commitBegun(
    world,
    { kind: 'destroy', cause: 'destroy', blueprint, revision, former: revision, asked, undone },
    [
      {
        put: 'blueprint',
        key: blueprint,
        value: { ...head.value, destroying: true, ...(forgetting ? { forgetting } : {}) },
        expect: head.version,
      },
    ],
    [{ ...told, words: undone === undefined ? asAsked : undone.words }],
  );
  world.wake.blueprint(blueprint);
  return operation;
}

/** A destroy that does not end is told to ask nobody any more. */
async function forgetInstead(world: World, { key, value, version }: Versioned<Head>, by: string): Promise<void> {
  if (value.forgetting === true) return;
  const told = { level: 'warning', kind: 'blueprint', object: key, blueprint: key, what: 'forgetting' } as const;
  await world.store.commit(
    [{ put: 'blueprint', key, value: { ...value, forgetting: true }, expect: version }],
    [{ ...told, words: `as ${by} asked: hosts and providers are asked no more` }],
  );
  world.wake.blueprint(key);
}

/** Who links to the blueprint, in words; null when nobody does. Fault conflict when somebody does and it is not forced. */
async function refuseLinked({ store }: World, blueprint: string, force: boolean): Promise<string | null> {
  const { map, destroying } = await readLinks(store);
  const linkedBy = linkedToBy(map, blueprint, destroying);
  if (linkedBy === null || force) return linkedBy;
  throw new Fault('conflict', `blueprint ${blueprint} is linked to: ${linkedBy}`, {
    object: `blueprint ${blueprint}`,
    next: `take these links out first, or leave them waiting for it: wombat destroy ${blueprint} --force`,
  });
}

/**
 * Records what a node is meant to be. `terminate` also makes its family one smaller, as a revision of its own. What a loop
 * writes of the node at the same moment is in nobody's way: the wish is written again over what there is then.
 */
export function act(world: World, id: string, what: NodeAct, asked: Asked): Promise<Operation> {
  return anew(
    (error) => faultCodeOf(error) === 'conflict',
    () => actOnce(world, id, what, asked),
  );
}

async function actOnce(world: World, id: string, what: NodeAct, asked: Asked): Promise<Operation> {
  const record = await nodeRecord(world, id);
  const node = record.value;
  const { blueprint, name } = node;
  if (node.desired === 'removed')
    throw new Fault('conflict', `node ${name} is being removed`, { object: `node ${name}` });
  if (what === 'terminate') return terminate(world, record, asked);
  const wish: Partial<Node> =
    what === 'stop' ? { desired: 'stopped' } : { desired: 'running', ...(what === 'restart' ? startedAnew(node) : {}) };
  const told = { level: 'info', kind: 'node', object: name, blueprint } as const;
  const { revision } = (await headOf(world, blueprint)).value;
  const operation = await commitBegun(
    world,
    { ...aboutNode(node, `node ${what} ${name}`), revision, former: revision, asked },
    [{ put: 'node', key: id, value: { ...node, ...wish }, expect: record.version }],
    [{ ...told, what: `asked to ${what}`, words: 'by a person' }],
  );
  world.wake.node(id);
  world.wake.component(blueprint);
  return operation;
}

function startedAnew(node: Node): Partial<Node> {
  return { generation: node.generation + 1, state: phaseWhenChanged(node) };
}

function aboutNode({ id, name, blueprint }: Node, cause: string) {
  return { cause, blueprint, node: { id, name } };
}

async function terminate(world: World, record: Versioned<Node>, asked: Asked): Promise<Operation> {
  const node = record.value;
  const { blueprint, family, name } = node;
  const head = await headOf(world, blueprint);
  const document = await existing(world, blueprint);
  const wanted = Math.max(0, (document.families[family]?.nodes ?? 1) - 1);
  const former = head.value.revision;
  const number = former + 1;
  const cause = `node terminate ${name}`;
  const told = {
    level: 'info',
    kind: 'node',
    object: name,
    blueprint,
    what: 'terminating',
    words: 'as asked',
  } as const;
  const createdAt = timestamp(world.clock);
  const revision = { blueprint, number, document: scaled(document, family, wanted), createdAt, cause, by: asked.by };
  const operation = await commitBegun(
    world,
    { ...aboutNode(node, cause), revision: number, former, asked },
    [
      { put: 'blueprint', key: head.key, value: { ...head.value, revision: number }, expect: head.version },
      { put: 'revision', key: revisionKey(blueprint, number), value: revision, expect: 0 },
      { put: 'node', key: node.id, value: { ...node, desired: 'removed' }, expect: record.version },
    ],
    [told],
  );
  world.wake.node(node.id);
  world.wake.blueprint(blueprint);
  return operation;
}

async function headOf({ store }: World, blueprint: string): Promise<Versioned<Head>> {
  const head = await store.get('blueprint', blueprint);
  if (head !== undefined) return head;
  throw new Fault('not-found', `there is no blueprint ${blueprint}`, { object: `blueprint ${blueprint}` });
}

/** Proves the cluster now, whatever was known. */
export async function verify(world: World, blueprint: string, signal: AbortSignal): Promise<Proof> {
  const scene = await Scene.read(world.store, await existing(world, blueprint));
  return proveNow(world, scene, signal);
}

/** The host on which a node lives. */
export async function hostOfNode(world: World, id: string): Promise<Host> {
  const { value: node } = await nodeRecord(world, id);
  const machine = await world.store.get('machine', node.placement.machine);
  if (machine === undefined)
    throw new Fault('not-found', `the machine of node ${node.name} is gone`, { object: `node ${node.name}` });
  return world.hosts.of(machine.value);
}

/** A node that answers. Fault conflict while it does not run. */
export async function startedNode(world: World, id: string): Promise<Node> {
  const { value: node } = await nodeRecord(world, id);
  if (incarnationOf(node) !== null) return node;
  throw new Fault('conflict', `node ${node.name} does not run: it is ${node.state.phase}`, {
    object: `node ${node.name}`,
    next: `wombat node show ${id}`,
  });
}

async function nodeRecord(world: World, id: string): Promise<Versioned<Node>> {
  const record = await world.store.get('node', id);
  if (record === undefined)
    throw new Fault('not-found', `there is no node ${id}`, { object: `node ${id}`, next: 'wombat node list' });
  return record;
}

async function existing(world: World, blueprint: string): Promise<BlueprintDocument> {
  const document = await documentOf(world.store, blueprint);
  if (document !== undefined) return document;
  throw new Fault('not-found', `there is no blueprint ${blueprint}`, {
    object: `blueprint ${blueprint}`,
    next: 'wombat status',
  });
}
