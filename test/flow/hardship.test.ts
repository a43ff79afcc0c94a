/**
 * What goes wrong between a user and the control plane: half an upload, two who change the same blueprint at once, a change
 * made on an older revision. Nothing half done stays, nobody's work is undone, and who was faster is told.
 */
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from '../../src/client/client.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Adopted } from '../../src/model/exchange.ts';
import type { Plan } from '../../src/model/plan.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsArchive, eventually, uploadAnts } from '../kit/deployment.ts';
import { ask, beginUpload } from '../kit/raw-api.ts';
import type { Answer } from '../kit/raw-api.ts';

const plane = new ControlPlane();
let archive: Buffer;

beforeAll(async () => {
  await plane.start();
  archive = readFileSync(await antsArchive());
});

afterAll(async () => {
  await plane.stop();
  plane.remove();
});

/** Archives on their way in, and those that are kept. */
function kept(folder: 'incoming' | 'sha256'): string[] {
  return readdirSync(join(plane.directory, 'releases', folder));
}

describe('half an upload', () => {
  const half = () => archive.subarray(0, archive.length / 2);

  /** Nothing of it is there, neither on the disk nor on record; the same archive, whole, is taken in afterwards. */
  async function leavesNothing(): Promise<void> {
    await eventually(20, 'what came to be removed', () => Promise.resolve(kept('incoming').length === 0 || undefined));
    expect(kept('sha256')).toEqual([]);
    expect(await plane.client.releases.list().all()).toEqual([]);
    const { release } = await plane.client.releases.upload(createReadStream(await antsArchive()));
    expect(release).toMatchObject({ name: 'ants', bytes: archive.length });
    expect(kept('sha256')).toEqual([`${release.digest.slice('sha256:'.length)}.tar.gz`]);
    await plane.client.releases.remove(release.digest);
  }

  async function underWay(): Promise<void> {
    await eventually(20, 'an upload under way', () => Promise.resolve(kept('incoming').length > 0 || undefined));
  }

  test('a connection that is cut in the middle', async () => {
    const upload = beginUpload(plane, archive.length);
    upload.write(half());
    await underWay();
    upload.destroy();
    await leavesNothing();
  });

  test('all of it, but less than was announced, before the connection is cut', async () => {
    const upload = beginUpload(plane, archive.length + 10);
    upload.write(archive);
    await underWay();
    upload.destroy();
    await leavesNothing();
  });

  test('an announced length that is too small: the archive ends too early, and that is said', async () => {
    const upload = beginUpload(plane, half().length);
    upload.end(half());
    const [response] = (await once(upload, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(422);
    expect(await text(response)).toMatch(/no release that can be taken in/);
    await leavesNothing();
  });

  test('a control plane that is killed during it removes what came at its next start', async () => {
    const upload = beginUpload(plane, archive.length);
    upload.write(half());
    await underWay();
    await plane.kill();
    expect(kept('incoming')).toHaveLength(1);
    await plane.start();
    expect(kept('incoming')).toEqual([]);
    await leavesNothing();
  });
});

describe('two who change the same blueprint', () => {
  let digest = '';
  let other = '';

  beforeAll(async () => {
    digest = await uploadAnts(plane.client);
    other = (await plane.client.tokens.create({ name: 'ci', role: 'operate' })).value;
  });

  /** A blueprint that differs from another one by `stopSeconds`; without nodes, for nothing here is about them. */
  function document(stopSeconds: number): BlueprintDocument {
    return {
      wombat: 1,
      name: 'contested',
      providers: { here: { kind: 'local' } },
      releases: { ants: { digest } },
      families: { ants: { release: 'ants', nodes: 0, stopSeconds } },
    };
  }

  async function planned(stopSeconds: number, revision?: number): Promise<Answer> {
    return ask(plane, 'POST', '/plans', { document: document(stopSeconds), cause: `stop in ${stopSeconds}`, revision });
  }

  const idOf = ({ body }: Answer) => (body as Plan).id;
  const adopt = (plan: string, token?: string) => ask(plane, 'POST', `/plans/${plan}/adopt`, undefined, token);

  test('of many plans made from one revision and applied at once, one is adopted; the others are told which', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const seconds = [1, 2, 3, 4, 5, 6].map((at) => 10 * round + at);
      const plans = (await Promise.all(seconds.map((stop) => planned(stop)))).map(idOf);
      const answers = await Promise.all(plans.map((plan, at) => adopt(plan, at % 2 === 0 ? other : undefined)));
      const won = answers.findIndex(({ status }) => status === 200);
      expect(answers[won]?.body).toMatchObject({ revision: round } satisfies Partial<Adopted>);
      const by = won % 2 === 0 ? 'ci' : 'first';
      for (const { status, problem } of answers.filter((_, at) => at !== won)) {
        expect(status).toBe(409);
        expect(problem?.kind).toBe('conflict');
        const faster = `revision ${round} was applied since (stop in ${seconds[won] ?? ''}, by token ${by} at 20`;
        expect(problem?.detail).toContain(faster);
        expect(problem?.next).toMatch(/^wombat plan/);
      }
      const { document: now } = await plane.client.blueprints.show('contested');
      expect(now.families['ants']?.stopSeconds).toBe(seconds[won]);
    }
    const { items } = (await ask(plane, 'GET', '/blueprints/contested/revisions')).body as Page<{ number: number }>;
    expect(items.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test('an old plan is refused by the command line with code 7, and by whom it was overtaken', async () => {
    const old = idOf(await planned(50));
    expect((await adopt(idOf(await planned(51)), other)).status).toBe(200);
    const said = await wombat(plane.directory, ['apply', '--plan', old, '-y']);
    expect(said.code).toBe(7);
    expect(said.stderr).toMatch(/is stale: revision 4\s+was\s+applied\s+since\s+\(stop in 51,\s+by\s+token\s+ci\s+at/);
    expect((await adopt(old)).problem?.kind).toBe('conflict');
  });

  test('a change that was made from an older revision is refused', async () => {
    const { problem } = await planned(60, 3);
    expect(problem).toMatchObject({ kind: 'conflict', status: 409, object: 'blueprint contested' });
    expect(problem?.detail).toMatch(/is at revision 4 by now \(stop in 51, by token ci at .*\); this was made from 3/);
    expect(problem?.next).toMatch(/wombat export contested/);
    expect((await planned(60, 4)).status).toBe(201);
  });
});
