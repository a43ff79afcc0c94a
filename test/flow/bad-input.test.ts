/**
 * Everything a user can get wrong before a node runs, and some that only running shows: each with a clear error, a code
 * of the contract, and nothing changed. Every case comes through both doors, the command line and the HTTP API, and both
 * say it in the same words.
 */
import { execFile } from 'node:child_process';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Problem } from '../../src/model/problem.ts';
import { secretName } from '../../src/model/secret.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { wombat } from '../kit/command-line.ts';
import type { Said } from '../kit/command-line.ts';
import { antsArchive, destroyed, eventually } from '../kit/deployment.ts';
import { foreignRelease } from '../kit/foreign-release.ts';
import { ask, exitOf, sentencesOf, unfolded } from '../kit/raw-api.ts';
import type { Answer } from '../kit/raw-api.ts';

const plane = new ControlPlane();
let archive = '';

beforeAll(async () => {
  await plane.start();
  archive = await antsArchive();
});

afterAll(async () => {
  await plane.stop();
  plane.remove();
});

/** Nothing that was refused may leave a trace. */
afterEach(async () => {
  expect(await plane.client.blueprints.list().all()).toEqual([]);
  expect(await plane.client.nodes.list().all()).toEqual([]);
  expect(await plane.client.providers.list().all()).toEqual([]);
});

const base = {
  providers: '{ here: { kind: local } }',
  domains: '{ here: { provider: here, ports: 25100-25199 } }',
  family: 'release: ants, nodes: 1, config: { sysConfig: { ants: { role: master } } }',
  release: '',
  more: '',
};

/** A blueprint's file with some of its parts replaced; answers its path. */
function written(parts: Partial<typeof base>): string {
  const { providers, domains, family, release, more } = { ...base, ...parts };
  const path = join(plane.directory, 'blueprint.yaml');
  const text = `wombat: 1
name: wrong
epmdPort: 24385
providers: ${providers}
domains: ${domains}
releases:
  ants: { file: ${release === '' ? archive : release} }
families:
  ants: { ${family} }
${more}`;
  writeFileSync(path, text);
  return path;
}

/** What apply says about it. */
function applied(parts: Partial<typeof base>, ...more: string[]): Promise<Said> {
  return wombat(plane.directory, ['apply', '-f', written(parts), '-y', ...more], { cwd: plane.directory });
}

/** The same file as a program hands it in: its secrets and releases first, then the document as JSON. */
async function planned(parts: Partial<typeof base>): Promise<Answer> {
  const document = parse(readFileSync(written(parts), 'utf8')) as BlueprintDocument;
  const { file } = document.releases['ants'] as { file: string };
  const { release } = await plane.client.releases.upload(createReadStream(file));
  for (const provider of Object.values(document.providers ?? {})) {
    if (provider.kind !== 'ssh') continue;
    const key = readFileSync(provider.key.replace('secret://file/', ''), 'utf8');
    await plane.client.secrets.put(secretName('wrong', provider.key), key);
  }
  return ask(plane, 'POST', '/plans', { document: { ...document, releases: { ants: { digest: release.digest } } } });
}

/** What the API refuses: the plan, or its adoption. */
async function refused(parts: Partial<typeof base>): Promise<Problem> {
  const plan = await planned(parts);
  if (plan.problem !== null) return plan.problem;
  const adopted = await ask(plane, 'POST', `/plans/${(plan.body as Plan).id}/adopt`);
  if (adopted.problem === null) throw new Error('the API took it');
  return adopted.problem;
}

interface Refusal {
  /** exit code of the contract */
  readonly code: number;
  readonly words: RegExp;
  /** where in the file, as the command line says it */
  readonly place?: RegExp;
}

/** Both doors refuse with that code and those words; whatever the API says stands in what the command line says. */
async function bothRefuse(parts: Partial<typeof base>, { code, words, place }: Refusal): Promise<void> {
  const said = await applied(parts);
  expect(said.stderr).toMatch(words);
  if (place !== undefined) expect(said.stderr).toMatch(place);
  expect(said.code).toBe(code);
  const problem = await refused(parts);
  expect(sentencesOf(problem).join('\n')).toMatch(words);
  expect(exitOf(problem)).toBe(code);
  for (const sentence of sentencesOf(problem)) expect(unfolded(said.stderr)).toContain(unfolded(sentence));
}

/** Adopted through the API, it fails: the blueprint says so in the words that the command line has for it. */
async function failsThroughApi(parts: Partial<typeof base>, words: RegExp): Promise<void> {
  const plan = await planned(parts);
  expect((await ask(plane, 'POST', `/plans/${(plan.body as Plan).id}/adopt`)).status).toBe(200);
  const status = async () => (await ask(plane, 'GET', '/blueprints/wrong/status')).body as BlueprintStatus;
  const failing = async () => {
    const now = await status();
    const failed = now.nodes.some(({ failures }) => failures >= 1);
    return now.state === 'failing' && failed ? now : undefined;
  };
  const seen = await eventually(60, 'the blueprint to fail', failing, status);
  expect(JSON.stringify(seen)).toMatch(words);
  await destroyed(plane.client, 'wrong');
}

