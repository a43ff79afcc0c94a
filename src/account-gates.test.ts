import { expect, test } from 'vitest';
import { fakeClock } from '../test/kit/fake-clock.ts';
import { accountGates } from './account-gates.ts';
import type { Provider } from './model/provider.ts';

const aws = (name: string, change: object = {}): Provider => ({
  name,
  definition: { kind: 'ec2', region: 'eu-north-1', credentials: 'secret://file/aws.json', ...change },
  declaredBy: null,
});
const secret = () => Promise.resolve('key one');

test('providers with the same credentials at the same endpoint pass the same gate, in whatever region they are', async () => {
  const gateOf = accountGates(fakeClock());
  const gate = await gateOf(aws('one'), secret);
  expect(await gateOf(aws('one'), secret)).toBe(gate);
  expect(await gateOf(aws('two', { region: 'eu-west-1' }), secret)).toBe(gate);
  expect(await gateOf(aws('three', { credentials: 'secret://env/AWS' }), secret)).toBe(gate);
});

test('another key, another endpoint, other limits: another gate; so has each whose credentials nobody has handed in', async () => {
  const gateOf = accountGates(fakeClock());
  const missing = () => Promise.reject(new Error('nobody has handed it in'));
  const rack: Provider = { name: 'rack', definition: { kind: 'local' }, declaredBy: null };
  const gates = [
    await gateOf(aws('one'), secret),
    await gateOf(aws('one'), () => Promise.resolve('key two')),
    await gateOf(aws('one', { endpoint: 'https://ec2.example' }), secret),
    await gateOf(aws('one', { limits: { perSecond: 1 } }), secret),
    await gateOf(aws('one'), missing),
    await gateOf(aws('two'), missing),
    await gateOf(rack, missing),
  ];
  expect(new Set(gates).size).toBe(gates.length);
});
