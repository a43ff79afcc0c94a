/**
 * `kill -9` of the control plane at random moments of an apply on real nodes: each time the restarted one ends in the
 * declared state, with no node twice and none forgotten (I1, I2, I5). The seed is in the test's name: WOMBAT_TEST_SEED
 * replays from another one.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { planeWithAnts } from '../kit/ants-plane.ts';
import { antsDocument, apply, converged, destroyed } from '../kit/deployment.ts';
import { nodesBelow } from '../kit/processes.ts';

const firstSeed = Number(process.env['WOMBAT_TEST_SEED'] ?? 1);
const kills = process.env['WOMBAT_TEST_LONG'] === '1' ? 100 : 20;
/** an apply of these sizes takes about so long; a kill falls anywhere into it */
const applyMs = 2_500;

const { plane, digest } = planeWithAnts();

const running = () => nodesBelow(plane.directory);

async function killedAt(delayMs: number, colony: number): Promise<void> {
  await apply(plane.client, antsDocument({ digest: digest(), epmdPort: 24382, firstPort: 24600, colony }));
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  await plane.kill();
  const before = running();
  await plane.start();
  const { nodes } = await converged(plane.client);
  const after = running();
  expect([...after.keys()].sort(), 'each declared node, none else').toEqual(nodes.map((node) => node.name).sort());
  expect(nodes).toHaveLength(colony + 1);
  for (const [name, pids] of after) {
    expect(pids, `${name} runs once`).toHaveLength(1);
    if (before.has(name)) expect(pids, `${name} ran on, untouched`).toEqual(before.get(name));
  }
}

for (let seed = firstSeed; seed < firstSeed + kills; seed += 1) {
  const random = seededRandom(seed);
  const delayMs = random.below(applyMs);
  const colony = 1 + random.below(4);
  test(`seed ${seed}: killed ${delayMs} ms into an apply with a colony of ${colony}`, async () => {
    await killedAt(delayMs, colony);
    if (seed % 5 === 0) await destroyed(plane.client);
  });
}

test('nothing is left after the last destroy', async () => {
  if ((await plane.client.blueprints.list().all()).length > 0) await destroyed(plane.client);
  expect([...running().keys()]).toEqual([]);
});
