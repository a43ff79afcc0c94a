/** The client as others have it: packed, installed beside nothing of ours, and the example run on it against a control plane. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/run.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsArchive } from '../kit/deployment.ts';

const run = promisify(execFile);
const plane = new ControlPlane();
const folder = mkdtempSync(join(tmpdir(), 'wombat-client-'));

beforeAll(async () => {
  await plane.start();
  await install();
}, 300_000);

afterAll(async () => {
  await plane.stop();
  plane.remove();
  rmSync(folder, { recursive: true });
});

/** Installs the packed package without a registry: what it depends on is linked from here. */
async function install(): Promise<void> {
  await run(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  await run('tar', ['xzf', archive], { cwd: folder });
  await run('mv', ['package', join(modules, 'wombat-orchestration')], { cwd: folder });
  for (const name of ['zod', 'openapi-fetch', 'openapi-typescript-helpers'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  copyFileSync(join(root, 'examples', 'client', 'ants.ts'), join(folder, 'ants.ts'));
}

test('the example runs on the installed package', { timeout: 240_000 }, async () => {
  const token = join(plane.directory, 'token');
  const args = [join(folder, 'ants.ts'), plane.url, token, await antsArchive()];
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  expect(stdout).toContain('applied: mesh 3/3 nodes, 3/3 edges, 0 extra\n');
  expect(stdout).toContain('refused: stale 412\n');
  const phases = [...stdout.matchAll(/^(\w+)-\d+@\S+ running$/gm)].map(([, family]) => family);
  expect(phases.sort()).toEqual(['colony', 'colony', 'colony', 'master']);
  expect(stdout.endsWith('gone\n')).toBe(true);
  expect(await plane.client.blueprints.list().all()).toEqual([]);
});
