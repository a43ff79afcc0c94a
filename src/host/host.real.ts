/** Hosts with a real release: this machine in a temporary directory, and a lab host without Erlang over SSH. */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { openLocalShell } from '../base/process.ts';
import { openSshShell } from '../base/ssh.ts';
import { openHost } from './host.ts';
import type { Host, NodeOrder, Started } from './host.ts';
import { startNode } from './commands/start.ts';
import { layoutOf } from './layout.ts';
import { orderOf } from '../../test/kit/node-order.ts';
import type { OrderOverrides } from '../../test/kit/node-order.ts';

const root = new URL('../..', import.meta.url).pathname;
const archive = `${root}examples/ants/_build/ants-1.0.0.tar.gz`;
const cookie = 'canary-cookie-40931';
const { digest } = orderOf().specification;

beforeAll(() => {
  execFileSync(process.execPath, [`${root}examples/ants/build.ts`], { stdio: 'ignore' });
}, 120_000);

/** A node of the ants: no terminal, no peers, its own port. */
function order(number: number, more: OrderOverrides = {}): NodeOrder {
  const specification = { config: { sysConfig: { ants: { role: 'colony' } } }, ...more.specification };
  const placement = { port: 24_370 + number, ...more.placement };
  return orderOf({ id: `n-${number}`, name: `colony-${number}@127.0.0.1`, cookie, ...more, placement, specification });
}

function processOf(started: Started): number {
  if (started.outcome === 'refused') throw new Error(`refused: ${started.why} ${started.log.join('\n')}`);
  return started.process.pid;
}

/** Processes whose command line, or else environment, holds the text. */
function holders(of: 'cmdline' | 'environ', text: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.filter((pid) => contentOf(`/proc/${pid}/${of}`).includes(text));
}

/** Looks now and then, for ten seconds. */
async function eventually(wanted: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100 && !(await wanted()); tries++) await sleep(systemClock, 100);
  expect(await wanted()).toBe(true);
}

