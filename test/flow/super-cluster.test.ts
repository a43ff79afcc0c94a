/**
 * Two blueprints, linked: each is applied, proven, scaled, healed, destroyed and applied again while the other runs, and
 * each time both are proven by what their own nodes see. First by hidden connections, which leave the clusters two, then
 * by visible ones, which make them one.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Strategy } from '../../src/model/bootstrap.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import { towardsMaster } from '../kit/ants-strategy.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { cookieFilesBelow } from '../kit/cookies.ts';
import { apply, converged, destroyed, eventually, nodeOf, uploadAnts } from '../kit/deployment.ts';
import { killFound, processesOf } from '../kit/processes.ts';

const plane = new ControlPlane();
let digest = '';

beforeAll(async () => {
  await plane.start();
  digest = await uploadAnts(plane.client);
  await plane.client.providers.add('here', { kind: 'local' });
});

afterAll(async () => {
  await plane.stop();
  plane.remove();
});

const role = (name: string) => ({ config: { sysConfig: { ants: { role: name } } } });

function shop(gateways: number): BlueprintDocument {
  return {
    wombat: 1,
    name: 'shop',
    epmdPort: 24391,
    releases: { ants: { digest } },
    families: {
      gateway: { release: 'ants', nodes: gateways, ...role('master') },
      store: {
        release: 'ants',
        nodes: 1,
        bootstrap: { with: { gateway: { select: 'oldest', action: 'distributed_erlang' } } },
        ...role('master'),
      },
    },
  };
}

function metrics(link: Strategy | null): BlueprintDocument {
  return {
    wombat: 1,
    name: 'metrics',
    epmdPort: 24391,
    releases: { ants: { digest } },
    families: {
      collector: {
        release: 'ants',
        nodes: 2,
        ...(link === null ? {} : { bootstrap: { with: { 'shop/gateway': link } } }),
        ...role('colony'),
      },
    },
  };
}

const hidden: Strategy = {
  select: 'all',
  action: {
    join: { on: 'new', call: 'net_kernel:hidden_connect_node(Peer)' },
    leave: { on: 'new', call: 'erlang:disconnect_node(Peer)' },
    connects: 'hidden',
  },
};

/** What each node of a blueprint says it is connected with, by node. */
async function seen(blueprint: string, how: 'visible' | 'hidden'): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name } of await plane.client.nodes.list({ blueprint }).all()) {
    const { text } = await plane.client.nodes.call(name, `erlang:nodes(${how})`);
    found[short(name)] = [...text.matchAll(/'([^']+@[^']+)'/g)]
      .map(([, other]) => other ?? '')
      .filter((other) => !other.startsWith('wombat-'))
      .map(short)
      .sort();
  }
  return found;
}

function short(name: string): string {
  return name.split('@')[0] ?? name;
}

/** Both converged and proven, at the same time. */
async function bothProven(): Promise<{ shop: BlueprintStatus; metrics: BlueprintStatus }> {
  return eventually(40, 'both to be proven', async () => {
    const [one, other] = [await converged(plane.client, 'shop', 40), await converged(plane.client, 'metrics', 40)];
    const again = await plane.client.blueprints.status('shop');
    return again.state === 'converged' && one.proof?.ok === true ? { shop: again, metrics: other } : undefined;
  });
}

test('a blueprint that is linked to need not be there: nodes wait for it, and say so', async () => {
  const plan = await plane.client.plans.create(metrics(hidden), { cause: 'apply' });
  expect(plan.report.warnings).toContain('collector waits for shop/gateway: no blueprint shop');
  await plane.client.plans.adopt(plan.id);
  const status = await eventually(20, 'a node to wait for the shop', async () => {
    const now = await plane.client.blueprints.status('metrics');
    const waits = now.nodes.filter(({ state }) => state.phase === 'waiting' && state.why.startsWith('for shop/'));
    return waits.length === 2 ? now : undefined;
  });
  expect(status.state).toBe('converging');
  expect(status.words).toContain('(for shop/gateway: no blueprint shop)');
  expect(status.links).toEqual([
    { from: 'metrics/collector', to: 'shop/gateway', kind: 'hidden', waits: 'for shop/gateway: no blueprint shop' },
  ]);
});

