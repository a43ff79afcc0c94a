import { describe, expect, test } from 'vitest';
import { listed, runCli, scriptedClient } from '../../test/kit/cli-world.ts';
import { sampleTime } from '../../test/kit/records.ts';
import type { KeyRotation } from '../model/rotation.ts';

const begun: KeyRotation = {
  ...{ what: 'ssh key', provider: 'aws', blueprint: null, secret: 'provider:aws login-key', fingerprint: 'SHA256:x' },
  ...{ since: sampleTime, begun: true, done: [], words: 'it is about to begin' },
};
const lacking = [
  { where: 'north/small 10.0.0.2', why: 'out of reach: no route to host' },
  { where: 'north/small 10.0.0.3', why: 'it was ordered before, and is not ready yet' },
];
const words = `1 have it; waits for 2: ${lacking[0]?.where}: ${lacking[0]?.why}`;

/** A control plane whose rotation is seen so often, and then is over. */
function clientWith(looks: number, asked: unknown[] = []) {
  let left = looks;
  return scriptedClient({
    providers: {
      rotateKey(...given) {
        asked.push(given.slice(0, 2));
        return Promise.resolve(begun);
      },
    },
    secrets: { rotations: () => listed((left -= 1) >= 0 ? [{ ...begun, done: ['m-1'], words, lacking }] : []) },
  });
}

const rotate = ['provider', 'rotate-key', 'aws'];

describe('wombat provider rotate-key', () => {
  test('of a cloud asks for no key, tells how far it is, and ends when all have it', async () => {
    const asked: unknown[] = [];
    const { code, out, err } = await runCli(rotate, clientWith(50, asked));
    expect(asked).toEqual([['aws', undefined]]);
    expect([code, out]).toEqual([0, 'aws: every machine lets the new key in and refuses the old one\n']);
    expect(err).toBe(`${words}\n`);
  });

  test('names who lacks it when the time is over', async () => {
    const { code, out, err } = await runCli([...rotate, '--timeout', '10s'], clientWith(Infinity));
    expect([code, out]).toEqual([124, '']);
    for (const { where, why } of lacking) expect(err).toContain(`${where}: ${why}`);
    expect(err).toContain('next:  it goes on by itself');
  });

  test('answers the record as JSON, without waiting when told so', async () => {
    const { code, out } = await runCli([...rotate, '--no-wait', '-o', 'json'], clientWith(0));
    expect([code, JSON.parse(out)]).toEqual([0, begun]);
  });
});
