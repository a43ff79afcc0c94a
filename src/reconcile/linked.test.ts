/** Passes over two linked blueprints, with nodes that only note what they are told. */
import { expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import * as sample from '../../test/kit/records.ts';
import { seededRandom } from '../base/random.ts';
import { noLog } from '../base/log.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Action, Strategy } from '../model/bootstrap.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import { openMemoryStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { acquaint, awaitedLink, leansFromOutside, unlink } from './linked.ts';
import { leave } from './leave.ts';
import { Scene } from './scene.ts';
import type { World } from './world.ts';

const goOn = new AbortController().signal;
const action: Action = {
  join: { on: 'new', call: 'a:join(Peer)' },
  leave: { on: 'peer', call: 'a:forget(New)' },
  connects: 'hidden',
};

function documentOf(name: string, family: string, link?: Strategy): BlueprintDocument {
  const bootstrap = link === undefined ? {} : { bootstrap: { with: { 'shop/gateway': link } } };
  return { ...sample.sampleDocument(name), families: { [family]: { release: 'ants', nodes: 1, ...bootstrap } } };
}

function nodeOf(blueprint: string, family: string, ordinal: number): Node {
  const process = { ...sample.sampleProcess, pid: ordinal };
  const state = { phase: 'running' as const, since: sample.sampleTime, process };
  const name = `${family}-${ordinal}@127.0.0.1`;
  return sample.sampleNode(ordinal, { id: `${family}-${ordinal}`, blueprint, family, name, state });
}

const gateway = nodeOf('shop', 'gateway', 1);
const collector = nodeOf('metrics', 'collector', 2);
const run = sample.sampleRun('r-1', {
  ...{
    blueprint: 'metrics',
    family: 'collector',
    node: collector.id,
    nodeName: collector.name,
    strategy: 'shop/gateway',
  },
  ...{ peer: gateway.id, peerName: gateway.name, hidden: true, edge: [collector.name, gateway.name] },
  ...{ incarnation: incarnationOf(collector) ?? '', peerIncarnation: incarnationOf(gateway) },
});

/** A store with both blueprints, and what was asked of the cluster. */
async function linkedWorld(link: Strategy | undefined, withShop = true) {
  const store: Store = await openMemoryStore(fakeClock());
  const asked: string[] = [];
  const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name.split('@')[0]).join(' ');
  const cluster = {
    introduce: (nodes: readonly Node[], peers: readonly Node[]) => {
      asked.push(`introduce ${names(nodes)} to ${names(peers)}`);
      return Promise.resolve();
    },
    part: (node: Node, peers: readonly Node[]) => {
      asked.push(`part ${names([node])} from ${names(peers)}`);
      return Promise.resolve();
    },
    step: (_: unknown, { fresh, peer }: { fresh: Node; peer: Node }) => {
      asked.push(`leave ${names([fresh])} from ${names([peer])}`);
      return Promise.resolve({ ok: true, words: 'ok' });
    },
  };
  const metrics = documentOf('metrics', 'collector', link);
  const shop = documentOf('shop', 'gateway');
  for (const [document, node] of [[metrics, collector], ...(withShop ? [[shop, gateway] as const] : [])] as const) {
    const revision = sample.sampleRevision(document);
    await store.commit([
      { put: 'blueprint', key: document.name, value: sample.sampleHead({ name: document.name }), expect: 0 },
      { put: 'revision', key: `${document.name}@1`, value: revision, expect: 0 },
      { put: 'node', key: node.id, value: node, expect: 0 },
    ]);
  }
  await store.commit([{ put: 'run', key: run.id, value: run, expect: 0 }]);
  const wake = { component: () => undefined, node: () => undefined };
  const world = { store, cluster, wake, log: noLog, clock: fakeClock(), random: seededRandom(1) } as unknown as World;
  const scene = (name: 'metrics' | 'shop') => Scene.read(store, name === 'metrics' ? metrics : shop);
  return { world, store, asked, scene, metrics };
}

const hidden: Strategy = { select: 'all', action };

test('the side that links is told the cookies of the other, whoever of the two is looked at', async () => {
  const { world, asked, scene } = await linkedWorld(hidden);
  await acquaint(world, await scene('metrics'), goOn);
  await acquaint(world, await scene('shop'), goOn);
  expect(asked).toEqual(['introduce collector-2 to gateway-1', 'introduce collector-2 to gateway-1']);
});

test('what is not linked is told nothing', async () => {
  const { world, asked, scene } = await linkedWorld(undefined);
  await acquaint(world, await scene('metrics'), goOn);
  expect(asked).toEqual([]);
});

test('a link that stands is left alone; one that is not said any more is cut, once', async () => {
  const standing = await linkedWorld(hidden);
  await unlink(standing.world, await standing.scene('metrics'), goOn);
  expect(standing.asked).toEqual([]);
  const { world, asked, scene, store } = await linkedWorld(undefined);
  await unlink(world, await scene('metrics'), goOn);
  await unlink(world, await scene('metrics'), goOn);
  expect(asked).toEqual(['part collector-2 from gateway-1']);
  expect(await store.list('run')).toEqual([]);
});

test('a link of another kind than before is cut, to be made anew', async () => {
  const { world, asked, scene } = await linkedWorld({ select: 'all', action: 'distributed_erlang' });
  await unlink(world, await scene('metrics'), goOn);
  expect(asked).toEqual(['part collector-2 from gateway-1']);
});

test('nodes that joined one of another blueprint part from it when it goes, and lean on it', async () => {
  const { world, store, asked } = await linkedWorld(hidden);
  expect((await leansFromOutside(store, gateway)).map(({ id }) => id)).toEqual([collector.id]);
  await leave(world, gateway, goOn);
  await leave(world, gateway, goOn);
  expect(asked).toEqual(['leave collector-2 from gateway-1']);
  const [left] = await store.events({ after: 0, limit: 10 });
  expect(left).toMatchObject({
    object: collector.name,
    blueprint: 'metrics',
    what: 'left',
    words: `${gateway.name}: ok`,
  });
});

test('nothing is run on a node that was lost', async () => {
  const { world, asked } = await linkedWorld(hidden);
  await leave(world, gateway, goOn, { lost: true });
  expect(asked).toEqual([]);
});

test('a node that leaves says so to those of another blueprint that it joined', async () => {
  const { world, asked } = await linkedWorld(hidden);
  await leave(world, collector, goOn);
  expect(asked).toEqual(['leave collector-2 from gateway-1']);
});

test('what a family waits for is told in words', async () => {
  const { store, metrics } = await linkedWorld(hidden, false);
  expect(await awaitedLink(store, metrics, 'collector')).toBe('for shop/gateway: no blueprint shop');
  const both = await linkedWorld(hidden);
  expect(await awaitedLink(both.store, both.metrics, 'collector')).toBeNull();
});
