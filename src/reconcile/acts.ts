/** What people ask of running things: each records a wish and returns; the loops do the rest. */
import { Fault } from '../base/fault.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Adopted, NodeAct } from '../model/exchange.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { Plan, RebalanceRequest } from '../model/plan.ts';
import type { Host } from '../host/host.ts';
import type { Proof } from '../model/topology.ts';
import type { Versioned } from '../store/store.ts';
import { adoptPlan, planFor } from './adopt.ts';
import { documentOf, revisionKey } from './documents.ts';
import { proveNow } from './proof.ts';
import { Scene } from './scene.ts';
import type { World } from './world.ts';
import { timestamp } from '../base/clock.ts';

/** How many nodes a family is to have, and the name of the token with which that was asked for. */
export interface FamilySize {
  readonly nodes: number;
  readonly by: string;
}

/** Plans and adopts the blueprint with another number of nodes in one family. */
export async function scaleFamily(
  world: World,
  blueprint: string,
  family: string,
  { nodes, by }: FamilySize,
): Promise<Adopted> {
  const document = await existing(world, blueprint);
  const cause = `family scale ${family} ${nodes}`;
  const plan = await planFor(world, { document: scaled(document, family, nodes), cause, basedOn: null });
  return adoptPlan(world, plan.id, by);
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

/** Everything of the blueprint is to go. Repeatable. */
export async function destroy(world: World, blueprint: string): Promise<void> {
  const head = await world.store.get('blueprint', blueprint);
  if (head === undefined)
    throw new Fault('not-found', `there is no blueprint ${blueprint}`, { object: `blueprint ${blueprint}` });
  if (head.value.destroying) return;
  const told = {
    level: 'info' as const,
    kind: 'blueprint',
    object: blueprint,
    blueprint,
    what: 'destroying',
    words: 'as asked',
  };
  await world.store.commit(
    [{ put: 'blueprint', key: blueprint, value: { ...head.value, destroying: true }, expect: head.version }],
    [told],
  );
  world.wake.blueprint(blueprint);
}

/** Records what a node is meant to be. `terminate` also makes its family one smaller, as a revision of its own. */
export async function act(world: World, id: string, what: NodeAct): Promise<void> {
  const record = await nodeRecord(world, id);
  const node = record.value;
  if (node.desired === 'removed')
    throw new Fault('conflict', `node ${node.name} is being removed`, { object: `node ${node.name}` });
  if (what === 'terminate') return terminate(world, record);
  const wish: Partial<Node> =
    what === 'stop'
      ? { desired: 'stopped' }
      : { desired: 'running', generation: node.generation + (what === 'restart' ? 1 : 0) };
  const told = {
    level: 'info' as const,
    kind: 'node',
    object: node.name,
    blueprint: node.blueprint,
    what: `asked to ${what}`,
    words: 'by a person',
  };
  await world.store.commit([{ put: 'node', key: id, value: { ...node, ...wish }, expect: record.version }], [told]);
  world.wake.node(id);
  world.wake.component(node.blueprint);
}

async function terminate(world: World, record: Versioned<Node>): Promise<void> {
  const node = record.value;
  const head = await world.store.get('blueprint', node.blueprint);
  if (head === undefined) throw new Fault('not-found', `there is no blueprint ${node.blueprint}`);
  const document = await existing(world, node.blueprint);
  const wanted = Math.max(0, (document.families[node.family]?.nodes ?? 1) - 1);
  const number = head.value.revision + 1;
  const cause = `node terminate ${node.name}`;
  const told = {
    level: 'info' as const,
    kind: 'node',
    object: node.name,
    blueprint: node.blueprint,
    what: 'terminating',
    words: 'as asked',
  };
  const revision = {
    blueprint: node.blueprint,
    number,
    document: scaled(document, node.family, wanted),
    createdAt: timestamp(world.clock),
    cause,
  };
  await world.store.commit(
    [
      { put: 'blueprint', key: head.key, value: { ...head.value, revision: number }, expect: head.version },
      { put: 'revision', key: revisionKey(node.blueprint, number), value: revision, expect: 0 },
      { put: 'node', key: node.id, value: { ...node, desired: 'removed' }, expect: record.version },
    ],
    [told],
  );
  world.wake.node(node.id);
  world.wake.blueprint(node.blueprint);
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
