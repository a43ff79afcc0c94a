/**
 * No secret in any output (I8): the cookie of a real component and the one that takes its place, the private key of a real
 * host, credentials of a cloud, a secret of an environment, and API tokens are looked for in every place where they could
 * have got to.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { secretName } from '../../src/model/secret.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { cookieFilesBelow } from '../kit/cookies.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';

const able = await canRunSshHosts();
const plane = new ControlPlane();
let lab: SshLab | undefined;
/** every place where something was found, by the secret's name */
const canaries = new Map<string, string>();
const reference = 'secret://file/lab.key';

beforeAll(async () => {
  await plane.start();
  if (able.ok) lab = await startSshHosts({ count: 1, directory: join(plane.directory, 'lab'), network: 22 });
  else process.stderr.write(`skipped: the SSH key as a canary: ${able.why} (${able.next})\n`);
  await plant();
  await deploy();
  gatherCanaries();
});

afterAll(async () => {
  await destroyed(plane.client);
  await lab?.stop();
  await plane.stop();
  plane.remove();
});

/** Secrets that are put there by hand: of a cloud that is asked and does not answer, of an environment, and a token. */
async function plant(): Promise<void> {
  const { client } = plane;
  canaries.set('cloud credential', 'canary-of-a-cloud-b1946ac92492d2347c62');
  canaries.set('environment secret', 'canary-of-an-environment-f3d0c8a7e512');
  const credentials = 'secret://env/CLOUD';
  const account = { username: 'ants', project: 'ants', password: canaries.get('cloud credential') };
  await client.secrets.put(secretName('provider:stack', credentials), JSON.stringify(account));
  await client.secrets.put(secretName('ants', 'secret://env/PLANTED'), canaries.get('environment secret') ?? '');
  const endpoint = 'http://127.0.0.1:1/v3';
  await client.providers.add('stack', { kind: 'openstack', endpoint, region: 'R', credentials, allowPrivate: true });
  const { value } = await client.tokens.create({ name: 'ci', role: 'read' }, { idempotencyKey: 'once' });
  canaries.set('token of ci', value);
}

/** Nodes here and, where that is possible, on an SSH host. */
async function deploy(): Promise<void> {
  const digest = await uploadAnts(plane.client);
  const providers: NonNullable<BlueprintDocument['providers']> = { here: { kind: 'local' } };
  if (lab !== undefined) {
    const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab?.user ?? '' }));
    providers['here'] = { kind: 'local', address: lab.gateway };
    providers['lab'] = { kind: 'ssh', key: reference, hosts };
    await plane.client.secrets.put(secretName('ants', reference), lab.privateKey);
  }
  await apply(plane.client, antsDocument({ digest, epmdPort: 24386, firstPort: 25200, colony: 2, providers }));
  await converged(plane.client);
}

/** The secrets themselves, read where they are meant to be. */
function gatherCanaries(): void {
  canaries.set('token', plane.token);
  if (lab !== undefined) canaries.set('SSH key', lab.privateKey.split('\n').slice(2, 4).join('\n'));
  const [cookie] = cookieFilesBelow(join(plane.directory, 'providers'));
  if (cookie === undefined) throw new Error('no cookie file was found: the test would prove nothing');
  canaries.set('cookie', readFileSync(cookie, 'utf8').trim());
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}

/** Fails naming the secret and the place. */
function expectClean(place: string, content: string | Buffer): void {
  for (const [name, value] of canaries) {
    const lines = value.split('\n');
    expect(
      lines.some((line) => content.includes(line)),
      `${name} in ${place}`,
    ).toBe(false);
  }
}

/** Each file of every process that this machine can see, namespaces included. */
function inEveryProcess(file: 'cmdline' | 'environ'): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let content: Buffer;
    try {
      content = readFileSync(`/proc/${pid}/${file}`);
    } catch {
      continue;
    }
    expectClean(`${file} of process ${pid}`, content);
  }
}

test('the canaries are real', () => {
  expect([...canaries.values()].every((value) => value.length >= 32)).toBe(true);
});

test('not in the arguments or the environment of any process', () => {
  inEveryProcess('cmdline');
  inEveryProcess('environ');
});

