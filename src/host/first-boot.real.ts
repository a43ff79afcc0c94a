/** The first boot on hosts of the lab that run user-data: who is let in, by which host key, and what root can be asked for. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../base/clock.ts';
import { openSshShell } from '../base/ssh.ts';
import { makeSshKeyPair } from '../base/ssh/key-pair.ts';
import { faultCodeOf } from '../base/fault.ts';
import { firstBootScript, openHostRoot, openLogin } from './host.ts';

/** The third part of this test's addresses: no other lab uses it. */
const network = 203;

const ability = await canRunSshHosts();
if (!ability.ok) process.stderr.write(`skipped: the first boot of a machine: ${ability.why} (${ability.next})\n`);

describe.skipIf(!ability.ok)('a machine that was made for us', () => {
  const login = makeSshKeyPair('wombat');
  const first = makeSshKeyPair('first');
  const fresh = makeSshKeyPair('wombat');
  // the image's own user has our key as well, as where a provider's key pair puts it there
  const userData = `${firstBootScript({ user: 'wombat', publicKey: login.publicKey, hostKey: first.privateKey })}
printf '%s\\n' '${login.publicKey}' '# theirs' >>/home/erl/.ssh/authorized_keys`;
  let lab: SshLab;
  let own = '';

  const shellOf = (user: string, hostKey: string, { privateKey } = login) => {
    const address = lab.hosts[0]?.address ?? '';
    return openSshShell({ address, port: 22, user, hostKey, privateKey, clock: systemClock });
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

  test('a login key is replaced by root’s program in every account that it opens, and in no other', async () => {
    const change = { former: login.publicKey, fresh: fresh.publicKey };
    const opens = async (key: typeof login) => {
      const opened: string[] = [];
      for (const user of ['root', 'wombat', 'erl']) {
        const account = openLogin(shellOf(user, own, key), 'account');
        await account.enter().then(
          () => opened.push(user),
          (error: unknown) => expect(faultCodeOf(error)).toBe('denied'),
        );
        await account.close();
      }
      return opened;
    };
    const as = async (key: typeof login, act: 'add' | 'drop') => {
      const root = openLogin(shellOf('root', own, key), 'program');
      await root[act](change);
      await root[act](change);
      await root.close();
    };
    expect([await opens(login), await opens(fresh)]).toEqual([['root', 'wombat', 'erl'], []]);
    // nothing is taken away where the new one is not yet
    await as(login, 'drop');
    expect(await opens(login)).toEqual(['root', 'wombat', 'erl']);
    await as(login, 'add');
    expect([await opens(login), await opens(fresh)]).toEqual([
      ['root', 'wombat', 'erl'],
      ['root', 'wombat', 'erl'],
    ]);
    await as(fresh, 'drop');
    expect([await opens(login), await opens(fresh)]).toEqual([[], ['root', 'wombat', 'erl']]);
    const shell = shellOf('root', own, fresh);
    expect(await shell.run({ script: 'id', timeoutMs: 20_000, what: 'look' })).toMatchObject({ code: 64, stdout: '' });
    await shell.close();
    const erl = shellOf('erl', own, fresh);
    const { stdout } = await erl.run({
      script: 'cat ~/.ssh/authorized_keys; ls -la ~/.ssh',
      timeoutMs: 20_000,
      what: 'look',
    });
    expect(stdout).toContain('# theirs');
    expect(stdout).toMatch(/-rw------- 1 erl erl .* authorized_keys\n$/);
    await erl.close();
  });

  test('root’s program refuses what is no key', async () => {
    const root = openLogin(shellOf('root', own, fresh), 'program');
    const odd = root.add({ former: 'ssh-ed25519 $(id)', fresh: fresh.publicKey });
    await expect(odd).rejects.toMatchObject({ detail: { words: 'wombat: these are no keys' } });
    await root.close();
  });

  test('booted again, the script that prepared it brings nothing back', async () => {
    const [host] = lab.hosts;
    await host!.powerOff();
    await host!.mend();
    await host!.boot();
    const shell = shellOf('wombat', own, fresh);
    expect((await shell.run({ script: 'true', timeoutMs: 20_000, what: 'look' })).code).toBe(0);
    await shell.close();
    await expect(run('wombat', own, 'true')).rejects.toMatchObject({ code: 'denied' });
  });
});
