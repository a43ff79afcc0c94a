/** The firewall of hosts, by real nft on hosts of the lab: what is declared is open, what is not is refused, SSH always works. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../base/clock.ts';
import type { Shell } from '../base/shell.ts';
import { openSshShell } from '../base/ssh.ts';
import { openHostRoot } from './host.ts';
import type { HostRoot } from './host.ts';

/** The third part of this test's addresses: no other lab uses it. */
const network = 204;

const ability = await canRunSshHosts();
if (!ability.ok) process.stderr.write(`skipped: the firewall of hosts: ${ability.why} (${ability.next})\n`);

describe.skipIf(!ability.ok)('the firewall of a host', () => {
  let lab: SshLab;
  let root: HostRoot;
  const shells: Shell[] = [];
  const shellOf = (index: number, user: string) => {
    const host = lab.hosts[index]!;
    const { address, port, hostKey } = host;
    const shell = openSshShell({ address, port, user, hostKey, privateKey: lab.privateKey, clock: systemClock });
    shells.push(shell);
    return shell;
  };
  const run = async (shell: Shell, script: string) =>
    (await shell.run({ script, timeoutMs: 20_000, what: 'the test command' })).stdout.trim();
  /** How the second host finds a port of the first. */
  const knock = (port: number) =>
    run(
      shellOf(1, lab.user),
      `perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(PeerAddr => "${lab.hosts[0]!.address}", PeerPort => ${port}, Timeout => 3);
        print $s ? "open" : "$!"'`,
    );
  const listen = (port: number) =>
    run(
      shellOf(0, lab.user),
      `setsid perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5, ReuseAddr => 1) or die;
        alarm 120; while (my $c = $s->accept) { close $c }' >/dev/null 2>&1 </dev/null & sleep 0.5`,
    );

  beforeAll(async () => {
    lab = await startSshHosts({ count: 2, directory: mkdtempSync(`${tmpdir()}/wombat-firewall-`), network });
    root = openHostRoot(shellOf(0, 'root'), { owner: 'o-1', sshPort: 22 });
    await listen(8080);
    await listen(9101);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(shells.map((shell) => shell.close()));
    await lab.stop();
  }, 60_000);

  test('lets through what is declared for the other host, and refuses what is not', async () => {
    expect([await knock(8080), await knock(9101)]).toEqual(['open', 'open']);
    const from = [`${lab.hosts[1]!.address}/32`];
    await root.setFirewall([{ ports: [9100, 9102], from }]);
    expect(await knock(9101)).toBe('open');
    expect(await knock(8080)).toBe('Connection refused');
    await root.setFirewall([{ ports: [8080, 8080], from: ['0.0.0.0/0', '::/0'] }]);
    expect([await knock(8080), await knock(9101)]).toEqual(['open', 'Connection refused']);
  });

  test('never shuts SSH, nor what the host says to itself, whatever is open', async () => {
    await root.setFirewall([]);
    expect(await run(shellOf(0, lab.user), 'echo in')).toBe('in');
    const inside = `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new("127.0.0.1:9101") ? "open" : "$!"'`;
    expect(await run(shellOf(0, lab.user), inside)).toBe('open');
  });

  test('is one table of ours beside those of others, replaced whole and taken away whole', async () => {
    const shell = shellOf(0, 'root');
    await run(shell, 'PATH=$PATH:/usr/sbin; nft add table inet somebody');
    await root.setFirewall([{ ports: [1, 1], from: ['192.0.2.0/24', '2001:db8::/32'] }]);
    expect(await run(shell, 'PATH=$PATH:/usr/sbin; nft list tables')).toBe(
      'table inet somebody\ntable inet wombat_o_1',
    );
    await root.setFirewall(null);
    await root.setFirewall(null);
    expect(await run(shell, 'PATH=$PATH:/usr/sbin; nft list tables')).toBe('table inet somebody');
    expect(await knock(8080)).toBe('open');
  });
});
