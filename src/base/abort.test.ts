import { getEventListeners } from 'node:events';
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

test('nobody listens to a signal under which nobody waits any more, and it is listened to again when somebody does', () => {
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, 'abort').length;
  const [first, second] = [onAbort(signal, () => undefined), onAbort(signal, () => undefined)];
  first();
  expect(listeners()).toBe(1);
  second();
  expect(listeners()).toBe(0);
  const third = onAbort(signal, () => undefined);
  first();
  expect(listeners()).toBe(1);
  third();
  expect(listeners()).toBe(0);
});