describe('this machine', () => {
  const folder = mkdtempSync(`${tmpdir()}/wombat-real-`);
  const directory = `${folder}/nodes here`;
  const shell = openLocalShell({ clock: systemClock });
  const host = openHost(shell, { directory, owner: 'cp-1' });

  beforeEach(async () => {
    await host.installRelease(digest, createReadStream(archive));
    return () => clear(host);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('runs a node, shows it, and removes all of it', async () => {
    const started = await host.start(order(1));
    const pid = processOf(started);
    expect(readFileSync(`/proc/${pid}/exe`).length).toBeGreaterThan(0);
    expect((await host.state()).nodes).toEqual([
      { id: 'n-1', process: started.outcome === 'started' && started.process },
    ]);
    expect((await host.state()).epmd).toEqual({ running: true, ours: true, exposed: false });
    await registered(host, 'colony-1');
    expect(await host.end('n-1', 10_000)).toBe(true);
    await host.removeNode('n-1');
    await host.removeRelease(digest);
    await host.leave();
    expect(existsSync(directory)).toBe(false);
    expect(holders('cmdline', directory)).toEqual([]);
  });

  test('starts a node once, however many ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => host.start(order(1))));
    expect(new Set(all.map(processOf)).size).toBe(1);
    expect(all.filter(({ outcome }) => outcome === 'started')).toHaveLength(1);
    expect(emulators(directory)).toHaveLength(1);
  });

  test('starts a node once when the starter is killed at any moment of it', async () => {
    await host.start(order(2));
    for (let round = 0; round < 25; round += 1) {
      await killedStart(order(1), directory, round * 4);
      processOf(await host.start(order(1)));
      expect(emulators(directory)).toHaveLength(2);
      await host.end('n-1', 0);
    }
  });

  test('gives each node a secret that no list of processes shows', async () => {
    processOf(await host.start(order(1, { specification: { config: { vmArgs: ['-setcookie', 'evil-cookie'] } } })));
    await registered(host, 'colony-1');
    for (const text of [cookie, 'evil-cookie'])
      expect([...holders('cmdline', text), ...holders('environ', text)]).toEqual([]);
    expect((await host.logs('n-1', 1000)).join('\n')).not.toContain(cookie);
  });

  test('says what it left out', async () => {
    const config = { vmArgs: ['-setcookie', 'evil-cookie'], env: { HOME: '/root' } };
    expect(await host.start(order(1, { specification: { config } }))).toMatchObject({
      stripped: ['-setcookie', 'env HOME'],
    });
  });

  test('shows the log, from its end and as it grows', async () => {
    await host.start(order(1));
    await expect
      .poll(() => host.logs('n-1', 5), { timeout: 15_000 })
      .toContainEqual(expect.stringContaining('colony-1'));
    const controller = new AbortController();
    let seen = '';
    for await (const chunk of host.followLog('n-1', 100, controller.signal)) {
      seen += Buffer.from(chunk).toString();
      if (seen.includes('is a colony')) controller.abort();
    }
    expect(seen).toContain('started by wombat');
  });

  test('a node that crashes at boot leaves its words, and can be started again', async () => {
    const config = {
      sysConfig: { kernel: { inet_dist_use_interface: 'nonsense' } },
      vmArgs: ['-eval', 'erlang:halt("boom 5150")'],
    };
    await host.start(order(1, { specification: { config } }));
    await expect.poll(async () => (await host.state()).nodes[0]?.process ?? null, { timeout: 15_000 }).toBeNull();
    expect((await host.logs('n-1', 50)).join('\n')).toContain('boom 5150');
    processOf(await host.start(order(1)));
  });

  test('refuses a port that is taken, naming who has it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(24_371, '127.0.0.1', resolve));
    const refused = await host.start(order(1));
    server.close();
    expect(refused).toMatchObject({
      outcome: 'refused',
      why: expect.stringMatching(new RegExp(`^port 24371 on 127.0.0.1 is taken by pid ${process.pid} `)),
    });
  });

  test('starts several in one exchange, and says of each what is the matter with it', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(24_373, '127.0.0.1', resolve));
    const missing = `sha256:${'c'.repeat(64)}`;
    try {
      const [first, second, refused, unknown] = await Promise.allSettled([
        ...[1, 2, 3].map((number) => host.start(order(number))),
        host.start(order(4, { specification: { digest: missing } })),
      ]);
      expect([first, second].map((one) => one?.status === 'fulfilled' && one.value.outcome)).toEqual([
        'started',
        'started',
      ]);
      expect(refused).toMatchObject({
        value: { outcome: 'refused', why: expect.stringMatching(/^port 24373 .* is taken/) },
      });
      expect(unknown).toMatchObject({ reason: { code: 'not-found', message: expect.stringContaining(missing) } });
      expect(emulators(directory)).toHaveLength(2);
      for (const number of [1, 2])
        expect(readFileSync(`${directory}/cp-1/nodes/n-${number}/env`, 'utf8')).toContain(`colony-${number}@`);
    } finally {
      taken.close();
    }
  });

  test('refuses where another epmd is in the way', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(24_379, '127.0.0.2', resolve));
    const refused = await host.start(order(1, { specification: { epmdPort: 24_379 } }));
    server.close();
    expect(refused).toMatchObject({ outcome: 'refused', why: expect.stringContaining('not ours') });
  });

  test('restarts its idle epmd on one more address, and refuses while it serves', async () => {
    const elsewhere = { placement: { listen: '127.0.0.3', port: 24_372 }, name: 'colony-2@127.0.0.3' };
    await host.start(order(1));
    await registered(host, 'colony-1');
    expect(await host.start(order(2, elsewhere))).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('serves colony-1'),
    });
    await host.end('n-1', 5000);
    processOf(await host.start(order(2, elsewhere)));
    await registered(host, 'colony-2');
  });

  test('runs commands beside a node, with its environment and variables', async () => {
    await host.start(order(1));
    const ran = await host.execute('n-1', 'echo "$Peer $RELEASE_NAME"; pwd; command -v epmd; echo bad >&2; exit 4', {
      Peer: "it's",
    });
    expect(ran.code).toBe(4);
    expect(ran.output).toMatch(/^it's ants\n.*\/nodes\/n-1\n.*\/erts-[0-9.]+\/bin\/epmd\nbad\n$/);
  });

  test('uses the emulator of the host for a release that brings none, when it is the right one', async () => {
    processOf(await host.start(order(1, { inspection: { ertsIncluded: false } })));
    await registered(host, 'colony-1');
    await host.end('n-1', 0);
    expect(await host.start(order(1, { inspection: { ertsIncluded: false, erts: '1.2.3' } }))).toMatchObject({
      outcome: 'refused',
      why: 'the release brings no emulator, and this host has no erts-1.2.3',
    });
  });

  test('fills in the templates of a relx release from the environment of the node', async () => {
    const templates = `sha256:${'c'.repeat(64)}`;
    await host.installRelease(templates, createReadStream(withTemplates(folder)));
    const version = 'releases/1.0.0';
    const inspection = {
      kind: 'relx',
      vmArgs: `${version}/vm.args.src`,
      sysConfig: `${version}/sys.config.src`,
    } as const;
    const specification = { digest: templates, config: { env: { ROLE: 'colony', LIMIT: '4096' } } };
    const [started, other] = await Promise.all([
      host.start(order(1, { inspection, specification })),
      host.start(order(2, { inspection, specification })),
    ]);
    for (const one of [started, other]) expect(one).toMatchObject({ stripped: ['-name', '-setcookie'] });
    await expect
      .poll(() => host.logs('n-1', 9), { timeout: 15_000 })
      .toContainEqual(expect.stringContaining('a colony'));
    expect(contentOf(`/proc/${processOf(started)}/cmdline`)).toContain('-P\0' + '4096\0');
  });

  test('runs declared commands, and ends what a dead start command left before it runs the next', async () => {
    const commands = { start: 'echo "$NODE_NAME serves"; sleep 4711 & echo $! >child; wait', probe: 'test -s child' };
    const declared = order(1, { specification: { commands }, inspection: { kind: 'commands', epmd: null } });
    const pid = processOf(await host.start(declared));
    await eventually(async () => (await host.execute('n-1', commands.probe, {})).code === 0);
    expect(await host.logs('n-1', 5)).toContain('colony-1@127.0.0.1 serves');
    expect((await host.state()).epmd.ours).toBe(false);
    const child = (await host.execute('n-1', 'cat child', {})).output.trim();
    process.kill(pid, 'SIGKILL');
    await eventually(async () => (await host.state()).nodes[0]?.process === null);
    expect(holders('cmdline', 'sleep\x004711')).toContain(child);
    expect(processOf(await host.start(declared))).not.toBe(pid);
    await eventually(async () => (await host.execute('n-1', 'cat child', {})).output.trim() !== child);
    expect(holders('cmdline', 'sleep\x004711')).toHaveLength(1);
    expect(await host.end('n-1', 1_000)).toBe(true);
    expect(holders('cmdline', 'sleep\x004711')).toEqual([]);
  });

  test('ends what a node had started', async () => {
    const config = { vmArgs: ['-eval', 'open_port({spawn, "sleep 54321"}, [])'] };
    await host.start(order(1, { specification: { config } }));
    await expect.poll(() => holders('cmdline', 'sleep\u000054321'), { timeout: 15_000 }).toHaveLength(1);
    await host.end('n-1', 0);
    expect(holders('cmdline', 'sleep\u000054321')).toEqual([]);
  });

  test('measures itself', async () => {
    const facts = await host.facts();
    expect(facts).toMatchObject({ os: 'linux', libc: { kind: 'glibc' } });
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.diskFreeBytes).toBeGreaterThan(1e6);
    expect(facts.addresses.map(({ address }) => address)).toContain('127.0.0.1');
  });

  /** Starts a node and kills the starter, with its process group, after so many milliseconds. */
  async function killedStart(node: NodeOrder, at: string, afterMs: number): Promise<void> {
    const command = startNode(layoutOf(at, 'cp-1'), node);
    await shell.run({ ...command, timeoutMs: Math.max(1, afterMs) }).catch(() => undefined);
  }
});

