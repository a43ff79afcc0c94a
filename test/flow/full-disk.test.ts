/**
 * Full disks. The control plane's: what it cannot write it refuses, and says where there is no room; what it acknowledged is
 * there, it goes on reading, and goes on by itself once there is room. A host's: seen before anything is bought where it can
 * be, else told with the figures; nothing half installed stays, and it goes on by itself, too.
 */
import { createReadStream, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import {
  antsArchive,
  antsDocument,
  apply,
  converged,
  destroyed,
  eventually,
  pidOf,
  uploadAnts,
} from '../kit/deployment.ts';
import { killFound } from '../kit/processes.ts';
import { ask, unfolded } from '../kit/raw-api.ts';
import { canMountDisks, SmallDisk } from '../kit/small-disk.ts';

const able = canMountDisks();
if (!able.ok) process.stderr.write(`skipped: full disks: ${able.why}\n`);

describe.skipIf(!able.ok)('a full disk of the control plane', () => {
  let plane: ControlPlane;
  let disk: SmallDisk;
  /** where its local nodes live: another disk */
  const elsewhere = mkdtempSync(join(tmpdir(), 'wombat-elsewhere-'));
  const acknowledged: string[] = [];

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wombat-flow-'));
    disk = new SmallDisk(directory, 64);
    plane = await new ControlPlane(directory).start();
    const providers = { here: { kind: 'local' as const, directory: elsewhere } };
    const digest = await uploadAnts(plane.client);
    await apply(plane.client, antsDocument({ digest, epmdPort: 24397, firstPort: 26_100, colony: 1, providers }));
    await converged(plane.client);
  });

  afterAll(async () => {
    disk.empty();
    await destroyed(plane.client);
    await plane.stop();
    disk.unmount();
    plane.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  const put = (name: string) => ask(plane, 'PUT', `/secrets/${name}`, { value: name.repeat(1000) });

  /** Writes until it is refused: what was acknowledged before is kept in mind. */
  async function writeUntilRefused(): Promise<Problem> {
    for (let at = 0; at < 5_000; at += 1) {
      const name = `canary-${acknowledged.length}`;
      const { problem } = await put(name);
      if (problem !== null) return problem;
      acknowledged.push(name);
      disk.fill();
    }
    throw new Error('the disk does not get full');
  }

  /** Processor time that the control plane has used so far, seconds. */
  function usedSeconds(): number {
    const fields = readFileSync(`/proc/${plane.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  test('a change is refused: what, where, how much is free, what to do', async () => {
    disk.fill();
    const problem = await writeUntilRefused();
    expect(problem).toMatchObject({ kind: 'unavailable', status: 503, object: `disk of ${plane.directory}` });
    expect(problem.detail).toMatch(
      /^the store cannot be written: the disk that holds .* is full \(0\.\d of 67 MB are free\)$/,
    );
    expect(problem.words).toMatch(/full/);
    expect(problem.next).toMatch(/^make room on it \(df -h .*\), then do it again/);
  });

  test('the command line says the same, with the code of the contract', async () => {
    disk.fill();
    const said = await wombat(plane.directory, ['family', 'scale', 'ants/colony', '2', '--no-wait']);
    expect(unfolded(said.stderr)).toMatch(/the disk that holds \S+ is full .* next: make room/);
    expect(said.code).toBe(9);
  });

  test('an upload is refused, and what came of it is gone', async () => {
    const before = readdirSync(join(plane.directory, 'releases', 'sha256'));
    disk.fill();
    const archive = await antsArchive();
    const words = /^the (release archive|store) cannot be written: the disk that holds \S+ is full/;
    const upload = plane.client.releases.upload(createReadStream(archive));
    await expect(upload).rejects.toMatchObject({
      problem: { kind: 'unavailable', detail: expect.stringMatching(words) as string },
    });
    expect(readdirSync(join(plane.directory, 'releases', 'incoming'))).toEqual([]);
    expect(readdirSync(join(plane.directory, 'releases', 'sha256'))).toEqual(before);
  });

  test('a log that finds no room keeps nobody waiting', async () => {
    disk.fill();
    for (let at = 0; at < 60; at += 1) expect((await put('refused')).status).toBe(503);
    expect(plane.log).not.toMatch(/are lost/);
  });

  test('it goes on reading, and what cannot be recorded waits without haste', async () => {
    disk.fill();
    const { nodes } = await plane.client.blueprints.status('ants');
    killFound(nodes.map(pidOf)[0]);
    const before = usedSeconds();
    const until = Date.now() + 8_000;
    while (Date.now() < until) {
      disk.fill();
      expect((await ask(plane, 'GET', '/status')).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(usedSeconds() - before).toBeLessThan(4);
  });

  test('once there is room it goes on by itself: the node is started again, the log says what it lost', async () => {
    disk.empty();
    await converged(plane.client, 'ants', 90);
    expect((await put('afterwards')).status).toBeLessThan(300);
    await plane.stop();
    expect(plane.log).toMatch(/lines of this log could not be written and are lost/);
    await plane.start();
  });

  test('nothing that was acknowledged is lost, also after a kill while the disk was full', async () => {
    disk.fill();
    await writeUntilRefused();
    await plane.kill();
    disk.empty();
    await plane.start();
    const names = await plane.client.secrets.list().all();
    expect(acknowledged.filter((name) => !names.includes(name))).toEqual([]);
    expect((await plane.client.audit.verify()).broken).toBeNull();
    await converged(plane.client, 'ants', 90);
  });

  test('one that cannot be started on it says why', async () => {
    await plane.stop();
    disk.fill();
    await expect(plane.start()).rejects.toThrow(/the disk that holds .* is full/);
    disk.empty();
    await plane.start();
    await eventually(30, 'an answer', async () => ((await plane.client.health()).owner === '' ? undefined : true));
  });
});

describe.skipIf(!able.ok)('a full disk of a host', () => {
  const plane = new ControlPlane();
  const root = mkdtempSync(join(tmpdir(), 'wombat-host-'));
  let disk: SmallDisk;
  let digest = '';

  beforeAll(async () => {
    disk = new SmallDisk(root, 120);
    await plane.start();
    digest = await uploadAnts(plane.client);
  });

  afterAll(async () => {
    disk.empty();
    if ((await plane.client.blueprints.list().all()).length > 0) await destroyed(plane.client);
    await plane.stop();
    disk.unmount();
    plane.remove();
    rmSync(root, { recursive: true, force: true });
  });

  function document(colony: number) {
    const providers = { here: { kind: 'local' as const, directory: root } };
    return antsDocument({ digest, epmdPort: 24398, firstPort: 26_200, colony, providers });
  }

  /** The state of the blueprint, once its words say that. */
  const saying = (words: RegExp) =>
    eventually(
      90,
      String(words),
      async () => {
        const status = await plane.client.blueprints.status('ants');
        return words.test(`${status.words} ${JSON.stringify(status.nodes)}`) ? status : undefined;
      },
      () => plane.client.blueprints.status('ants'),
    );

  test('is seen when it is planned: what is needed, what is free', async () => {
    disk.fill();
    const { problem } = await refusedAdoption(document(1));
    expect(problem).toMatchObject({ kind: 'unsatisfiable', status: 422 });
    expect(problem?.detail).toMatch(/the release needs [\d.]+ MB of disk when unpacked, 0(\.\d)? MB are free/);
    disk.empty();
  });

  async function refusedAdoption(wanted: ReturnType<typeof document>) {
    const plan = await plane.client.plans.create(wanted, { cause: 'apply' });
    return ask(plane, 'POST', `/plans/${plan.id}/adopt`);
  }

  test('one that fills up after the plan is told in the words of the host; nothing half installed stays', async () => {
    // what was measured a moment ago still counts
    const plan = await eventually(30, 'a place', async () => {
      const made = await plane.client.plans.create(document(1), { cause: 'apply' });
      return made.report.shortages.length === 0 ? made : undefined;
    });
    disk.fill();
    disk.free(300_000);
    await plane.client.plans.adopt(plan.id);
    const status = await saying(/no space left: unpacked it is \d+ KiB, \d+ KiB are free in /);
    expect(status.state).toBe('failing');
    expect(status.words).toMatch(/the release could not be installed: .* found its disk full/);
    const everything = readdirSync(root, { recursive: true, encoding: 'utf8' });
    expect(everything.filter((path) => /releases\/.+/.test(path) && !path.endsWith('.lock'))).toEqual([]);
  });

  test('once there is room it is installed by itself', async () => {
    disk.empty();
    await converged(plane.client, 'ants', 120);
  });

  test('a node that cannot be started there says so, and is started once there is room', async () => {
    disk.fill();
    const plan = await plane.client.plans.create(document(2), { cause: 'apply' });
    await plane.client.plans.adopt(plan.id);
    const status = await saying(/its files cannot be written: \d+ KiB are free|No space left/i);
    expect(status.nodes.filter(({ state }) => state.phase === 'running')).toHaveLength(2);
    disk.empty();
    await converged(plane.client, 'ants', 120);
  });
});
