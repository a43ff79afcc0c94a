/**
 * Everything a user can get wrong before a node runs, and some that only running shows: each with a clear error, a code
 * of the contract, and nothing changed.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { wombat } from '../kit/command-line.ts';
import type { Said } from '../kit/command-line.ts';
import { antsArchive } from '../kit/deployment.ts';
import { foreignRelease } from '../kit/foreign-release.ts';

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

const declared: readonly [string, Partial<typeof base>, number, RegExp][] = [
  ['an unknown key', { family: 'release: ants, nodse: 1' }, 3, /blueprint\.yaml:9:\d+: .*nodse[\s\S]*nodes/],
  ['an unknown release', { family: 'release: ant, nodes: 1' }, 3, /blueprint\.yaml:9:\d+: .*ant[\s\S]*ants/],
  [
    'a demand that no domain meets',
    { family: 'release: ants, nodes: 1, demands: ["memory >= 900T"]' },
    4,
    /memory >= 900T/,
  ],
  ['an unknown attribute', { family: 'release: ants, nodes: 1, demands: ["memroy >= 1G"]' }, 3, /memroy[\s\S]*memory/],
  [
    'a link between families that cannot reach each other',
    {
      domains: '{ one: { provider: here, network: a }, two: { provider: here, network: b } }',
      family: 'release: ants, nodes: 1, demands: ["domain = one"]',
      more: '  other: { release: ants, nodes: 1, demands: ["domain = two"], bootstrap: { with: { ants: { select: all, action: distributed_erlang } } } }\n',
    },
    3,
    /reach/,
  ],
];

describe('what the blueprint itself shows', () => {
  test.each(declared)('%s', async (_, parts, code, words) => {
    const said = await applied(parts);
    expect(said.stderr).toMatch(words);
    expect(said.code).toBe(code);
  });
});

describe('what only the release or the machine shows', () => {
  test('a release for another architecture', async () => {
    const said = await applied({ release: await foreignRelease(plane.directory) });
    expect(said.stderr).toMatch(/aarch64/);
    expect(said.code).toBe(4);
  });

  test('a port range that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const said = await applied({ domains: `{ here: { provider: here, ports: ${port}-${port} } }` });
    server.close();
    expect(said.stderr).toMatch(new RegExp(`port`));
    expect(said.code).toBe(4);
  });

  test('a node that crashes at boot: its last lines are shown', async () => {
    const family = 'release: ants, nodes: 1, config: { sysConfig: { kernel: { logger_level: nonsense } } }';
    const said = await applied({ family }, '--timeout', '40s');
    expect(said.stderr).toMatch(/logger_level|invalid|crash/i);
    expect(said.code).toBe(5);
    await destroyWrong();
  });

  test('a bootstrap call to a function that does not exist', async () => {
    const more =
      '  other: { release: ants, nodes: 1, bootstrap: { with: { ants: { select: all, action: { join: { on: new, call: "ants_colony:no_such(Peer)" } } } } } }\n';
    const said = await applied({ more }, '--timeout', '40s');
    expect(said.stderr).toMatch(/ants_colony:no_such\/1 is not exported/);
    expect(said.code).toBe(5);
    await destroyWrong();
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
    const said = await applied(host({ key }));
    expect(said.stderr).toMatch(/refused|denied|authentication/i);
    expect(said.code).toBe(8);
  });

  test('a changed host key', async () => {
    const before = host({});
    await lab.hosts[0]?.changeHostKey();
    const said = await applied(before);
    expect(said.stderr).toMatch(/host key/);
    expect(said.stderr).toMatch(/SHA256:/);
    expect(said.code).toBe(8);
  });

  test('a host that cannot be reached', async () => {
    const said = await applied(host({ address: lab.hosts[0]?.address.replace(/\d+$/, '99') ?? '' }));
    expect(said.stderr).toMatch(/99/);
    expect(said.code).toBe(9);
  });
});

async function generateKey(path: string): Promise<void> {
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
}