/** The release of the ants, packed again as relx would: with templates for its configuration and flags. */
function withTemplates(folder: string): string {
  const content = mkdtempSync(`${folder}/relx-`);
  execFileSync('tar', ['-xzf', archive, '-C', content]);
  writeFileSync(`${content}/releases/1.0.0/sys.config.src`, '[{ants, [{role, ${ROLE}}]}].\n');
  writeFileSync(
    `${content}/releases/1.0.0/vm.args.src`,
    '-name ${NAME:-ants}\n-setcookie wrong\n+P ${LIMIT}\n+sbwt none\n',
  );
  execFileSync('tar', ['-czf', `${content}.tar.gz`, '-C', content, '.']);
  return `${content}.tar.gz`;
}

/** Emulators that run out of a directory, also those that are just about to be one; one that is making a child is one. */
function emulators(directory: string): number[] {
  const candidates = holders('cmdline', directory).filter((pid) =>
    /beam\.smp|erlexec/.test(contentOf(`/proc/${pid}/cmdline`)),
  );
  const parents = new Map(
    candidates.map((pid) => [pid, contentOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1] ?? '']),
  );
  return candidates.filter((pid) => !candidates.includes(parents.get(pid) ?? '')).map(Number);
}

/** What a file holds; nothing when it has gone. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Waits until the node of that short name is registered with its epmd: it has booted that far. */
async function registered(host: Host, name: string): Promise<void> {
  const id = `n-${name.slice(name.indexOf('-') + 1)}`;
  const names = async () => (await host.execute(id, 'epmd -port "$ERL_EPMD_PORT" -names', {})).output;
  await expect.poll(names, { timeout: 15_000 }).toContain(`name ${name} `);
}

