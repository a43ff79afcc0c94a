/**
 * The fence, met: a control plane is stopped (SIGSTOP) in the middle of a pass, while a command of it runs on a host; its work is
 * taken over and done; it goes on where it was, with its answer waiting for it, comes to where it writes, and is refused. The
 * event log says who acted under which number: never two for one share, and never anything under an old number.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';
import { noPostgres, realPostgres } from '../kit/real-postgres.ts';
import type { RealPostgres } from '../kit/real-postgres.ts';
import { outOfTurn } from '../kit/turns.ts';

const why = noPostgres();
if (why !== null) process.stdout.write(`the fence between control planes is left out: ${why}\n`);

/** How long the one is stopped: a minute in the long form, here as long as the other one needs and so much more. */
const stoppedMs = process.env['WOMBAT_TEST_LONG'] === '1' ? 60_000 : 4_000;
const share = 'blueprint fence';

describe.skipIf(why !== null)(`the fence${why === null ? '' : `: left out: ${why}`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'wombat-fence-'));
  const file = (name: string) => join(folder, name);
  const lines = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8').trim().split('\n') : []);
  let server: RealPostgres;
  let url = '';
  let planes: readonly ControlPlane[] = [];
  let document: BlueprintDocument;

  beforeAll(async () => {
    server = await realPostgres();
    url = server.newDatabase();
    const first = await new ControlPlane(undefined, ['--database', url]).start();
    planes = [first, await new ControlPlane(first.directory, ['--database', url]).start()];
    const digest = await uploadAnts(first.client);
    document = withGate(antsDocument({ digest, colony: 1, name: 'fence', epmdPort: 24_395, firstPort: 26_300 }));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(planes.map((plane) => plane.kill()));
    planes[0]?.remove();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** Joining is a command on the host. The first that runs waits until the gate is open; whoever comes later passes. */
  function withGate(ants: BlueprintDocument): BlueprintDocument {
    const wait = `while [ ! -e ${file('open')} ]; do sleep 0.05; done; echo late >>${file('done')}`;
    const command = `if mkdir ${file('first')} 2>/dev/null; then ${wait}; else echo other >>${file('done')}; fi`;
    const action = { join: { on: 'host', command }, connects: 'none' } as const;
    const { colony, master } = ants.families;
    const families = { master, colony: { ...colony, bootstrap: { with: { master: { select: 'all', action } } } } };
    return { ...ants, families } as BlueprintDocument;
  }

  /** The number of a control plane's seat, and that under which the share is held, as the database has them. */
  const held = () => {
    const [holder = '', number = ''] = server
      .run(url, `SELECT holder, fence FROM share WHERE name = '${share}'`)
      .trim()
      .split('|');
    return { holder: Number(holder), number: Number(number) };
  };
  const seatOf = async (plane: ControlPlane) =>
    (await plane.client.replicas.list().all()).find(({ isSelf }) => isSelf)?.number ?? 0;

  test('one that goes on in the middle of a pass, after its work was taken over, writes nothing', async () => {
    await apply(planes[0]!.client, document);
    await eventually(60, 'a command of a pass to run', () => Promise.resolve(existsSync(file('first')) || undefined));
    const before = held();
    const isHolder = (await seatOf(planes[0]!)) === before.holder;
    const [late, other] = isHolder ? [planes[0]!, planes[1]!] : [planes[1]!, planes[0]!];
    late.signal('SIGSTOP');
    const stoppedAt = performance.now();
    await converged(other.client, 'fence');
    const after = held();
    expect(after.number).toBeGreaterThan(before.number);
    expect(lines('done')).toEqual(['other']);
    // its command ends while it is stopped: that it has ended is the first thing that it hears
    writeFileSync(file('open'), '');
    await eventually(5, 'the late command to end', () => Promise.resolve(lines('done').length === 2 || undefined));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, stoppedMs - (performance.now() - stoppedAt))));
    late.signal('SIGCONT');
    const refused = await eventually(20, 'the late write to be refused', async () =>
      (await other.client.events.list({ blueprint: 'fence' }).all()).find(({ what }) => what === 'write refused'),
    );
    const stoppedSeconds = Math.round((performance.now() - stoppedAt) / 1000);
    process.stdout.write(`stopped for ${stoppedSeconds} s in a pass under number ${before.number}: ${refused.words}\n`);
    expect(refused.words).toContain(`number ${before.number}`);
    expect(late.log).toContain('a write under a number that is not the newest was refused');
    // what it had done is on record once, by the other one
    expect((await other.client.blueprints.status('fence')).state).toBe('converged');
    const joins = `SELECT fence FROM event WHERE share = '${share}' AND value LIKE '%colony%"what":"bootstrapped"%'`;
    expect(server.run(url, joins).trim().split('\n')).toEqual([String(after.number)]);
    expect(outOfTurn(server, url)).toBe(0);
    const told = await wombat(other.directory, ['events', '--blueprint', 'fence', '-o', 'json']);
    expect(told.stdout).toContain('looks after it, under number');
  }, 180_000);

  test('and takes part again', async () => {
    for (const plane of planes)
      await eventually(30, 'the control plane to be there', async () =>
        (await plane.client.replicas.list().all()).filter(({ state }) => state === 'there').length === 2
          ? true
          : undefined,
      );
    await destroyed(planes[1]!.client, 'fence');
    expect(outOfTurn(server, url)).toBe(0);
  }, 90_000);
});
