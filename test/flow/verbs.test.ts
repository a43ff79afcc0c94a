/** The imperative verbs by the command line, on real nodes: families made and changed, nodes spawned, looked into and called. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, nodeOf, uploadAnts } from '../kit/deployment.ts';

const plane = new ControlPlane();
const folder = mkdtempSync(join(tmpdir(), 'wombat-verbs-'));

beforeAll(async () => {
  await plane.start();
  const digest = await uploadAnts(plane.client);
  await apply(plane.client, antsDocument({ digest, epmdPort: 24383, firstPort: 24700, colony: 1 }));
  await converged(plane.client);
});

afterAll(async () => {
  await plane.stop();
  plane.remove();
  rmSync(folder, { recursive: true });
});

const say = (...args: string[]) => wombat(plane.directory, args);
const document = async () => (await plane.client.blueprints.show('ants')).document;

test('node spawn makes one more, proven', async () => {
  expect(await say('node', 'spawn', 'colony')).toMatchObject({
    code: 0,
    stdout: 'mesh 3/3 nodes, 3/3 edges, 0 extra\n',
  });
});

test('family create adds a family that runs and is proven', async () => {
  const made = await say('family', 'create', 'scout', '-r', 'ants', 'config.sysConfig.ants.role=master', '-y');
  expect(made).toMatchObject({ code: 0, stdout: 'mesh 4/4 nodes, 3/3 edges, 0 extra\n' });
  expect((await plane.client.families.show('ants', 'scout')).running).toBe(1);
});

test('family set changes the bootstrap strategies of families that run: the new link joins', async () => {
  const set = await say(
    'family',
    'set',
    'scout',
    'bootstrap.with.colony={select: all, action: distributed_erlang}',
    '-y',
  );
  expect(set).toMatchObject({ code: 0, stdout: 'mesh 4/4 nodes, 6/6 edges, 0 extra\n' });
});

test('what nobody would write is refused, and nothing is changed', async () => {
  const before = await document();
  const wrong = await say('family', 'set', 'scout', 'nodse=3', '-y');
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain('nodse');
  expect(wrong.stderr).toContain('did you mean "nodes"?');
  expect((await say('family', 'create', 'other', '-r', 'nothing', '-y')).code).toBe(3);
  expect(await document()).toEqual(before);
});

test('a revision that was made from an old one is refused with code 7', async () => {
  const { head, document: old } = await plane.client.blueprints.show('ants');
  const stale = plane.client.plans.create(old, { cause: 'late', revision: head.revision - 1 });
  await expect(stale).rejects.toThrow(`is at revision ${head.revision} by now`);
  await expect(stale).rejects.toMatchObject({ problem: { kind: 'conflict' } });
});

test('family remove takes it away', async () => {
  const gone = await say('family', 'remove', 'scout', '-y');
  expect(gone).toMatchObject({ code: 0, stdout: 'mesh 3/3 nodes, 3/3 edges, 0 extra\n' });
});

test('export, then diff, finds no difference', async () => {
  const exported = await say('export', 'ants');
  expect(exported.code).toBe(0);
  writeFileSync(join(folder, 'ants.yaml'), exported.stdout);
  expect(await say('diff', '-f', join(folder, 'ants.yaml'))).toMatchObject({ code: 0 });
  expect(exported.stdout).toContain(stringify(await document(), { lineWidth: 0 }).trimEnd());
});

test('exec, rpc and remsh reach a node, and say what went wrong there', async () => {
  const { name } = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'master');
  const inFolder = await say('node', 'exec', 'master-1', '--', 'sh', '-c', 'echo "$ROOTDIR"; exit 4');
  expect(inFolder.code).toBe(4);
  expect(inFolder.stdout).toContain('/releases/sha256-');
  expect(await say('node', 'rpc', 'master-1', 'erlang:node()')).toMatchObject({ code: 0, stdout: `'${name}'\n` });
  const raised = await say('node', 'rpc', 'master-1', 'erlang:error(because)');
  expect(raised.code).toBe(1);
  expect(raised.stderr).toContain('raised error:because');
  const input = 'X = 20 + 22.\nio:format("~w at ~w~n", [X, node()]).\n';
  const shell = await wombat(plane.directory, ['node', 'remsh', 'master-1'], { input });
  expect(shell).toMatchObject({ code: 0 });
  expect(shell.stdout).toContain(`42 at '${name}'\nok\n`);
  expect((await say('node', 'remsh', 'nobody-1')).code).toBe(1);
  const hidden = await say('node', 'rpc', 'master-1', 'erlang:nodes(hidden)');
  expect(hidden.stdout).toBe("['wombat-0@control.invalid']\n");
});

test('in the end nothing is left', async () => {
  await plane.client.blueprints.destroy('ants');
  await destroyed(plane.client);
});
