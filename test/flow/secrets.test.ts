/**
 * No secret in any output (I8): the cookie of a real component, the private key of a real host and the API token are
 * looked for in every place where they could have got to.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { secretName } from '../../src/model/secret.ts';
import { wombat } from '../kit/command-line.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, uploadAnts } from '../kit/deployment.ts';

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
  await deploy();
  gatherCanaries();
});

afterAll(async () => {
  await destroyed(plane.client);
  await lab?.stop();
  await plane.stop();
  plane.remove();
});

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
  const cookie = filesBelow(join(plane.directory, 'providers')).find((path) => path.endsWith('.erlang.cookie'));
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
    plan: await client.plans.create((await client.blueprints.show('ants')).document),
  };
  for (const [place, answer] of Object.entries(answers)) expectClean(place, JSON.stringify(answer));
  for (const node of nodes) expectClean(`log of ${node.name}`, await client.nodes.logs(node.id, 1_000));
  const said = await wombat(plane.directory, ['status', 'ants', '-o', 'yaml']);
  expectClean('wombat status', said.stdout + said.stderr);
});