test('linked by hidden connections the two stay two clusters, both proven', async () => {
  await apply(plane.client, shop(1));
  const both = await bothProven();
  expect(both.metrics.proof?.verdict).toBe('mesh 2/2 nodes, 3/3 edges (2 to other blueprints), 0 extra');
  expect(both.shop.proof?.verdict).toBe('mesh 2/2 nodes, 3/3 edges (2 to other blueprints), 0 extra');
  expect(await seen('metrics', 'hidden')).toEqual({ 'collector-1': ['gateway-1'], 'collector-2': ['gateway-1'] });
  expect(await seen('shop', 'hidden')).toEqual({ 'gateway-1': ['collector-1', 'collector-2'], 'store-1': [] });
  expect(await seen('shop', 'visible')).toEqual({ 'gateway-1': ['store-1'], 'store-1': ['gateway-1'] });
  const topology = await plane.client.topology.show('shop');
  expect(topology.across?.map(({ blueprint, hidden: isHidden }) => [blueprint, isHidden])).toEqual([
    ['metrics', true],
    ['metrics', true],
  ]);
});

test('the two have different cookies, and neither is told anywhere', async () => {
  const cookies = cookiesOnDisk();
  expect(cookies.size).toBe(2);
  const events = await plane.client.events.list({ after: 0 }).all();
  const told = JSON.stringify([
    events,
    await plane.client.status().all(),
    await plane.client.topology.show('metrics'),
    plane.log,
  ]);
  for (const cookie of cookies) expect(told).not.toContain(cookie);
});

test('what others link to is neither destroyed nor taken out of its blueprint', async () => {
  await expect(plane.client.blueprints.destroy('shop')).rejects.toMatchObject({
    problem: { kind: 'conflict', detail: expect.stringContaining('metrics/collector links to shop/gateway') as string },
  });
  const { gateway: _, ...families } = shop(1).families;
  const { store } = families;
  const without = { ...shop(1), families: { store: { ...store, bootstrap: {} } } } as BlueprintDocument;
  await expect(plane.client.plans.create(without, { cause: 'apply' })).rejects.toMatchObject({
    problem: { kind: 'invalid', detail: expect.stringContaining('metrics/collector links to it') as string },
  });
});

test('when the side that is linked to grows, the other joins what is new', async () => {
  await plane.client.families.scale({ blueprint: 'shop', family: 'gateway' }, 2);
  const both = await eventually(30, 'four edges across', async () => {
    const now = await bothProven();
    return now.metrics.proof?.edgesAcross === 4 && now.shop.proof?.edgesAcross === 4 ? now : undefined;
  });
  expect(both.metrics.proof).toMatchObject({ ok: true, edgesExpected: 5, edgesSeen: 5 });
  expect((await seen('metrics', 'hidden'))['collector-2']).toEqual(['gateway-1', 'gateway-2']);
});

test('a node that is killed on either side is joined again', async () => {
  for (const [blueprint, family] of [
    ['shop', 'gateway'],
    ['metrics', 'collector'],
  ] as const) {
    const node = nodeOf(await plane.client.nodes.list({ blueprint }).all(), family);
    const [before] = processesOf(node.name, plane.directory);
    killFound(before);
    await eventually(20, `another process of ${node.name}`, () => {
      const [now] = processesOf(node.name, plane.directory);
      return Promise.resolve(now !== undefined && now !== before ? true : undefined);
    });
    const both = await bothProven();
    expect([both.shop.proof?.edgesAcross, both.metrics.proof?.edgesAcross]).toEqual([4, 4]);
  }
  expect((await seen('metrics', 'hidden'))['collector-1']).toEqual(['gateway-1', 'gateway-2']);
});

