/** The SSH shell against real servers: hosts of the lab, and one that answers nothing. */
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import { systemClock } from './clock.ts';
import type { Command, Shell } from './shell.ts';
import { faultCodeOf } from './fault.ts';
import { makeSshKeyPair } from './ssh/key-pair.ts';
import { openSshShell } from './ssh.ts';
import type { SshOptions } from './ssh.ts';

/** The third part of this test's addresses: no other lab uses it. */
const network = 201;

const ability = await canRunSshHosts();
if (!ability.ok) process.stderr.write(`skipped: a shell over SSH: ${ability.why} (${ability.next})\n`);
const command = (script: string, more: Partial<Command> = {}): Command => ({
  script,
  timeoutMs: 20_000,
  what: 'the test command',
  ...more,
});

describe.skipIf(!ability.ok)('a shell over SSH', () => {
  let lab: SshLab;
  let host: LabHost;
  const open: Shell[] = [];

  function shellOf(more: Partial<SshOptions> = {}): Shell {
    const { address, port, user, hostKey } = host;
    const shell = openSshShell({
      address,
      port,
      user,
      hostKey,
      privateKey: lab.privateKey,
      clock: systemClock,
      ...more,
    });
    open.push(shell);
    return shell;
  }

  beforeAll(async () => {
    const directory = await mkdtemp(`${tmpdir()}/wombat-ssh-`);
    lab = await startSshHosts({ count: 2, directory, network });
    host = lab.hosts[0] as LabHost;
  });

  afterAll(async () => {
    await Promise.all(open.map((shell) => shell.close()));
    await lab.stop();
  });

  test('runs scripts as the user on that machine, with input and status', async () => {
    const shell = shellOf();
    const script = `hostname; whoami; cat; echo "it's" "$HOME" >&2; exit 7`;
    const finished = await shell.run(command(script, { input: Buffer.from('fed') }));
    expect(finished).toEqual({ code: 7, stdout: 'host-1\nerl\nfed', stderr: "it's /home/erl\n" });
    expect((await shell.run(command('cat; kill -TERM $$'))).code).toBe(143);
    expect(shell.where).toBe(`erl@${host.address}`);
  });

  test('streams megabytes in and keeps the end of what comes out', async () => {
    const chunk = Buffer.alloc(256 * 1024, 'a');
    const input = (async function* () {
      for (let n = 0; n < 40; n += 1) yield await Promise.resolve(chunk);
    })();
    const finished = await shellOf().run(command('tee /tmp/in >/dev/null; wc -c </tmp/in; rm /tmp/in', { input }));
    expect(finished.stdout.trim()).toBe(String(40 * chunk.length));
  });

  test('runs more commands at once than the server allows sessions', async () => {
    const shell = shellOf();
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const outputs = await Promise.all(numbers.map((n) => shell.run(command(`sleep 0.1; echo ${n}`))));
    expect(outputs.map(({ stdout }) => Number(stdout))).toEqual(numbers);
  });

  test('ends a command on the far side at its deadline, with all that it started', async () => {
    const shell = shellOf();
    const late = shell.run(command('sleep 7783 & sleep 7784', { timeoutMs: 1000 }));
    await expect(late).rejects.toMatchObject({ code: 'timeout' });
    await expect.poll(async () => (await host.processes()).filter((p) => p.command.includes('sleep 778'))).toEqual([]);
  });

  test('follows until aborted', async () => {
    const controller = new AbortController();
    let seen = '';
    for await (const chunk of shellOf().follow(command('while :; do echo tick; sleep 0.02; done'), controller.signal)) {
      seen += Buffer.from(chunk).toString();
      if (seen.length > 20) controller.abort();
    }
    expect(seen).toMatch(/^(tick\n){4,}/);
    await expect.poll(async () => (await host.processes()).filter((p) => p.command.includes('tick'))).toEqual([]);
  });

  test('dials ports as seen from there', async () => {
    const stream = await shellOf().dial('127.0.0.1', 22);
    const first = await new Promise((resolve) => stream.once('data', resolve));
    expect(String(first)).toMatch(/^SSH-2\.0-/);
    stream.destroy();
    await expect(shellOf().dial('127.0.0.1', 1)).rejects.toMatchObject({
      code: 'unavailable',
      detail: { words: expect.stringContaining('Connection refused') },
    });
  });

  test('a pin of another key type that the host owns is found', async () => {
    await host.powerOff();
    const folder = host.pathOf('/etc/ssh');
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', `${folder}/lab_ecdsa_key`]);
    execFileSync('sh', ['-c', `echo 'HostKey /etc/ssh/lab_ecdsa_key' >>${folder}/lab_sshd_config`]);
    await host.boot();
    const printed = execFileSync('ssh-keygen', ['-lf', `${folder}/lab_ecdsa_key.pub`], { encoding: 'utf8' });
    const shell = shellOf({ hostKey: printed.split(' ')[1] ?? '' });
    expect((await shell.run(command('echo in'))).stdout).toBe('in\n');
  });

  test('a wrong key is denied in the words of the server', async () => {
    const other = `${lab.privateKeyFile}-other`;
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
    const shell = shellOf({ privateKey: readFileSync(other, 'utf8') });
    await expect(shell.run(command('true'))).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining(`erl@${host.address}`),
      detail: { words: expect.stringContaining('publickey'), next: expect.stringContaining('authorized_keys') },
    });
  });

  test('a shell that stays open comes in by what the key is when it connects again', async () => {
    const other = makeSshKeyPair('other').privateKey;
    let key = lab.privateKey;
    const shell = shellOf({ privateKey: other, keysNow: () => Promise.resolve({ privateKey: key }) });
    expect((await shell.run(command('echo in'))).stdout).toBe('in\n');
    key = other;
    expect((await shell.run(command('echo in'))).stdout).toBe('in\n');
    // sshd's process for this connection
    await shell.run(command('kill $(ps -o ppid= -p $PPID) $PPID')).catch(() => undefined);
    await expect.poll(async () => shell.run(command('true')).catch(faultCodeOf)).toBe('denied');
    key = lab.privateKey;
    expect((await shell.run(command('echo in again'))).stdout).toBe('in again\n');
  });

  test('a key that is none is invalid, and is not repeated in the error', async () => {
    const failure: unknown = await shellOf({ privateKey: 'canary-9120' })
      .run(command('true'))
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: 'invalid' });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary-9120');
  });

  test('a host that changed its key is denied, and is sent no credential', async () => {
    const pinned = host.hostKey;
    const shown = await host.changeHostKey();
    const before = (await host.console()).length;
    const failure: unknown = await shellOf({ hostKey: pinned })
      .run(command('true'))
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: 'denied' });
    expect(String(failure)).toContain(pinned);
    expect(String(failure)).toContain(shown);
    const impostorSaw = (await host.console()).slice(before);
    expect(impostorSaw).toContain('preauth');
    expect(impostorSaw).not.toMatch(/publickey|userauth|user erl|for erl/);
  });

  test('nobody listening is unavailable', async () => {
    await expect(shellOf({ port: 2 }).run(command('true'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('somebody who never answers is a timeout', async () => {
    const mute: Server = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    const shell = shellOf({ address: '127.0.0.1', port, connectTimeoutMs: 500 });
    await expect(shell.run(command('true'))).rejects.toMatchObject({ code: 'timeout' });
    await shell.close();
    mute.close();
  });

  test('a host that dies is noticed under a command, and found again when it is back', async () => {
    const second = lab.hosts[1] as LabHost;
    const { address, hostKey } = second;
    const shell = shellOf({ address, hostKey });
    await shell.run(command('true'));
    const running = shell.run(command('sleep 50', { timeoutMs: 50_000 })).catch((e: unknown) => e);
    await second.powerOff();
    expect(await running).toMatchObject({
      code: expect.stringMatching(/^(timeout|unavailable)$/),
      message: expect.stringContaining(address),
    });
    await second.boot();
    expect((await shell.run(command('hostname'))).stdout).toBe('host-2\n');
  });

  test('a frozen host is noticed as well', async () => {
    const second = lab.hosts[1] as LabHost;
    const shell = shellOf({ address: second.address, hostKey: second.hostKey });
    await shell.run(command('true'));
    await second.freeze();
    const failure: unknown = await shell.run(command('true', { timeoutMs: 40_000 })).catch((e: unknown) => e);
    await second.thaw();
    expect(failure).toMatchObject({ code: 'timeout', message: expect.not.stringContaining('within 40 s') });
  });
});