const line9 = /blueprint\.yaml:9:\d+: /;
const declared: readonly [string, Partial<typeof base>, Refusal][] = [
  ['an unknown key', { family: 'release: ants, nodse: 1' }, { code: 3, words: /nodse[\s\S]*nodes/, place: line9 }],
  ['an unknown release', { family: 'release: ant, nodes: 1' }, { code: 3, words: /ant[\s\S]*ants/, place: line9 }],
  [
    'a demand that no domain meets',
    { family: 'release: ants, nodes: 1, demands: ["memory >= 900T"]' },
    { code: 4, words: /memory >= 900T/ },
  ],
  [
    'an unknown attribute',
    { family: 'release: ants, nodes: 1, demands: ["memroy >= 1G"]' },
    { code: 3, words: /memroy[\s\S]*memory/ },
  ],
  [
    'a link between families that cannot reach each other',
    {
      domains: '{ one: { provider: here, network: a }, two: { provider: here, network: b } }',
      family: 'release: ants, nodes: 1, demands: ["domain = one"]',
      more: '  other: { release: ants, nodes: 1, demands: ["domain = two"], bootstrap: { with: { ants: { select: all, action: distributed_erlang } } } }\n',
    },
    { code: 3, words: /reach/ },
  ],
];

describe('what the blueprint itself shows', () => {
  test.each(declared)('%s', (_, parts, refusal) => bothRefuse(parts, refusal));
});

describe('what only the release or the machine shows', () => {
  test('a release for another architecture', async () => {
    await bothRefuse({ release: await foreignRelease(plane.directory) }, { code: 4, words: /aarch64/ });
  });

  test('a port range that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const domains = `{ here: { provider: here, ports: ${port}-${port} } }`;
    await bothRefuse({ domains }, { code: 4, words: /port/ }).finally(() => server.close());
  });

  test('a node that crashes at boot: its last lines are shown', async () => {
    const family = 'release: ants, nodes: 1, config: { sysConfig: { kernel: { logger_level: nonsense } } }';
    const said = await applied({ family }, '--timeout', '40s');
    expect(said.stderr).toMatch(/logger_level|invalid|crash/i);
    expect(said.code).toBe(5);
    await destroyWrong();
    await failsThroughApi({ family }, /logger_level|invalid|crash/i);
  });

  test('a bootstrap call to a function that does not exist', async () => {
    const more =
      '  other: { release: ants, nodes: 1, bootstrap: { with: { ants: { select: all, action: { join: { on: new, call: "ants_colony:no_such(Peer)" } } } } } }\n';
    const said = await applied({ more }, '--timeout', '40s');
    expect(said.stderr).toMatch(/ants_colony:no_such\/1 is not exported/);
    expect(said.code).toBe(5);
    await destroyWrong();
    await failsThroughApi({ more }, /ants_colony:no_such\/1 is not exported/);
  });
});

async function destroyWrong(): Promise<void> {
  const said = await wombat(plane.directory, ['destroy', 'wrong', '-y']);
  expect(said.code, said.stderr).toBe(0);
}

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: bad input about SSH hosts: ${able.why} (${able.next})\n`);

describe.skipIf(!able.ok)('what an SSH host shows', () => {
  let lab: SshLab;
  beforeAll(async () => {
    lab = await startSshHosts({ count: 1, directory: join(plane.directory, 'lab'), network: 21 });
  });
  afterAll(() => lab.stop());

  /** A provider of the lab's host, or of one that differs. */
  function host(over: { address?: string; key?: string; hostKey?: string }): Partial<typeof base> {
    const [one] = lab.hosts;
    const { address = one?.address ?? '', key = lab.privateKeyFile, hostKey = one?.hostKey ?? '' } = over;
    return {
      providers: `{ lab: { kind: ssh, key: "secret://file/${key}", hosts: [{ address: ${address}, user: ${lab.user}, hostKey: "${hostKey}" }] } }`,
      domains: '{ lab: { provider: lab } }',
    };
  }

  test('a wrong SSH key', async () => {
    const key = join(plane.directory, 'other-key');
    await generateKey(key);
    await bothRefuse(host({ key }), { code: 8, words: /refused|denied|authentication/i });
  });

  test('a changed host key', async () => {
    const before = host({});
    await lab.hosts[0]?.changeHostKey();
    await bothRefuse(before, { code: 8, words: /host key[\s\S]*SHA256:/ });
  });

  test('a host that cannot be reached', async () => {
    await bothRefuse(host({ address: lab.hosts[0]?.address.replace(/\d+$/, '99') ?? '' }), { code: 9, words: /99/ });
  });
});

async function generateKey(path: string): Promise<void> {
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
}

describe('where a control plane runs already', () => {
  const up = (...more: string[]) => wombat(plane.directory, ['up', ...more], { cwd: plane.directory });

  test('one in the background is what was asked for', async () => {
    expect(await up('--detach')).toMatchObject({ code: 0, stdout: expect.stringContaining('answers at') as string });
  });

  test.each([[['--detach', '--port', '4999']], [['--detach', '--database', 'postgres://wombat@db/wombat']], [[]]])(
    'another one is refused: up %j',
    async (more) => {
      expect(await up(...more)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('runs there already') as string,
      });
    },
  );
});
