/**
 * A provider that answers every order with a fault, whichever it is, while the others are well: the nodes end up
 * elsewhere while it fails, and once it answers again nothing of ours is left there.
 */
import { describe, expect, test } from 'vitest';
import type { FaultCode } from '../../src/base/fault.ts';
import { seededRandom } from '../../src/base/random.ts';
import { startControlPlane } from './control-plane.ts';
import type { Running } from './control-plane.ts';
import type { Site } from './provider.ts';
import { convergence } from './rest.ts';
import { User } from './user.ts';
import { calm } from './weather.ts';
import type { Weather } from './weather.ts';
import { SimulatedWorld } from './world.ts';

const minuteMs = 60_000;

interface Outcome {
  readonly violations: readonly unknown[];
  /** what was told of machines of the failing provider */
  readonly told: ReadonlySet<string>;
  /** nodes that were there while it failed, and machines that stand there at the end */
  readonly nodesThere: number;
  readonly left: number;
}

/** Runs a deployment while one provider is like that: it is there within so long. */
async function during(
  how: (site: Site) => Partial<Weather>,
  { lagMs = 0, withinMs = 10 * minuteMs }: { readonly lagMs?: number; readonly withinMs?: number } = {},
): Promise<Outcome> {
  const world = new SimulatedWorld(7, { nodes: 8, providers: 4 });
  const failing = world.site('grid');
  const told = new Set<string>();
  let nodesThere = 0;
  await world.timeline.run(
    (async () => {
      await world.uploadReleases();
      Object.assign(failing.weather, how(failing));
      failing.machines.listLagMs = lagMs;
      const running = startControlPlane(world, 1);
      await applied(world, running);
      await convergence(world, withinMs);
      nodesThere = [...world.ledger.nodes.values()].filter(({ placement }) => placement.provider === 'grid').length;
      Object.assign(failing.weather, calm());
      await world.timeline.pause(6 * minuteMs);
      await convergence(world, minuteMs);
      for (const { object, what } of await world.disk.store.recentEvents({ limit: 500 }))
        if (object.startsWith('grid/')) told.add(what);
    })(),
  );
  return { violations: world.invariants.violations, told, nodesThere, left: failing.standing(world.disk.owner).length };
}

async function applied(world: SimulatedWorld, running: Running): Promise<void> {
  const user = new User(world, seededRandom(7));
  for (let tries = 0; tries < 20; tries += 1) {
    if (await user.apply(running)) return;
    await world.timeline.pause(3_000);
  }
  throw new Error('what is asked for is not acknowledged');
}

const elsewhere = { violations: [], nodesThere: 0, left: 0 };

describe('a provider whose orders are all answered with', { timeout: 60_000 }, () => {
  const codes: readonly FaultCode[] = ['unavailable', 'timeout', 'denied', 'unknown', 'conflict'];
  test.each(codes)('%s is left out after a while', async (refusal) => {
    const outcome = await during(() => ({ refusal }));
    expect(outcome).toMatchObject(elsewhere);
    expect([...outcome.told]).toEqual(expect.arrayContaining(['refused', 'left out']));
  });

  test('throttled is left out when it has been waited for ten times as long', async () => {
    const outcome = await during(() => ({ refusal: 'throttled' }), { withinMs: 25 * minuteMs });
    expect(outcome).toMatchObject(elsewhere);
    expect([...outcome.told]).toContain('left out');
  });

  test.each<FaultCode>(['no-capacity', 'quota', 'not-found', 'invalid', 'exists'])(
    '%s is left out at once',
    async (refusal) => {
      const outcome = await during(() => ({ refusal }));
      expect(outcome).toMatchObject(elsewhere);
      expect([...outcome.told]).toContain('refused');
      expect([...outcome.told]).not.toContain('left out');
    },
  );

  test.each<FaultCode>(['unavailable', 'timeout', 'unknown'])(
    '%s and filled all the same keeps none of these machines',
    async (refusal) => {
      expect(await during(() => ({ refusal, isDeceptive: true }))).toMatchObject(elsewhere);
    },
  );

  test('timeout and filled all the same keeps none where lists lag by a minute', async () => {
    expect(await during(() => ({ refusal: 'timeout', isDeceptive: true }), { lagMs: minuteMs })).toMatchObject(
      elsewhere,
    );
  });
});
