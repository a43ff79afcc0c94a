import { expect, test } from 'vitest';
import { CliFailure } from './failure.ts';
import { providerDefinition, readHost } from './provider-arguments.ts';

const hostKey = `SHA256:${'A'.repeat(43)}`;

test.each([
  [`erl@10.78.0.11=${hostKey}`, { user: 'erl', address: '10.78.0.11', hostKey }],
  [`erl@lab.example:2222=${hostKey}`, { user: 'erl', address: 'lab.example', port: 2222, hostKey }],
  [`erl@[fd00::1]:22=${hostKey}`, { user: 'erl', address: 'fd00::1', port: 22, hostKey }],
])('%s is a host', (text, host) => {
  expect(readHost(text)).toEqual(host);
});

test.each(['10.78.0.11', 'erl@10.78.0.11', `10.78.0.11=${hostKey}`, 'erl@a=MD5:x'])('%s is none', (text) => {
  expect(() => readHost(text)).toThrow(CliFailure);
});

test('a key given by path becomes a reference, never its contents', () => {
  const options = { kind: 'ssh', host: [`erl@10.78.0.11=${hostKey}`], key: 'lab.key' };
  expect(providerDefinition('lab', options, '/home/me')).toMatchObject({ key: 'secret://file//home/me/lab.key' });
});

test('what a kind does not have is refused by the schema', () => {
  expect(() => providerDefinition('here', { kind: 'local', machines: 3 }, '/')).toThrow(CliFailure);
});