test('the cookie of the side that is linked to is replaced without an edge being lost, and new processes join by it', async () => {
  const before = cookiesOnDisk();
  await plane.client.blueprints.rotateCookie('shop');
  await eventually(20, 'the cookie to be replaced', async () => {
    const events = await plane.client.events.list({ blueprint: 'shop', after: 0 }).all();
    return events.some(({ what }) => what === 'cookie rotated') ? true : undefined;
  });
  expect(before.symmetricDifference(cookiesOnDisk()).size).toBe(2);
  expect((await seen('metrics', 'hidden'))['collector-1']).toEqual(['gateway-1', 'gateway-2']);
  const node = nodeOf(await plane.client.nodes.list({ blueprint: 'metrics' }).all(), 'collector');
  await plane.client.nodes.act(node.name, 'restart');
  await eventually(30, 'the restarted collector to have joined both', async () => {
    const [first] = await plane.client.nodes.list({ blueprint: 'metrics' }).all();
    if (first?.startedGeneration !== 2 || first.state.phase !== 'running') return undefined;
    const peers = (await seen('metrics', 'hidden'))['collector-1'];
    return peers?.length === 2 ? true : undefined;
  });
  await bothProven();
});

test('destroyed by force the other side parts, runs on and waits, and joins what is applied again', async () => {
  const before = (await plane.client.nodes.list({ blueprint: 'metrics' }).all()).map(({ name }) =>
    processesOf(name, plane.directory),
  );
  await plane.client.blueprints.destroy('shop', { force: true });
  const waiting = await eventually(30, 'the shop to be gone', async () => {
    const now = await plane.client.status().all();
    const [only] = now;
    return now.length === 1 && only?.words === 'collector waits for shop/gateway: no blueprint shop' ? only : undefined;
  });
  expect(waiting.nodes.map(({ state }) => state.phase)).toEqual(['running', 'running']);
  const events = await plane.client.events.list({ blueprint: 'metrics', after: 0 }).all();
  expect(events.filter(({ what, words }) => what === 'left' && /^gateway-\d@/.test(words))).toHaveLength(4);
  await apply(plane.client, shop(1));
  const both = await bothProven();
  expect(both.metrics.proof).toMatchObject({ ok: true, edgesAcross: 2 });
  expect(
    (await plane.client.nodes.list({ blueprint: 'metrics' }).all()).map(({ name }) =>
      processesOf(name, plane.directory),
    ),
  ).toEqual(before);
});

test('linked by visible connections they become one mesh, and two again when the link is taken out', async () => {
  await apply(plane.client, metrics(towardsMaster));
  const both = await eventually(40, 'one mesh', async () => {
    const now = await bothProven();
    return now.metrics.proof?.edgesAcross === 4 && now.shop.proof?.edgesAcross === 4 ? now : undefined;
  });
  expect(both.metrics.proof).toMatchObject({ ok: true, edgesExpected: 5, edgesSeen: 5, extraEdges: 0 });
  expect(await seen('shop', 'visible')).toMatchObject({
    'store-1': ['collector-1', 'collector-2', expect.any(String)],
  });
  await apply(plane.client, metrics(null));
  await eventually(40, 'two clusters', async () => {
    const now = await bothProven();
    return now.metrics.proof?.edgesExpected === 1 && now.shop.proof?.edgesExpected === 1 ? true : undefined;
  });
  // OTP's `global` takes some seconds to part two meshes, and cuts edges of each meanwhile, which the proof makes again
  await expect
    .poll(() => seen('metrics', 'visible'), { timeout: 40_000, interval: 200 })
    .toEqual({ 'collector-1': ['collector-2'], 'collector-2': ['collector-1'] });
});

test('nothing is left of either', async () => {
  await destroyed(plane.client, 'shop');
  await destroyed(plane.client, 'metrics');
  expect(await plane.client.nodes.list().all()).toEqual([]);
});

/** The cookies in the homes of all nodes of this control plane. */
function cookiesOnDisk(): Set<string> {
  return new Set(cookieFilesBelow(plane.directory).map((file) => readFileSync(file, 'utf8').trim()));
}
