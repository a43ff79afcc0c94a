/** Hosts that systemd runs: nodes as its units, of the account's own manager and of the system's, through a reboot. */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSystemdHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import { orderOf } from '../../test/kit/node-order.ts';
import { systemClock } from '../base/clock.ts';
import type { Shell } from '../base/shell.ts';
import { openSshShell } from '../base/ssh.ts';
import { openHost } from './host.ts';
import type { Host, HostedNode, NodeOrder, Started } from './host.ts';

const able = await canRunSystemdHosts();
if (!able.ok) process.stderr.write(`skipped: hosts with systemd: ${able.why} (${able.next})\n`);

const root = new URL('../..', import.meta.url).pathname;
const archive = `${root}examples/ants/_build/ants-1.0.0.tar.gz`;
const cookie = 'canary-cookie-77120';
const { digest } = orderOf().specification;

function pidOf(started: Started): number {
  if (started.outcome === 'refused') throw new Error(`refused: ${started.why} ${started.log.join('\n')}`);
  return started.process.pid;
}

describe.skipIf(!able.ok)('a host that systemd runs', () => {
  let lab: SshLab;
  let machine: LabHost;

  beforeAll(async () => {
    execFileSync(process.execPath, [`${root}examples/ants/build.ts`], { stdio: 'ignore' });
    const directory = mkdtempSync(`${tmpdir()}/wombat-lab-`);
    lab = await startSshHosts({ count: 1, directory, network: 206, init: 'systemd, lingering' });
    machine = lab.hosts[0] as LabHost;
  }, 120_000);
  afterAll(() => lab.stop());

  function shellOf(user: string): Shell {
    const { address, port, hostKey } = machine;
    return openSshShell({ address, port, user, hostKey, privateKey: lab.privateKey, clock: systemClock });
  }

  function order(number: number): NodeOrder {
    const placement = { listen: machine.address, advertised: machine.address, port: 24_370 + number };
    const specification = { config: { sysConfig: { ants: { role: 'colony' } } } };
    return orderOf({
      id: `n-${number}`,
      name: `colony-${number}@${machine.address}`,
      cookie,
      placement,
      specification,
    });
  }

  /** Waits until the host answers, its first boot or another one behind it. */
  async function booted(host: Host): Promise<void> {
    const up = async () => (await host.state().catch(() => null))?.unsupervised;
    await expect.poll(up, { timeout: 30_000 }).toBeNull();
  }

  /** What runs of the nodes, once that has stood for a second. */
  async function settled(host: Host, running: number): Promise<readonly HostedNode[]> {
    const count = async () =>
      (await host.state().catch(() => null))?.nodes.filter((node) => node.process !== null).length;
    await expect.poll(count, { timeout: 30_000 }).toBe(running);
    return (await host.state()).nodes;
  }

  async function emulators(): Promise<number> {
    return (await machine.processes()).filter(({ command }) => /beam\.smp|erlexec/.test(command)).length;
  }

  async function reboot(): Promise<void> {
    await machine.powerOff();
    await machine.boot();
  }

  async function answers(host: Host, number: number): Promise<void> {
    const names = async () => (await host.execute(`n-${number}`, 'epmd -port "$ERL_EPMD_PORT" -names', {})).output;
    await expect.poll(names, { timeout: 15_000 }).toContain(`name colony-${number} `);
  }

  const accounts = [
    { user: 'erl', systemctl: 'XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user', units: '/home/erl/.config' },
    { user: 'root', systemctl: 'systemctl', units: '/etc/systemd/system' },
  ];

  test.each(accounts)(
    'as $user: a boot starts the nodes that ran, once',
    async ({ user, systemctl, units }) => {
      const shell = shellOf(user);
      const host = openHost(shell, { directory: '~/nodes "100 %" $here', owner: 'cp-1' });
      const listed = async () =>
        (
          await shell.run({
            script: `${systemctl} list-units --all --plain 'wombat-*'`,
            timeoutMs: 9_000,
            what: 'list',
          })
        ).stdout;
      await booted(host);
      const before = existsSync(machine.pathOf(units)) ? readdirSync(machine.pathOf(units)).sort() : [];
      await host.installRelease(digest, createReadStream(archive));
      const first = pidOf(await host.start(order(1)));
      const [again, second] = [await host.start(order(1)), await host.start(order(2))];
      expect(again).toMatchObject({ outcome: 'was running', process: { pid: first } });
      pidOf(second);
      await host.start(order(3));
      expect(await host.end('n-3', 10_000)).toBe(true);
      await answers(host, 1);
      expect(await listed()).toMatch(/@n-1\.service +loaded active running[^]*@n-2\.service +loaded active running/);
      expect(await host.logs('n-1', 50)).toContainEqual(expect.stringContaining('colony-1'));

      const bootId = (await host.state()).bootId;
      await reboot();
      await booted(host);
      const nodes = await settled(host, 2);
      expect((await host.state()).bootId).not.toBe(bootId);
      expect(nodes.find((node) => node.id === 'n-3')?.process).toBeNull();
      await answers(host, 1);
      expect(await emulators()).toBe(2);

      // The control plane, which knows nothing of the boot, starts what it misses: they are there.
      const here = nodes.find((node) => node.id === 'n-1')?.process;
      const asked = await Promise.all(Array.from({ length: 4 }, () => host.start(order(1))));
      expect(asked).toEqual(asked.map(() => ({ outcome: 'was running', process: here, stripped: [] })));
      expect(await emulators()).toBe(2);
      expect((await machine.processes()).filter(({ command }) => command.includes(cookie))).toEqual([]);

      for (const id of ['n-1', 'n-2', 'n-3']) {
        expect(await host.end(id, 2_000)).toBe(true);
        await host.removeNode(id);
      }
      const left = async () => (await host.leave(), (await host.state()).releases.length);
      await expect.poll(left, { timeout: 10_000 }).toBe(0);
      expect(await listed()).not.toContain('wombat-');
      const after = existsSync(machine.pathOf(units)) ? readdirSync(machine.pathOf(units)).sort() : [];
      expect(after).toEqual(before);
      expect(existsSync(machine.pathOf('/etc/systemd/system/multi-user.target.wants/wombat'))).toBe(false);
      expect(await emulators()).toBe(0);
      await host.close();
    },
    120_000,
  );

  test('a start while the host boots is one start', async () => {
    const host = openHost(shellOf('erl'), { directory: '~/.wombat', owner: 'cp-2' });
    await booted(host);
    await host.installRelease(digest, createReadStream(archive));
    pidOf(await host.start(order(1)));
    await reboot();
    // As soon as it answers, and again and again while its own manager comes up.
    const starts: Started[] = [];
    await expect
      .poll(async () => starts.push(await host.start(order(1))), { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(20);
    expect(new Set(starts.map(pidOf)).size).toBe(1);
    expect(await emulators()).toBe(1);
    await host.end('n-1', 10_000);
    await host.removeNode('n-1');
    await host.close();
  }, 60_000);

  test('a start that is ended at any moment leaves no second node behind', async () => {
    const host = openHost(shellOf('erl'), { directory: '~/.wombat', owner: 'cp-2' });
    await host.installRelease(digest, createReadStream(archive));
    for (let round = 0; round < 12; round += 1) {
      await host.start(order(1), AbortSignal.timeout(1 + round * 20)).catch(() => undefined);
      pidOf(await host.start(order(1)));
      // the script that ends in the emulator may still name it beside it
      await expect.poll(emulators).toBe(1);
      expect(await host.end('n-1', 0)).toBe(true);
      await expect.poll(emulators).toBe(0);
    }
    await host.removeNode('n-1');
    await host.close();
  }, 60_000);

  test('an account that does not linger has sessions, and it is said', async () => {
    const [admin, shell] = [shellOf('root'), shellOf('erl')];
    await admin.run({ script: 'rm /var/lib/systemd/linger/erl', timeoutMs: 5_000, what: 'do not linger' });
    const host = openHost(shell, { directory: '~/.wombat', owner: 'cp-3' });
    await host.installRelease(digest, createReadStream(archive));
    expect((await host.state()).unsupervised).toBe('the account does not linger (loginctl enable-linger)');
    const pid = pidOf(await host.start(order(1)));
    const { stdout } = await shell.run({ script: `cat /proc/${pid}/cgroup`, timeoutMs: 5_000, what: 'look' });
    expect(stdout).not.toContain('wombat-');
    await host.end('n-1', 1_000);
    await host.removeNode('n-1');
    await Promise.all([admin.close(), host.close()]);
  });
});
