import { expect, test } from 'vitest';
import { collect } from '../../../test/kit/collect.ts';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { orderOf, ownedOf, scriptedCloud } from '../../../test/kit/scripted-cloud.ts';
import { Fault } from '../../base/fault.ts';
import { CallLog, logged } from './call-log.ts';

const goOn = new AbortController().signal;

test('calls are kept with their outcome, the last of them only, and no secret in them (I8)', async () => {
  const clock = fakeClock();
  const log = new CallLog();
  log.conceal('{"user":"joe-robot","password":"correct horse"}');
  log.conceal('-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\n-----END KEY-----');
  const echo = new Fault('denied', 'joe-robot may not, said correct horse of AAAAB3NzaC1yc2E');
  const adapter = scriptedCloud({ list: [[ownedOf('a'), ownedOf('b')]], create: [echo] });
  const cloud = logged(adapter, log, clock);
  await collect(cloud.list('o', goOn));
  await expect(cloud.create([orderOf('a')], goOn)).rejects.toBe(echo);
  expect(log.recent).toMatchObject([
    { verb: 'list', code: 'ok', words: '2 things' },
    { verb: 'create', code: 'denied', words: '… may not, said … of …' },
  ]);
  for (let call = 0; call < 300; call += 1) await cloud.offers(goOn);
  expect(log.recent).toHaveLength(200);
});
