/** The first boot on hosts of the lab that run user-data: who is let in, by which host key, and what root can be asked for. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../base/clock.ts';
import { openSshShell } from '../base/ssh.ts';
import { makeSshKeyPair } from '../base/ssh/key-pair.ts';
import { firstBootScript, openHostRoot } from './host.ts';

/** The third part of this test's addresses: no other lab uses it. */
const network = 203;

const ability = await canRunSshHosts();
if (!ability.ok) process.stderr.write(`skipped: the first boot of a machine: ${ability.why} (${ability.next})\n`);

describe.skipIf(!ability.ok)('a machine that was made for us', () => {
  const login = makeSshKeyPair('wombat');
  const first = makeSshKeyPair('first');
  const userData = firstBootScript({ user: 'wombat', publicKey: login.publicKey, hostKey: first.privateKey });
  let lab: SshLab;
  let own = '';

  const shellOf = (user: string, hostKey: string) => {
    const address = lab.hosts[0]?.address ?? '';
    return openSshShell({ address, port: 22, user, hostKey, privateKey: login.privateKey, clock: systemClock });
  };
  const run = async (user: string, hostKey: string, script: string) => {
    const shell = shellOf(user, hostKey);
    try {
      return await shell.run({ script, timeoutMs: 20_000, what: 'the test command' });
    } finally {
      await shell.close();
    }
  };

  beforeAll(async () => {
    const directory = mkdtempSync(`${tmpdir()}/wombat-first-boot-`);
    lab = await startSshHosts({ count: 1, directory, network, userData });
  }, 120_000);
  afterAll(() => lab.stop(), 60_000);

  test('shows the host key that serves once, and lets our key into the account that was made', async () => {
    const { code, stdout } = await run(
      'wombat',
      first.fingerprint,
      'id -un; echo $HOME; ls -ld ~/.ssh/authorized_keys',
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^wombat\n\/home\/wombat\n-rw------- 1 wombat wombat/)]);
  });

  test('is changed in two steps: the key of its own is made, and shown only then', async () => {
    const root = openHostRoot(shellOf('root', first.fingerprint), { owner: 'o-1', sshPort: 22 });
    own = await root.newHostKey();
    expect(await root.newHostKey()).toBe(own);
    expect(own).not.toBe(first.fingerprint);
    expect((await run('wombat', first.fingerprint, 'true')).code).toBe(0);
    await root.useHostKey();
    await root.useHostKey();
    await expect.poll(async () => (await run('wombat', own, 'true').catch(() => null))?.code).toBe(0);
    await expect(run('wombat', first.fingerprint, 'true')).rejects.toMatchObject({ code: 'denied' });
    await root.close();
  });

  test('our key leads root to one program, and the account of the nodes nowhere near it', async () => {
    const refused = await run('root', own, 'id; cat /etc/shadow');
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([64, '', 'wombat: no such act\n']);
    const { code, stderr } = await run('wombat', own, '/usr/local/lib/wombat/root new-host-key');
    expect(code).toBe(126);
    expect(stderr).toMatch(/[Pp]ermission denied/);
  });

  test('I8: the first key was in no argv', async () => {
    const { stdout } = await run('wombat', own, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
    expect(stdout).not.toContain('OPENSSH PRIVATE KEY');
  });
});
