/**
 * Another version of a running family, on real nodes: a good one reaches every node, through a death of the control plane;
 * one that dies two seconds after its start is rolled back and quarantined. A node of the test's own asks all nodes every
 * 100 ms whom they see: never fewer than declared.
 */
import { cpSync, createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildAnts } from '../../examples/ants/build.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { UpdatePolicy } from '../../src/model/update.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsArchive, apply, converged, destroyed, eventually } from '../kit/deployment.ts';
import { MemberSampler } from '../kit/member-sampler.ts';
import { processesOf } from '../kit/processes.ts';

const plane = new ControlPlane();
const folder = mkdtempSync(join(tmpdir(), 'wombat-rolling-'));
const epmdPort = 24385;
let sampler: MemberSampler | undefined;

beforeAll(async () => {
  const [one, two, three] = await Promise.all([antsArchive(), build('2.0.0'), buildDying()]);
  cpSync(one, join(folder, 'ants-1.0.0.tar.gz'));
  expect([two, three]).toEqual([join(folder, 'ants-2.0.0.tar.gz'), join(folder, 'ants-3.0.0.tar.gz')]);
  await plane.start();
});

afterAll(async () => {
  sampler?.stop();
  await plane.stop();
  plane.remove();
  rmSync(folder, { recursive: true });
});

function build(version: string, source?: string): Promise<string> {
  return buildAnts({ folder, version, ...(source === undefined ? {} : { source }) });
}

/** A version whose nodes boot and join, and die two seconds later. */
function buildDying(): Promise<string> {
  const source = join(folder, 'src');
  cpSync(join(import.meta.dirname, '../../examples/ants/src'), source, { recursive: true });
  const file = join(source, 'ants_app.erl');
  const bomb = 'spawn(fun() -> timer:sleep(2000), erlang:halt(3) end),\n    ants_sup:start_link(Role).';
  writeFileSync(file, readFileSync(file, 'utf8').replace('ants_sup:start_link(Role).', bomb));
  return build('3.0.0', source);
}

const policy: UpdatePolicy = { minRunning: 5, minHealthySeconds: 0, deadlineSeconds: 40 };

/** Six nodes of a version. */
function document(version: string, update: UpdatePolicy): BlueprintDocument {
  return {
    wombat: 1,
    name: 'ants',
    epmdPort,
    providers: { here: { kind: 'local' } },
    domains: { here: { provider: 'here', ports: '25000-25099' } },
    releases: { ants: { name: 'ants', version } },
    families: { colony: { release: 'ants', nodes: 6, update } },
  };
}

/** What a command says, its lines joined: where they are broken does not matter here. */
async function say(...args: string[]) {
  const { code, stdout, stderr } = await wombat(plane.directory, args);
  return { code, stdout: stdout.replace(/\s+/g, ' '), stderr: stderr.replace(/\s+/g, ' ') };
}

const running = async () => {
  const { nodes } = await plane.client.blueprints.status('ants');
  return new Map(nodes.map(({ id, name }) => [id, processesOf(name, plane.directory)]));
};
const rollout = async () => (await plane.client.blueprints.status('ants')).rollouts[0];

test('six nodes run the first version', async () => {
  for (const version of ['1.0.0', '2.0.0', '3.0.0'])
    await plane.client.releases.upload(createReadStream(join(folder, `ants-${version}.tar.gz`)));
  await apply(plane.client, document('1.0.0', policy));
  await converged(plane.client);
  sampler = new MemberSampler(plane.directory, 'colony', epmdPort);
  const counted = sampler.counts;
  await eventually(20, 'six members to be counted', () => Promise.resolve(counted.at(-1) === 6 ? true : undefined));
  sampler.take();
});

test('a good version reaches every node, though the control plane dies on the way', async () => {
  const before = await running();
  await apply(plane.client, document('2.0.0', { ...policy, check: { call: 'erlang:is_alive()' } }));
  await eventually(
    30,
    'two nodes to be healthy',
    async () => ((await rollout())?.healthy === 2 ? true : undefined),
    rollout,
  );
  await plane.kill();
  await plane.start();
  await eventually(
    60,
    'the version to be rolled out',
    async () => ((await rollout())?.state === 'done' ? true : undefined),
    rollout,
  );
  const { proof } = await converged(plane.client);
  expect(proof?.verdict).toBe('mesh 6/6 nodes, 15/15 edges, 0 extra');
  const after = await running();
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [id, pids] of after) expect(pids, `${id} is another process`).not.toEqual(before.get(id));
  const { fewest, samples } = sampler!.take();
  expect(samples).toBeGreaterThan(50);
  expect(fewest, 'members at any time').toBe(5);
});

test('one that dies is rolled back and quarantined: code 6', async () => {
  const before = await running();
  const file = join(folder, 'ants.yaml');
  writeFileSync(file, stringify(document('3.0.0', { ...policy, minHealthySeconds: 3 })));
  const { code, stderr } = await say('apply', '-f', file, '-y');
  expect([code, stderr]).toEqual([
    6,
    expect.stringMatching(/colony: revision 3 failed: colony-\d@127.0.0.1 has died 2 times/),
  ]);
  expect(stderr).toContain('quarantined');
  const after = await running();
  const touched = [...after].filter(([id, pids]) => pids[0] !== before.get(id)?.[0]);
  expect(touched, 'one node was touched, the others are the same processes').toHaveLength(1);
  const { fewest, samples } = sampler!.take();
  expect(samples).toBeGreaterThan(50);
  expect(fewest, 'members at any time').toBe(5);
  const revisions = await plane.client.blueprints.revisions('ants').all();
  expect(revisions.at(-1)).toMatchObject({
    number: 4,
    by: 'the control plane',
    document: { releases: { ants: { version: '2.0.0' } } },
  });
  expect((await converged(plane.client)).nodes.every(({ specification }) => specification.release === 'ants')).toBe(
    true,
  );
});

test('and is not applied again, until somebody lifts that', async () => {
  const file = join(folder, 'ants.yaml');
  const refused = await say('apply', '-f', file, '-y');
  expect([refused.code, refused.stderr]).toEqual([
    8,
    expect.stringContaining('in quarantine since it failed as revision 3'),
  ]);
  expect(refused.stderr).toContain('wombat release unquarantine ants@3.0.0 -b ants');
  const { quarantine } = await plane.client.blueprints.status('ants');
  expect(quarantine).toMatchObject([{ family: 'colony', release: 'ants@3.0.0', revision: 3 }]);
  expect(await say('release', 'unquarantine', 'ants@3.0.0', '-y')).toMatchObject({ code: 0 });
  const plan = await plane.client.plans.create(document('3.0.0', { ...policy, minHealthySeconds: 3 }), {});
  expect(plan.steps).toHaveLength(6);
});

test('in the end nothing is left', () => destroyed(plane.client));
