/**
 * A store that was killed and then damaged: files cut or bits flipped, at places that a seed chooses. It opens with all that was
 * acknowledged, or it is refused with the file, what is wrong and the way back. WOMBAT_TEST_SEED begins at another seed,
 * WOMBAT_TEST_LONG has ten times as many cases.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect } from '../../../test/kit/collect.ts';
import { sampleNode } from '../../../test/kit/records.ts';
import { systemClock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { openSqliteStore, restoreSqliteStore } from '../store.ts';
import type { Store } from '../store.ts';

/** hundreds of stores, each synced over and over: in memory, where there is a disk of that */
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wombat-damage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const firstSeed = Number(process.env['WOMBAT_TEST_SEED'] ?? 1);
const cases = process.env['WOMBAT_TEST_LONG'] === '1' ? 2_400 : 240;

const database = 'wombat.db';
const files = [database, `${database}-wal`, `${database}-shm`, `${database}-commits`] as const;
const killed = join(root, 'killed');
const backup = join(root, 'backup.db');
let written = '';

const openAt = (directory: string) => openSqliteStore({ directory, clock: systemClock });

/** All that a store answers: what must be as it was. */
async function contentOf(store: Store): Promise<string> {
  const kinds = await store.list('node');
  const secrets = await Promise.all((await store.secrets.names()).map((name) => store.secrets.get(name)));
  const events = await store.events({ after: 0, limit: 100_000 });
  const audit = await store.audit.recent({ limit: 100_000 });
  const { broken } = await store.audit.verify();
  const kept = await store.requests.begin({ token: 'ci', key: 'k-1' }, 'body');
  return JSON.stringify([store.owner, kinds, secrets, events, audit, broken, kept]);
}

/** Some of everything, changed over and over. */
async function fill(store: Store): Promise<void> {
  const event = { level: 'info', kind: 'node', object: 'n', blueprint: 'ants', what: 'made', words: 'x' } as const;
  for (let n = 1; n <= 260; n += 1) {
    const key = `n-${n % 60}`;
    await store.commit([{ put: 'node', key, value: sampleNode(n), expect: null }], [{ ...event, object: key }]);
    if (n % 20 === 0) await store.commit([{ remove: 'node', key: `n-${n % 7}`, expect: null }]);
    if (n % 10 === 0) await store.secrets.put(`secret-${n % 50}`, `value ${n}`);
    if (n % 5 === 0)
      await store.audit.append({
        token: 'ci',
        method: 'PUT',
        path: `/${n}`,
        operation: 'x',
        blueprint: null,
        status: 200,
      });
  }
  if ((await store.requests.begin({ token: 'ci', key: 'k-1' }, 'body')) !== undefined) return;
  await store.requests.settle({ token: 'ci', key: 'k-1' }, { status: 200, body: { done: true } });
}

/** The files of a store as the death of its process leaves them. */
function copyTo(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const from = directory === killed ? join(root, 'living') : killed;
  for (const name of [...files, 'secret.key'])
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(directory, name));
}

beforeAll(async () => {
  const young = await openAt(join(root, 'living'));
  await fill(young);
  // its end is a checkpoint: the log holds what comes after it
  await young.close();
  const store = await openAt(join(root, 'living'));
  await fill(store);
  const saved = await store.backup(new AbortController().signal);
  writeFileSync(backup, Buffer.concat(await collect(saved.chunks())));
  await store.commit([{ put: 'node', key: 'last', value: sampleNode(1), expect: 0 }]);
  written = await contentOf(store);
  copyTo(killed);
  await store.close();
});

/** Damages one file of a store; says how. */
function damage(directory: string, random: Random): string {
  const present = files.filter((name) => existsSync(join(directory, name)));
  // the database and its log are what is large
  const name = random.below(10) < 8 ? files[random.below(2)] : present[random.below(present.length)];
  const path = join(directory, name ?? database);
  const bytes = readFileSync(path);
  if (random.below(3) === 0) {
    const left = random.below(bytes.length);
    writeFileSync(path, bytes.subarray(0, left));
    return `${name} cut to ${left} of ${bytes.length} bytes`;
  }
  const flips = 1 + random.below(3);
  const places = Array.from({ length: flips }, () => random.below(bytes.length * 8));
  for (const place of places) bytes[place >> 3] = (bytes[place >> 3] ?? 0) ^ (1 << (place & 7));
  writeFileSync(path, bytes);
  return `${name} with bits ${places.join(', ')} of ${bytes.length} bytes flipped`;
}