test('not while nodes are being started and stopped either', async () => {
  const changed = plane.client.families.scale({ blueprint: 'ants', family: 'colony' }, 4);
  const until = Date.now() + 6_000;
  while (Date.now() < until) {
    inEveryProcess('cmdline');
    inEveryProcess('environ');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await changed;
  await converged(plane.client);
});

test('not when each of them is replaced, by old value or new', async () => {
  const { client } = plane;
  canaries.set('token of ci, replaced', (await client.tokens.rotate('ci')).value);
  canaries.set('token, replaced', (await client.tokens.rotate('first')).value);
  await client.blueprints.rotateCookie('ants');
  const until = Date.now() + 30_000;
  while ((await client.secrets.rotations().all()).length > 0 && Date.now() < until) {
    inEveryProcess('cmdline');
    inEveryProcess('environ');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [cookie = ''] = cookieFilesBelow(join(plane.directory, 'providers'));
  canaries.set('cookie, replaced', readFileSync(cookie, 'utf8').trim());
  expect(canaries.get('cookie, replaced')).not.toBe(canaries.get('cookie'));
  await client.secrets.rotateKey();
  expect(await client.secrets.rotations().all()).toEqual([]);
});

test('not in the database, the logs or any other file of the control plane but the token’s own', () => {
  const allowed = /\/(token|\.erlang\.cookie)$/;
  const files = filesBelow(plane.directory).filter(
    (path) => !allowed.test(path) && !path.startsWith(join(plane.directory, 'lab')),
  );
  expect(files.some((path) => path.endsWith('wombat.db'))).toBe(true);
  for (const path of files) expectClean(path, readFileSync(path));
});

test('not in events, answers of the API, plans, logs of nodes, or what the command line prints', async () => {
  const { client } = plane;
  const events = await client.events.list().all();
  expect(events.length).toBeGreaterThan(5);
  const nodes = await client.nodes.list().all();
  const answers: Record<string, unknown> = {
    events,
    nodes,
    status: await client.status().all(),
    blueprints: await client.blueprints.list().all(),
    revisions: await client.blueprints.revisions('ants').all(),
    providers: await client.providers.list().all(),
    domains: await client.domains.list().all(),
    secrets: await client.secrets.list().all(),
    topology: await client.topology.show('ants'),
    tokens: await client.tokens.list().all(),
    rotations: await client.secrets.rotations().all(),
    audit: await client.audit.list().all(),
    'a check that fails': await client.providers.check('stack'),
    'calls of a cloud': await client.providers.calls('stack'),
    plan: await client.plans.create((await client.blueprints.show('ants')).document),
  };
  for (const [place, answer] of Object.entries(answers)) expectClean(place, JSON.stringify(answer));
  for (const node of nodes) expectClean(`log of ${node.name}`, await client.nodes.logs(node.id, 1_000));
  const commands = ['status ants -o yaml', 'export ants', 'export ants -o json', 'secret list', 'audit -o json'];
  for (const command of commands) {
    const said = await wombat(plane.directory, command.split(' '));
    expect([command, said.code, said.stderr]).toEqual([command, 0, '']);
    expectClean(`wombat ${command}`, said.stdout);
  }
});

test('not in a backup, and neither is the key; what was restored of it opens with the key only', async () => {
  const file = join(plane.directory, 'saved.db');
  const said = await wombat(plane.directory, ['backup', file]);
  expect([said.code, said.stderr]).toEqual([0, expect.stringContaining('the key file is not in it')]);
  const bytes = readFileSync(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expectClean('a backup', bytes);
  expect(bytes.includes(readFileSync(join(plane.directory, 'secret.key')))).toBe(false);
  const held = await wombat(plane.directory, ['restore', file, '--replace']);
  expect([held.code, held.stderr]).toEqual([9, expect.stringContaining('another control plane')]);
  const elsewhere = join(plane.directory, 'restored');
  const restored = await wombat(plane.directory, ['restore', file, '--directory', elsewhere]);
  expect([restored.code, restored.stdout]).toEqual([0, expect.stringContaining('put secret.key into')]);
});

test('a node’s crash dump holds its cookie: it stays on its host, for its owner’s eyes only, and goes with the node', async () => {
  const { client } = plane;
  const [node] = (await client.nodes.list().all()).filter(({ placement }) => placement.provider === 'here');
  if (node?.state.phase !== 'running') throw new Error('there is no node here');
  const { pid } = node.state.process;
  // has the emulator write its dump and end
  process.kill(pid, 'SIGUSR1');
  await eventually(30, 'another process of the node', async () => {
    const { state } = await client.nodes.show(node.id);
    return state.phase === 'running' && state.process.pid !== pid ? true : undefined;
  });
  const dumps = filesBelow(join(plane.directory, 'providers')).filter((path) => path.endsWith('erl_crash.dump'));
  expect(dumps).toHaveLength(1);
  const [dump = ''] = dumps;
  expect(readFileSync(dump).includes(canaries.get('cookie, replaced') ?? '')).toBe(true);
  expect([statSync(dump).mode & 0o777, statSync(join(dump, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
  const answers = [await client.nodes.show(node.id), await client.events.list().all(), await client.status().all()];
  expectClean('what is told of a crash', JSON.stringify(answers));
  expectClean('the log of a crashed node', await client.nodes.logs(node.id, 1_000));
  expectClean('the log of the control plane', plane.log);
  await client.nodes.act(node.id, 'terminate');
  await eventually(30, 'the dump to be gone', () => Promise.resolve(existsSync(dump) ? undefined : true));
});
