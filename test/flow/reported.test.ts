/** What is stripped from a node's settings, and what is found wrong beside it, is said; what is not ours is left alone. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';
import { unfolded } from '../kit/raw-api.ts';

const epmdPort = 24388;
const plane = new ControlPlane();
let epmd: ChildProcess | undefined;

/** The numbers of Debian's account for what belongs to nobody: where we may, the epmd is run by another user, as a service is. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

beforeAll(async () => {
  await plane.start();
  // as Debian's epmd.service has it: on all interfaces
  epmd = spawn('epmd', ['-port', String(epmdPort)], { stdio: 'ignore', cwd: '/', ...nobody });
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
});

test('the status goes on telling of it, as a warning: the cluster is as declared', async () => {
  const said = await wombat(plane.directory, ['status', 'ants']);
  expect(unfolded(said.stdout)).toMatch(/! here\/local its epmd listens on all interfaces, and is not ours/);
  expect(said.stdout).toMatch(/ants\s+converged/);
});

test('it is used, and outlives what used it: it is not ours', async () => {
  await destroyed(plane.client);
  expect(epmd?.exitCode).toBeNull();
  expect(epmd?.signalCode).toBeNull();
});