/** Opens it: as it was, or refused. */
async function outcome(directory: string): Promise<'opened' | 'refused'> {
  let store: Store;
  try {
    store = await openAt(directory);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    const { message, detail } = error as Fault;
    expect(`${message} ${detail.object ?? ''}`).toContain(directory);
    expect(`${message} ${detail.words ?? ''}`.length).toBeGreaterThan(message.length + 1);
    expect(detail.next).toMatch(/wombat restore FILE --directory \S+ --replace/);
    return 'refused';
  }
  const content = await contentOf(store);
  await store.close();
  expect(content).toBe(written);
  return 'opened';
}

describe('a killed store', () => {
  test('opens with all that was acknowledged, and its log holds a part of that', async () => {
    const directory = join(root, 'whole');
    copyTo(directory);
    expect(readFileSync(join(directory, `${database}-wal`)).length).toBeGreaterThan(100_000);
    expect(await outcome(directory)).toBe('opened');
  });

  test(`damaged in ${cases} ways from seed ${firstSeed} on: as it was, or refused with the way back`, async () => {
    const counted = { opened: 0, refused: 0 };
    for (let seed = firstSeed; seed < firstSeed + cases; seed += 1) {
      const directory = join(root, `case-${seed}`);
      copyTo(directory);
      const how = damage(directory, seededRandom(seed));
      const came = await outcome(directory).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${how}`, { cause: error });
      });
      counted[came] += 1;
      rmSync(directory, { recursive: true });
    }
    process.stdout.write(`damaged stores: ${counted.opened} opened as they were, ${counted.refused} refused\n`);
    expect(counted.refused).toBeGreaterThan(cases / 2);
  }, 300_000);

  test('without its log, its database or anything in it is refused, and again the next time', async () => {
    const losses: readonly ((directory: string) => void)[] = [
      (directory) => rmSync(join(directory, `${database}-wal`)),
      (directory) => rmSync(join(directory, database)),
      (directory) => writeFileSync(join(directory, database), ''),
    ];
    for (const [at, lose] of losses.entries()) {
      const directory = join(root, `lost-${at}`);
      copyTo(directory);
      lose(directory);
      expect(await outcome(directory)).toBe('refused');
      expect(await outcome(directory)).toBe('refused');
    }
  });

  test('whose all was in its log is refused when that reads no more', async () => {
    const [young, directory] = [join(root, 'young'), join(root, 'young-killed')];
    const store = await openAt(young);
    await store.commit([{ put: 'node', key: 'only', value: sampleNode(1), expect: 0 }]);
    mkdirSync(directory, { mode: 0o700 });
    for (const name of [...files, 'secret.key']) copyFileSync(join(young, name), join(directory, name));
    await store.close();
    const wal = readFileSync(join(directory, `${database}-wal`));
    wal[40] = (wal[40] ?? 0) ^ 1;
    writeFileSync(join(directory, `${database}-wal`), wal);
    expect(await outcome(directory)).toBe('refused');
  });

  test('that is refused stays as it was found, and opens once a backup is in its place', async () => {
    const directory = join(root, 'restored');
    copyTo(directory);
    copyFileSync(join(root, 'living', `${database}-backup`), join(directory, `${database}-backup`));
    const wal = readFileSync(join(directory, `${database}-wal`));
    wal[5000] = (wal[5000] ?? 0) ^ 1;
    writeFileSync(join(directory, `${database}-wal`), wal);
    await expect(openAt(directory)).rejects.toMatchObject({
      message: `the store ${join(directory, database)} is damaged`,
      detail: {
        words: expect.stringMatching(/^\d+ commits were acknowledged, \d+ are left: its log .* is damaged or gone$/),
        next: expect.stringMatching(
          /newest backup in its place \(made at 20\S+Z, sha256 [0-9a-f]{64}\): wombat restore/,
        ),
      },
    });
    expect(readFileSync(join(directory, `${database}-wal`)).equals(wal)).toBe(true);
    restoreSqliteStore({ file: backup, directory, replaces: true });
    const again = await openAt(directory);
    expect((await again.list('node')).map(({ key }) => key)).not.toContain('last');
    await again.commit([{ put: 'node', key: 'after', value: sampleNode(1), expect: 0 }]);
    await again.close();
    await (await openAt(directory)).close();
  });
});
