/** The whole way on this machine: applied, proven, managed, healed, scaled, destroyed. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { incarnationOf } from '../../src/model/node.ts';
import { planeWithAnts } from '../kit/ants-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, nodeOf } from '../kit/deployment.ts';
import { killFound, processes, processesOf } from '../kit/processes.ts';

const { plane, digest } = planeWithAnts();

/** The processes that run as this node, started by this control plane. */
const running = (name: string) => processesOf(name, plane.directory);

const document = (colony: number) => antsDocument({ digest: digest(), epmdPort: 24381, firstPort: 24500, colony });

test('three nodes become one proven cluster', async () => {
  await apply(plane.client, document(2));
  const status = await converged(plane.client);
  expect(status.proof).toMatchObject({ ok: true, nodesSeen: 3, edgesExpected: 3, edgesSeen: 3, extraEdges: 0 });
  expect(status.proof?.verdict).toBe('mesh 3/3 nodes, 3/3 edges, 0 extra');
  for (const node of status.nodes) expect(running(node.name)).toHaveLength(1);
});

test('the same document again changes nothing', async () => {
  const plan = await plane.client.plans.create(document(2), { cause: 'apply' });
  expect(plan.steps).toEqual([]);
});

test('a node is stopped, stays so, and is started again', async () => {
  const node = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'colony');
  await plane.client.nodes.act(node.name, 'stop');
  const phase = async () => (await plane.client.nodes.show(node.id)).state.phase;
  await eventually(30, 'the node to be stopped', async () => ((await phase()) === 'stopped' ? true : undefined), phase);
  expect(running(node.name)).toEqual([]);
  const status = await converged(plane.client);
  expect(status.proof).toMatchObject({ nodesExpected: 2, edgesExpected: 1 });
  await plane.client.nodes.act(node.name, 'start');
  await eventually(30, 'the node to run', async () => ((await phase()) === 'running' ? true : undefined), phase);
  expect((await converged(plane.client)).proof).toMatchObject({ nodesSeen: 3, edgesSeen: 3 });
});

test('a restarted node is another process under the same name', async () => {
  const node = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'colony');
  const [before] = running(node.name);
  await plane.client.nodes.act(node.name, 'restart');
  await eventually(30, 'another process', () => {
    const [now] = running(node.name);
    return Promise.resolve(now !== undefined && now !== before ? now : undefined);
  });
  await converged(plane.client);
});

test('a killed node is started again and joins what it had joined', async () => {
  const node = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'colony');
  const [before] = running(node.name);
  killFound(before);
  await eventually(30, 'another process', () => {
    const [now] = running(node.name);
    return Promise.resolve(now !== undefined && now !== before ? now : undefined);
  });
  const status = await converged(plane.client);
  expect(status.nodes.find((one) => one.id === node.id)?.name).toBe(node.name);
  const events = await plane.client.events.list({ blueprint: 'ants', after: 0 }).all();
  expect(events.filter((event) => event.object === node.name).map((event) => event.what)).toContain('died');
});

test('a killed master gets its colonies back', async () => {
  const master = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'master');
  const [before] = running(master.name);
  killFound(before);
  await eventually(40, 'the colonies to have joined the new master', async () => {
    const { runs } = await plane.client.topology.show('ants');
    const now = await plane.client.nodes.show(master.id);
    const joined = runs.filter((run) => run.peer === master.id && run.peerIncarnation === incarnationOf(now));
    const again = running(master.name)[0] !== before;
    return again && joined.filter((run) => run.outcome !== 'failed').length >= 2 ? true : undefined;
  });
  await converged(plane.client);
});

test('a family is scaled up and down', async () => {
  await plane.client.families.scale({ blueprint: 'ants', family: 'colony' }, 4);
  expect((await converged(plane.client)).proof).toMatchObject({ nodesSeen: 5, edgesSeen: 10 });
  await plane.client.families.scale({ blueprint: 'ants', family: 'colony' }, 1);
  const status = await eventually(60, 'two nodes', async () => {
    const now = await plane.client.blueprints.status('ants');
    return now.state === 'converged' && now.nodes.length === 2 ? now : undefined;
  });
  expect(status.proof).toMatchObject({ nodesSeen: 2, edgesSeen: 1 });
});

test('its log can be read', async () => {
  const master = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'master');
  expect(await plane.client.nodes.logs(master.name, 100)).toMatch(/ants:/);
});

test('a destroyed blueprint leaves no process, no directory and no record', async () => {
  await destroyed(plane.client);
  const [nodes, providers, domains, secrets] = await Promise.all([
    plane.client.nodes.list().all(),
    plane.client.providers.list().all(),
    plane.client.domains.list().all(),
    plane.client.secrets.list().all(),
  ]);
  expect({ nodes, providers, domains, secrets }).toEqual({ nodes: [], providers: [], domains: [], secrets: [] });
  const ours = [...processes().values()].filter((args) => args.some((arg) => arg.includes(plane.directory)));
  expect(ours.filter((args) => !args.some((arg) => arg.endsWith('main.ts')))).toEqual([]);
  const folder = join(plane.directory, 'providers', 'here');
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});
