/**
 * What would be done, before it is: `plan`, `diff` and `apply --dry-run` tell it by text, JSON and exit code, through the
 * API as well, and change nothing; a plan that was kept is adopted as it was shown, or not at all.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Plan } from '../../src/model/plan.ts';
import { planeWithAnts } from '../kit/ants-plane.ts';
import { wombat } from '../kit/command-line.ts';
import type { Said } from '../kit/command-line.ts';
import { antsDocument, converged, destroyed, nodeOf } from '../kit/deployment.ts';
import { ask } from '../kit/raw-api.ts';

const { plane, digest } = planeWithAnts();

const options = (colony: number) => ({ digest: digest(), epmdPort: 24_397, firstPort: 26_100, colony });

/** The file of a blueprint: JSON is YAML. */
function written(colony: number, name = 'ants'): string {
  const path = join(plane.directory, `${name}-${colony}.yaml`);
  writeFileSync(path, JSON.stringify(antsDocument({ ...options(colony), name })));
  return path;
}

const say = (...args: string[]): Promise<Said> => wombat(plane.directory, args, { cwd: plane.directory });

/** What is on record of what would be done: nothing, unless somebody did it. */
async function nothingDone(): Promise<void> {
  expect(await plane.client.blueprints.list().all()).toEqual([]);
  expect(await plane.client.nodes.list().all()).toEqual([]);
}

test('a preview exits with 2, says its plan as JSON, keeps it, and changes nothing', async () => {
  const file = written(1);
  for (const command of [
    ['plan', '-f', file],
    ['apply', '-f', file, '--dry-run'],
  ]) {
    const said = await say(...command, '-o', 'json');
    expect(said.code, said.stderr).toBe(2);
    const plan = Plan.parse(JSON.parse(said.stdout));
    expect(plan.steps.map((step) => step.do)).toContain('add node');
    expect((await ask(plane, 'GET', `/plans/${plan.id}`)).body).toMatchObject({ id: plan.id, facts: plan.facts });
  }
  expect((await say('apply', '-f', file, '--dry-run')).stdout).toContain('Nothing was changed: a dry run.');
  const differs = await say('diff', '-f', file, '-o', 'json');
  expect(differs.code, differs.stderr).toBe(2);
  expect(JSON.parse(differs.stdout)).not.toEqual([]);
  await nothingDone();
});

test('the API has the same preview, and a kept plan has a dry run of its own', async () => {
  const document = antsDocument(options(1));
  const answer = await ask(plane, 'POST', '/plans', { document, cause: 'plan' });
  const plan = Plan.parse(answer.body);
  const shown = await say('apply', '--plan', plan.id, '--dry-run', '-o', 'json');
  expect(shown.code, shown.stderr).toBe(2);
  expect(JSON.parse(shown.stdout)).toMatchObject({ id: plan.id });
  await nothingDone();
});

test('what cannot be says so in every preview, with the exit code of that', async () => {
  const file = written(1, 'large');
  const document = antsDocument({ ...options(1), name: 'large' });
  const family = { ...document.families['colony'], demands: ['memory >= 64T'] };
  writeFileSync(file, JSON.stringify({ ...document, families: { ...document.families, colony: family } }));
  for (const command of [
    ['plan', '-f', file],
    ['apply', '-f', file, '--dry-run'],
  ])
    expect(await say(...command)).toMatchObject({ code: 4 });
});

test(
  'a plan that was shown is adopted, and refused once relevant facts have changed',
  { timeout: 120_000 },
  async () => {
    const [small, large] = [
      await say('plan', '-f', written(1), '-o', 'name'),
      await say('plan', '-f', written(2), '-o', 'name'),
    ];
    const applied = await say('apply', '--plan', small.stdout.trim(), '-y');
    expect(applied.code, applied.stderr).toBe(0);
    await converged(plane.client);
    const late = await say('apply', '--plan', large.stdout.trim(), '-y');
    expect(late.code, late.stdout + late.stderr).toBe(7);
    // no other revision, but a node that is not to run any more is a fact that the plan rests on
    const kept = await say('plan', '-f', written(2), '-o', 'name');
    const node = nodeOf(await plane.client.nodes.list({ blueprint: 'ants' }).all(), 'colony');
    await plane.client.nodes.act(node.name, 'stop');
    const stale = await say('apply', '--plan', kept.stdout.trim(), '-y');
    expect(stale.code, stale.stdout + stale.stderr).toBe(7);
    expect(stale.stderr).toMatch(/facts|changed|stale/);
    await plane.client.nodes.act(node.name, 'start');
    await converged(plane.client);
  },
);

test('what is as declared has an empty preview, and exit code 0', { timeout: 60_000 }, async () => {
  const file = written(1);
  for (const command of [['plan'], ['apply', '--dry-run'], ['diff']]) {
    const said = await say(...command, '-f', file, '-o', 'json');
    expect(said.code, `${command.join(' ')}: ${said.stdout}${said.stderr}`).toBe(0);
  }
  await destroyed(plane.client);
});
