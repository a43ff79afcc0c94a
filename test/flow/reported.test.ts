/** What is stripped from a node's settings, and what is found wrong beside it, is said. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';

const epmdPort = 24388;
const plane = new ControlPlane();
let epmd: ChildProcess | undefined;

beforeAll(async () => {
  await plane.start();
  epmd = spawn('epmd', ['-port', String(epmdPort)], { stdio: 'ignore' });
});

afterAll(async () => {
  epmd?.kill('SIGKILL');
  await plane.stop();
  plane.remove();
});

/** The words of the first event of that kind. */
function told(what: string): Promise<string> {
  return eventually(30, `the event "${what}"`, async () => {
    const events = await plane.client.events.list({ after: 0 }).all();
    return events.find((event) => event.what === what)?.words;
  });
}

test('a cookie and a name in vm.args are left out, and an epmd on all interfaces is named', async () => {
  const digest = await uploadAnts(plane.client);
  const family = { config: { vmArgs: ['-setcookie', 'mine', '-name', 'other@127.0.0.1'] } };
  await apply(plane.client, antsDocument({ digest, epmdPort, firstPort: 25400, colony: 1, family }));
  await converged(plane.client);
  expect(await told('settings left out')).toMatch(/-setcookie.*-name|-name.*-setcookie/);
  expect(await told('exposed')).toMatch(/all interfaces/);
  await destroyed(plane.client);
});