async function clear(host: Host): Promise<void> {
  for (const { id } of (await host.state()).nodes) {
    await host.end(id, 0);
    await host.removeNode(id);
  }
  await expect.poll(async () => leftBehind(host), { timeout: 10_000 }).toBe(0);
}

/** epmd notices a killed node a moment later; until then it serves it. */
async function leftBehind(host: Host): Promise<number> {
  await host.leave();
  return (await host.state()).releases.length;
}

const ability = await canRunSshHosts();
if (!ability.ok) process.stderr.write(`skipped: a host without Erlang, over SSH: ${ability.why} (${ability.next})\n`);

describe.skipIf(!ability.ok)('a host without Erlang, over SSH', () => {
  let lab: SshLab;
  let host: Host;

  beforeAll(async () => {
    lab = await startSshHosts({ count: 1, directory: mkdtempSync(`${tmpdir()}/wombat-lab-`), network: 202 });
    const [{ address, port, user, hostKey }] = lab.hosts as [SshLab['hosts'][0]];
    const shell = openSshShell({ address, port, user, hostKey, privateKey: lab.privateKey, clock: systemClock });
    host = openHost(shell, { directory: '~/.wombat', owner: 'cp-1' });
  });
  afterAll(async () => {
    await host.close();
    await lab.stop();
  });

  test('runs a node from first to last', async () => {
    const [machine] = lab.hosts as [SshLab['hosts'][0]];
    const placement = { listen: machine.address, advertised: machine.address };
    const node = order(1, { name: `colony-1@${machine.address}`, placement });
    const facts = await host.facts();
    expect(facts.hostname).toBe('host-1');
    expect(facts.addresses).toContainEqual({ address: machine.address, prefix: 24 });
    expect(facts.libraries).toContain('libtinfo.so.6');
    await host.installRelease(digest, createReadStream(archive));
    processOf(await host.start(node));
    await registered(host, 'colony-1');
    const stream = await host.dial(machine.address, 24_371);
    stream.destroy();
    expect((await host.state()).epmd).toEqual({ running: true, ours: true, exposed: false });
    expect((await machine.processes()).filter(({ command }) => command.includes(cookie))).toEqual([]);
    expect(await host.end('n-1', 10_000)).toBe(true);
    await host.removeNode('n-1');
    await host.removeRelease(digest);
    await expect
      .poll(async () => (await host.leave(), (await machine.processes()).map((p) => p.command)))
      .not.toContainEqual(expect.stringContaining('epmd'));
    expect((await machine.processes()).filter(({ command }) => !command.includes('sshd'))).toEqual([]);
    expect(readdirSync(machine.pathOf('/home/erl'))).toEqual(['.ssh']);
  });

  test('refuses a release that needs an Erlang there', async () => {
    await host.installRelease(digest, createReadStream(archive));
    expect(await host.start(order(1, { inspection: { ertsIncluded: false } }))).toMatchObject({
      outcome: 'refused',
      why: 'the release brings no emulator, and this host has no erts-13.1.5',
    });
    await host.removeNode('n-1');
  });

  test('finds its node dead after a power cut, and starts it again', async () => {
    const [machine] = lab.hosts as [SshLab['hosts'][0]];
    const node = order(1, { name: `colony-1@${machine.address}`, placement: { listen: machine.address } });
    await host.installRelease(digest, createReadStream(archive));
    processOf(await host.start(node));
    await machine.powerOff();
    await machine.boot();
    await sleep(systemClock, 100);
    await expect
      .poll(() => host.state().catch(() => null), { timeout: 40_000 })
      .toMatchObject({ nodes: [{ id: 'n-1', process: null }] });
    processOf(await host.start(node));
    await registered(host, 'colony-1');
  });
});
