import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { openSqliteStore } from '../store.ts';
import type { Store } from '../store.ts';
import { keepTally, sumOf } from './tally.ts';

const root = mkdtempSync(join(tmpdir(), 'wombat-audit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const openAt = (directory: string) => openSqliteStore({ directory, clock: systemClock });

async function append(store: Store, times: number): Promise<void> {
  for (let n = 0; n < times; n++)
    await store.audit.append({
      token: 'ci',
      method: 'POST',
      path: `/api/v1/plans/p-${n}/adopt`,
      operation: 'adoptPlan',
      blueprint: 'ants',
      status: 200,
    });
}

/** A store on disk with five entries, and somebody who has its database. */
async function storeWithFive(): Promise<{ directory: string; store: Store; tamper(sql: string): void }> {
  const directory = join(root, `store-${++count}`);
  const store = await openAt(directory);
  await append(store, 5);
  return {
    directory,
    store,
    tamper(sql) {
      const other = new DatabaseSync(join(directory, 'wombat.db'));
      other.exec(sql);
      // who knows the program makes the tally right: it is there against damage
      keepTally(other, { commits: 1_000_000, digest: sumOf(other) });
      other.close();
    },
  };
}

const swap = `UPDATE audit SET sequence = 99 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 4;
  UPDATE audit SET sequence = 4 WHERE sequence = 99`;

describe('what is found, while the store is open and after it was opened anew', () => {
  test.each([
    ['a status that was changed', `UPDATE audit SET value = replace(value, '200', '403') WHERE sequence = 3`, 3],
    ['a token that was changed', `UPDATE audit SET value = replace(value, '"ci"', '"me"') WHERE sequence = 1`, 1],
    ['a hash that was changed', `UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE sequence = 2`, 2],
    ['an entry that was removed', 'DELETE FROM audit WHERE sequence = 3', 3],
    ['the oldest removed', 'DELETE FROM audit WHERE sequence = 1', 1],
    ['the newest removed', 'DELETE FROM audit WHERE sequence > 3', 4],
    ['all removed', 'DELETE FROM audit', 1],
    ['two that changed places', swap, 2],
    ['one put in again at the end', 'UPDATE audit SET sequence = 6 WHERE sequence = 2', 2],
  ])('%s', async (_, sql, sequence) => {
    const { directory, store, tamper } = await storeWithFive();
    expect(await store.audit.verify()).toMatchObject({ sound: 5, broken: null });
    tamper(sql);
    expect((await store.audit.verify()).broken?.sequence).toBe(sequence);
    await append(store, 1);
    await store.close();
    tamper('');
    const again = await openAt(directory);
    expect((await again.audit.verify()).broken?.sequence).toBe(sequence);
    await again.close();
  });

  test.each([
    ['removed', `DELETE FROM meta WHERE name = 'audit'`],
    ['made up', `UPDATE meta SET value = replace(value, '[5', '[4') WHERE name = 'audit'`],
    ['no end at all', `UPDATE meta SET value = 'nonsense' WHERE name = 'audit'`],
  ])('newest entries that were removed together with the end of the chain, which is then %s', async (_, sql) => {
    const { directory, store, tamper } = await storeWithFive();
    await store.close();
    tamper(`DELETE FROM audit WHERE sequence = 5; ${sql}`);
    const again = await openAt(directory);
    expect((await again.audit.verify()).broken?.sequence).toBe(4);
    await append(again, 2);
    expect((await again.audit.verify()).broken?.sequence).toBe(5);
    await again.close();
    const later = await openAt(directory);
    expect((await later.audit.verify()).broken?.sequence).toBe(5);
    await later.close();
  });

  test('the whole chain computed anew by somebody without the key', async () => {
    const { directory, store, tamper } = await storeWithFive();
    await store.close();
    const forged = await openAt(join(root, `store-${++count}`));
    await append(forged, 4);
    await forged.close();
    tamper(`ATTACH '${join(root, `store-${count}`, 'wombat.db')}' AS forged; DELETE FROM audit;
      INSERT INTO audit SELECT * FROM forged.audit;
      UPDATE meta SET value = (SELECT value FROM forged.meta WHERE name = 'audit') WHERE name = 'audit'`);
    const again = await openAt(directory);
    expect((await again.audit.verify()).broken).not.toBeNull();
    await again.close();
  });
});

test('a store that somebody changed who does not know the program is not opened', async () => {
  const { directory, store } = await storeWithFive();
  await store.close();
  const other = new DatabaseSync(join(directory, 'wombat.db'));
  other.exec('DELETE FROM audit WHERE sequence = 3');
  other.close();
  await expect(openAt(directory)).rejects.toMatchObject({
    code: 'invalid',
    detail: { words: 'what is in it is not what was written' },
  });
});

test('an entry that somebody added behind the end is found, and does not keep the log from going on', async () => {
  const { store, tamper } = await storeWithFive();
  tamper('INSERT INTO audit SELECT 6, blueprint, value, hash FROM audit WHERE sequence = 5');
  expect(await store.audit.verify()).toMatchObject({ sound: 5, broken: { sequence: 6 } });
  await append(store, 1);
  expect(await store.audit.verify()).toMatchObject({ sound: 6, broken: null });
  await store.close();
});

test('a log of several batches is checked to its end', async () => {
  const { store, tamper } = await storeWithFive();
  await Promise.all(Array.from({ length: 2500 }, () => append(store, 1)));
  expect(await store.audit.verify()).toMatchObject({ sound: 2505, broken: null });
  tamper(`UPDATE audit SET value = replace(value, 'ants', 'bees') WHERE sequence = 2001`);
  expect(await store.audit.verify()).toMatchObject({ sound: 2000, broken: { sequence: 2001 } });
  await store.close();
});

test('an entry that was removed with more than a batch behind it is found, and the check ends', async () => {
  const { store, tamper } = await storeWithFive();
  await Promise.all(Array.from({ length: 2500 }, () => append(store, 1)));
  tamper('DELETE FROM audit WHERE sequence = 3');
  expect(await store.audit.verify()).toMatchObject({ sound: 2, broken: { sequence: 3 } });
  await store.close();
});
