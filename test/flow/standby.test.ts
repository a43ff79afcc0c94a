/**
 * Two control planes on one PostgreSQL, real nodes below them: one acts, the other stands by and takes over, also from one that
 * hangs, which then may do nothing more (the fence). Running nodes do not notice (I5).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, uploadAnts } from '../kit/deployment.ts';
import { processesOf } from '../kit/processes.ts';
import { noPostgres, realPostgres } from '../kit/real-postgres.ts';
import type { RealPostgres } from '../kit/real-postgres.ts';

const why = noPostgres();
if (why !== null) process.stdout.write(`control planes on PostgreSQL are left out: ${why}\n`);

describe.skipIf(why !== null)(`control planes on one PostgreSQL${why === null ? '' : `: left out: ${why}`}`, () => {
  let server: RealPostgres;
  let url = '';
  let digest = '';
  let acting: ControlPlane;
  let next: ControlPlane;

  beforeAll(async () => {
    server = await realPostgres();
    url = server.newDatabase();
    acting = new ControlPlane(undefined, ['--database', url]);
    await acting.start();
    digest = await uploadAnts(acting.client);
    await apply(acting.client, document(2));
    await converged(acting.client);
  }, 90_000);

  afterAll(async () => {
    await Promise.all([acting.kill(), next.kill()]);
    acting.remove();
    await server.stop();
  }, 60_000);

  const document = (colony: number) => antsDocument({ digest, epmdPort: 24391, firstPort: 25900, colony });
  const running = () =>
    ['master-1', 'colony-1', 'colony-2'].flatMap((name) => processesOf(`${name}@127.0.0.1`, acting.directory));

  /** The other one stands by, what `happens` happens, and it acts: how long that took, milliseconds. */
  async function succeeds(happens: () => Promise<void> | void): Promise<number> {
    next = new ControlPlane(acting.directory, ['--database', url]);
    next.launch();
    await expect.poll(() => next.log, { timeout: 30_000 }).toMatch(/standing by/);
    await happens();
    const begun = performance.now();
    await next.listening();
    return performance.now() - begun;
  }

  test('one that is killed is succeeded, and its nodes run on', async () => {
    const before = running();
    expect(before).toHaveLength(3);
    const ms = await succeeds(() => acting.kill());
    process.stdout.write(`a killed control plane is succeeded after ${Math.round(ms)} ms\n`);
    expect(running()).toEqual(before);
    await apply(next.client, document(3));
    expect((await converged(next.client)).nodes).toHaveLength(4);
    expect(running()).toEqual(before);
    acting = next;
  }, 60_000);

  test('one that hangs is succeeded; when it goes on it does nothing more, and ends', async () => {
    const hung = acting;
    const ms = await succeeds(() => hung.signal('SIGSTOP'));
    process.stdout.write(`a control plane that hangs is succeeded after ${Math.round(ms)} ms\n`);
    await apply(next.client, document(2));
    const late = apply(hung.client, document(9)).then(
      () => 'adopted',
      () => 'refused',
    );
    hung.signal('SIGCONT');
    expect(await hung.ended()).toBe(1);
    expect(await late).toBe('refused');
    expect((await converged(next.client)).nodes).toHaveLength(3);
    acting = next;
  }, 90_000);

  test('PostgreSQL itself killed and started again: nothing acknowledged is lost, nodes run on, and the work goes on', async () => {
    const before = running();
    await server.kill();
    await expect(apply(acting.client, document(4))).rejects.toThrow();
    await server.start();
    await expect
      .poll(
        () =>
          apply(acting.client, document(4)).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    expect((await converged(acting.client)).nodes).toHaveLength(5);
    expect(running()).toEqual(before);
    await destroyed(acting.client);
  }, 120_000);
});
