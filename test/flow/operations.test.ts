/** Operations on real nodes: followed over a crash, cancelled half way, ended by their deadline; what was there before runs on. */
import { expect, test } from 'vitest';
import type { Adopted } from '../../src/model/exchange.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { wombat } from '../kit/command-line.ts';
import { planeWithAnts } from '../kit/ants-plane.ts';
import { antsDocument, converged, destroyed, eventually } from '../kit/deployment.ts';
import { nodesBelow } from '../kit/processes.ts';

const { plane, digest } = planeWithAnts();

const say = (...args: string[]) => wombat(plane.directory, args);
/** A family whose node starts and never joins: what it belongs to does not end by itself. */
const join = { on: 'new' as const, call: 'erlang:error(never)' };
const stranger = {
  release: 'ants',
  nodes: 1,
  bootstrap: { with: { master: { select: 'all' as const, action: { join } } } },
};
const withStranger = (document: BlueprintDocument): BlueprintDocument => ({
  ...document,
  families: { ...document.families, stranger },
});
const ants = (colony: number) => antsDocument({ digest: digest(), epmdPort: 24391, firstPort: 24900, colony });

async function adopt(document: BlueprintDocument): Promise<Adopted & { readonly operation: string }> {
  const plan = await plane.client.plans.create(document);
  const adopted = await plane.client.plans.adopt(plan.id);
  return { ...adopted, operation: adopted.operation ?? '' };
}

/** Process ids of this control plane's Erlang nodes, by name. */
const running = () => Object.fromEntries(nodesBelow(plane.directory));

/** Waits until so many processes are there: the operation is in its middle. */
const inTheMiddle = (count: number) =>
  eventually(30, `${count} processes`, () => Promise.resolve(Object.keys(running()).length >= count || undefined));

/** Waits until the operation has ended. */
const ended = (id: string) =>
  eventually(30, `${id} to end`, async () => {
    const operation = await plane.client.operations.glance(id);
    return operation.state === 'running' ? undefined : operation;
  });

test('an apply is an operation that succeeds when its cluster is proven', async () => {
  const { operation } = await adopt(ants(1));
  const { code, stdout } = await say('op', 'show', operation, '--watch');
  expect([code, stdout]).toEqual([0, expect.stringContaining('mesh 2/2 nodes, 1/1 edges, 0 extra')]);
  const list = await say('op', 'list', '-b', 'ants', '-o', 'json');
  expect(JSON.parse(list.stdout)).toMatchObject([{ id: operation, kind: 'apply', state: 'succeeded', by: 'first' }]);
});

test('cancelled in the middle, nothing of it is left, and what ran before are the same processes', async () => {
  const before = running();
  const { operation } = await adopt(withStranger(ants(3)));
  await inTheMiddle(5);
  const shown = await say('op', 'show', operation);
  expect(shown.stdout).toMatch(/├─ \S stranger +0 of 1 running\n│ {2}└─ \S stranger-1@127\.0\.0\.1 /);
  const { code, stdout } = await say('op', 'cancel', operation, '-y');
  expect([code, stdout]).toEqual([0, `${operation} is cancelled: mesh 2/2 nodes, 1/1 edges, 0 extra\n`]);
  expect(running()).toEqual(before);
  expect((await plane.client.nodes.list().all()).map(({ name }) => name).sort()).toEqual(Object.keys(before).sort());
  expect(await ended(operation)).toMatchObject({ state: 'cancelled', words: 'cancelled by first' });
  expect((await plane.client.blueprints.show('ants')).document).toEqual(ants(1));
});

test('killed with -9 in the middle, the next control plane goes on with it, and so do those who watch', async () => {
  const { operation } = await adopt(ants(3));
  await inTheMiddle(3);
  await plane.kill();
  await plane.start();
  expect(await ended(operation)).toMatchObject({ state: 'succeeded' });
  const again = await say('op', 'show', operation, '--watch');
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('mesh 4/4 nodes, 6/6 edges, 0 extra')]);
});

test('whose deadline passes it fails, says where it was, and is taken back where that was asked for', async () => {
  const before = running();
  const settings = ['bootstrap.with.master.select=all', `bootstrap.with.master.action={join: ${JSON.stringify(join)}}`];
  const limits = ['--deadline', '3s', '--roll-back', '-y'];
  const { code, stderr } = await say('family', 'create', 'stranger', '-r', 'ants', ...settings, ...limits);
  expect([code, stderr]).toEqual([6, expect.stringMatching(/not done within 3 s: [^]*Rolled back; it is as before/)]);
  await converged(plane.client);
  await eventually(20, 'the new node to go', () => Promise.resolve(Object.keys(running()).length === 4 || undefined));
  expect(running()).toEqual(before);
});

test('a destroy that is cancelled is called off: the cluster is whole again', async () => {
  const { id } = await plane.client.blueprints.destroy('ants');
  const undo = await plane.client.operations.cancel(id);
  expect(await ended(undo.id)).toMatchObject({ state: 'succeeded', kind: 'roll back' });
  expect((await converged(plane.client)).proof?.verdict).toBe('mesh 4/4 nodes, 6/6 edges, 0 extra');
});

test('a first apply that is cancelled leaves nothing, not even the blueprint', async () => {
  const before = running();
  const providers = { hive: { kind: 'local' as const } };
  const bees = antsDocument({
    name: 'bees',
    digest: digest(),
    epmdPort: 24392,
    firstPort: 25000,
    colony: 2,
    providers,
  });
  const { operation } = await adopt(withStranger(bees));
  await inTheMiddle(Object.keys(before).length + 1);
  const { code, stdout } = await say('op', 'cancel', operation, '-y');
  expect([code, stdout]).toEqual([0, `${operation} is cancelled: nothing of it is left\n`]);
  expect(running()).toEqual(before);
  expect((await plane.client.blueprints.list().all()).map(({ head }) => head.name)).toEqual(['ants']);
  expect((await plane.client.providers.list().all()).map(({ provider }) => provider.name)).toEqual(['here']);
});

test('a destroy is an operation that outlives its blueprint', async () => {
  const { id } = await plane.client.blueprints.destroy('ants');
  await destroyed(plane.client);
  expect(await ended(id)).toMatchObject({ state: 'succeeded', words: 'nothing of it is left' });
  expect(running()).toEqual({});
});
