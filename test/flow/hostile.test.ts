/**
 * Hostile archives at the product's own door: a real control plane over HTTP, once as an OTP release and once as an archive of
 * any shape. All are refused as what they are; nothing of them is on the disk afterwards; none costs more than its share.
 */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProblemError } from '../../src/client/client.ts';
import { systoolsRelease } from '../kit/release-archive.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { hostileArchives } from '../kit/hostile-archives.ts';
import { chunksOf, tarGz } from '../kit/tar.ts';

const memoryMost = 64 * 2 ** 20;
const secondsMost = 1;
/** of the clock that /proc/PID/stat counts in */
const ticksPerSecond = 100;

const plane = new ControlPlane();

beforeAll(async () => {
  await plane.start();
  // what the first upload of all asks for stays
  await plane.client.releases.upload(chunksOf(tarGz(systoolsRelease)));
});

afterAll(async () => {
  await plane.stop();
  plane.remove();
});

/** Every path below the control plane's folder, with its size; what is written to all the time left out. */
function everything(): string[] {
  const names = readdirSync(plane.directory, { recursive: true, encoding: 'utf8' });
  const quiet = names.filter((name) => !/\.(db|log|sqlite)|-wal$|-shm$/.test(name)).sort();
  return quiet.map((name) => `${name} ${statSync(join(plane.directory, name)).size}`);
}

/** A line of /proc/PID/status, bytes. */
function memory(line: 'VmHWM' | 'VmRSS'): number {
  const text = readFileSync(`/proc/${plane.pid}/status`, 'utf8');
  return Number(new RegExp(`^${line}:\\s*(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
}

/** Processor time of all its threads so far, seconds. */
function processorSeconds(): number {
  const fields = readFileSync(`/proc/${plane.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** What one upload cost, and how it was refused. */
interface Cost {
  readonly name: string;
  readonly refusal: string;
  readonly bytes: number;
  readonly seconds: number;
}

async function refused(name: string, archive: Uint8Array, declared: boolean): Promise<Cost> {
  // starts the peak anew (proc(5), clear_refs)
  writeFileSync(`/proc/${plane.pid}/clear_refs`, '5');
  const before = { bytes: memory('VmRSS'), seconds: processorSeconds() };
  const as = declared ? { name: 'anything', version: '1' } : undefined;
  const answer = await plane.client.releases.upload(chunksOf(archive), undefined, as).then(
    () => 'taken in',
    (error: unknown) =>
      error instanceof ProblemError ? `${error.problem.kind}: ${error.problem.detail}` : String(error),
  );
  const cost = { bytes: memory('VmHWM') - before.bytes, seconds: processorSeconds() - before.seconds };
  return { name, refusal: answer, ...cost };
}

test(`all ${hostileArchives.length} are refused, cheaply, and leave nothing`, async () => {
  expect(hostileArchives.length).toBeGreaterThanOrEqual(80);
  expect(new Set(hostileArchives.map(([name]) => name)).size).toBe(hostileArchives.length);
  const before = everything();
  const costs: Cost[] = [];
  for (const [name, bytes] of hostileArchives) {
    const archive = bytes();
    for (const declared of [false, true]) costs.push(await refused(name, archive, declared));
  }
  const most = (of: 'bytes' | 'seconds') => costs.reduce((one, other) => (other[of] > one[of] ? other : one));
  const [memoryOf, timeOf] = [most('bytes'), most('seconds')];
  process.stderr.write(
    `hostile archives: ${costs.length} uploads; most memory ${(memoryOf.bytes / 2 ** 20).toFixed(1)} MiB (${memoryOf.name}), ` +
      `most processor time ${timeOf.seconds.toFixed(2)} s (${timeOf.name})\n`,
  );
  expect(costs.filter(({ refusal }) => !refusal.startsWith('invalid: '))).toEqual([]);
  expect(costs.filter((cost) => cost.bytes > memoryMost || cost.seconds > secondsMost)).toEqual([]);
  expect(everything()).toEqual(before);
  expect(await plane.client.releases.list().all()).toHaveLength(1);
});
