/**
 * Control planes on one PostgreSQL, real nodes below them: they share the work; what one had that is killed, hangs or is stopped is
 * taken over; one that goes on later is refused under its old numbers (the fence) and takes part again. Running nodes do not
 * notice (I5). The event log shows that no two of them ever wrote for one share out of turn.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Replica } from '../../src/model/replica.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';
import { nodesBelow } from '../kit/processes.ts';
import { noPostgres, realPostgres } from '../kit/real-postgres.ts';
import type { RealPostgres } from '../kit/real-postgres.ts';
import { outOfTurn } from '../kit/turns.ts';

const why = noPostgres();
if (why !== null) process.stdout.write(`control planes on PostgreSQL are left out: ${why}\n`);

const names = ['ants', 'bees'] as const;
type Name = (typeof names)[number];
/** How long one is stopped: longer than it takes to be succeeded. */
const stoppedMs = process.env['WOMBAT_TEST_LONG'] === '1' ? 60_000 : 8_000;
/** What was a dead one's is another one's within this, milliseconds. */
const takeOverMs = 3_000;

describe.skipIf(why !== null)(`control planes on one PostgreSQL${why === null ? '' : `: left out: ${why}`}`, () => {
  let server: RealPostgres;
  let url = '';
  let digest = '';
  let one: ControlPlane;
  let other: ControlPlane;
  const first: number[] = [];

  beforeAll(async () => {
    server = await realPostgres();
    url = server.newDatabase();
    one = new ControlPlane(undefined, ['--database', url]);
    await one.start();
    other = new ControlPlane(one.directory, ['--database', url]);
    await other.start();
    digest = await uploadAnts(one.client);
    for (const name of names) await apply(one.client, document(name, 2));
    for (const name of names) await converged(other.client, name);
    first.push(...[...nodesBelow(one.directory).values()].flat());
  }, 120_000);

  afterAll(async () => {
    await Promise.all([one.kill(), other.kill()]);
    one.remove();
    await server.stop();
  }, 60_000);

  const document = (name: Name, colony: number) =>
    antsDocument({
      ...{ digest, colony, name, epmdPort: name === 'ants' ? 24391 : 24392 },
      firstPort: name === 'ants' ? 25900 : 26100,
      providers: { [`${name}-here`]: { kind: 'local' } },
    });
  /** Process ids of the nodes that ran from the beginning. */
  const running = () => {
    const now = new Set([...nodesBelow(one.directory).values()].flat());
    return first.filter((pid) => now.has(pid));
  };
  const replicas = async (asked: ControlPlane) => [...(await asked.client.replicas.list().all())];
  const ofAll = names.flatMap((name) => [`blueprint ${name}`, `provider ${name}-here`]).toSorted();
  const sharesOf = (all: readonly Replica[]) => all.flatMap(({ shares }) => shares ?? []).toSorted();

  /** Everything is looked after by those that are there, by as many as given. */
  const shared = (asked: ControlPlane, count: number) =>
    eventually(
      20,
      `${count} to share all work`,
      async () => {
        const there = (await replicas(asked)).filter(({ state }) => state === 'there');
        const isAll = JSON.stringify(sharesOf(there)) === JSON.stringify(ofAll);
        const areMany = there.filter(({ shares }) => shares?.length !== 0).length === count;
        return isAll && areMany ? there : undefined;
      },
      () => replicas(asked),
    );

  /** How long until all that one has is another one's, milliseconds: read from the database, as it is. */
  async function takenOver(from: ControlPlane, happens: () => Promise<void> | void): Promise<number> {
    const self = (await replicas(from)).find(({ isSelf }) => isSelf)?.number ?? 0;
    await happens();
    const begun = performance.now();
    const left = `SELECT count(*) FROM share WHERE holder IS NULL OR holder = ${self}`;
    await eventually(20, 'the work to be taken over', () =>
      Promise.resolve(server.run(url, left).trim() === '0' ? true : undefined),
    );
    return performance.now() - begun;
  }

  /** Each share's events were written under numbers that only grow: nobody wrote under an old one once there was a new one. */
  function inTurn(): void {
    expect(outOfTurn(server, url)).toBe(0);
    expect(Number(server.run(url, 'SELECT count(*) FROM event WHERE fence IS NOT NULL'))).toBeGreaterThan(10);
  }

  test('both have a part of the work, and say so; either is asked for anything', async () => {
    const there = await shared(one, 2);
    expect(there.map(({ shares }) => shares?.length)).toEqual([2, 2]);
    const said = await wombat(one.directory, ['replica', 'list']);
    expect(said.stdout).toMatch(/blueprint ants/);
    const nodes = await one.client.nodes.list({ blueprint: 'ants' }).all();
    for (const plane of [one, other])
      for (const node of nodes) {
        const { text } = await plane.client.nodes.call(node.id, 'erlang:node()');
        expect(text).toContain(`${node.family}-${node.ordinal}`);
      }
    inTurn();
  }, 60_000);

  test('one that is killed: its work is taken over, and its nodes run on', async () => {
    const before = running();
    expect(before).toHaveLength(6);
    const ms = await takenOver(other, () => other.kill());
    process.stdout.write(`the work of a killed control plane is taken over after ${Math.round(ms)} ms\n`);
    expect(ms).toBeLessThan(takeOverMs);
    expect(running()).toEqual(before);
    for (const name of names) await apply(one.client, document(name, 3));
    for (const name of names) expect((await converged(one.client, name)).nodes).toHaveLength(4);
    expect(running()).toEqual(before);
    await other.start();
    await shared(other, 2);
    inTurn();
  }, 120_000);

  test('one that is stopped under load, and goes on later: never two that act for one share', async () => {
    await shared(one, 2);
    const before = running();
    // work for both is under way
    for (const name of names) await apply(one.client, document(name, 5));
    const ms = await takenOver(other, () => other.signal('SIGSTOP'));
    process.stdout.write(`the work of a control plane that hangs is taken over after ${Math.round(ms)} ms\n`);
    expect(ms).toBeLessThan(takeOverMs);
    const until = Date.now() + stoppedMs;
    for (let colony = 4; Date.now() < until; colony = colony === 4 ? 5 : 4)
      for (const name of names) {
        await apply(one.client, document(name, colony));
        await converged(one.client, name);
      }
    other.signal('SIGCONT');
    await shared(one, 2);
    for (const name of names) await apply(other.client, document(name, 2));
    for (const name of names) expect((await converged(other.client, name)).nodes).toHaveLength(3);
    expect(running()).toEqual(before);
    inTurn();
    const fenced = (await one.client.events.list({}).all()).filter(({ what }) => what === 'fenced');
    process.stdout.write(fenced.map(({ object, words }) => `${object}: ${words}\n`).join(''));
    expect(fenced.length).toBeGreaterThan(0);
  }, 240_000);

  test('one that is stopped in order gives its work back at once', async () => {
    await shared(one, 2);
    const ms = await takenOver(other, () => other.stop());
    process.stdout.write(`the work of a control plane that stops is taken over ${Math.round(ms)} ms later\n`);
    await other.start();
    await shared(one, 2);
  }, 60_000);

  test('PostgreSQL itself killed and started again: nothing acknowledged is lost, nodes run on, and the work goes on', async () => {
    const before = running();
    const last = Number(server.run(url, 'SELECT max(sequence) FROM event').trim());
    await server.kill();
    await expect(apply(one.client, document('ants', 4))).rejects.toThrow();
    await server.start();
    expect(Number(server.run(url, 'SELECT max(sequence) FROM event').trim())).toBeGreaterThanOrEqual(last);
    for (const plane of [one, other])
      await eventually(30, 'the control plane to take requests', () =>
        apply(plane.client, document('ants', 4)).then(
          () => true,
          () => undefined,
        ),
      );
    expect((await converged(one.client)).nodes).toHaveLength(5);
    expect(running()).toEqual(before);
    await shared(other, 2);
    inTurn();
    for (const name of names) await destroyed(other.client, name);
  }, 180_000);
});
