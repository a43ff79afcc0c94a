import { expect, test } from 'vitest';
import { onAbort } from './abort.ts';

test('all who wait under a signal are told once, but for those who wait no more', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const tell = () => void told.push('twice');
  onAbort(controller.signal, () => told.push('one'));
  const forget = onAbort(controller.signal, () => told.push('other'));
  onAbort(controller.signal, tell);
  onAbort(controller.signal, tell);
  forget();
  controller.abort();
  controller.abort();
  expect(told).toEqual(['one', 'twice', 'twice']);
});
