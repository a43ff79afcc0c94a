/**
 * SSH hosts for the demo and the tests: machines made out of namespaces, each with its own address, name, processes,
 * disk, SSH server and host key, and without Erlang. They outlive the process that made them and are found again by
 * name, so that whatever an earlier run left is cleared first.
 *
 *   node lab/ssh-hosts.ts up|down|status [--network 0] [--count 3]
 */
import { mkdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/base/clock.ts';
import { Fault } from '../src/base/fault.ts';
import { openLocalShell } from '../src/base/process.ts';
import { quote } from '../src/base/quote.ts';
import type { Shell } from '../src/base/shell.ts';
import { claimLab } from './ssh-hosts/claim.ts';
import { labUser } from './ssh-hosts/host-disk.ts';
import type { LabInit } from './ssh-hosts/host-disk.ts';
import { LabHost } from './ssh-hosts/lab-host.ts';
import { labNetwork, labPlace, makeBridge, plugIn, tearDown } from './ssh-hosts/network.ts';
import type { LabNetwork } from './ssh-hosts/network.ts';
import { probe } from './ssh-hosts/requirements.ts';
import { probeSystemd } from './ssh-hosts/systemd.ts';
import type { Ability } from './ssh-hosts/requirements.ts';

export type { LabHost } from './ssh-hosts/lab-host.ts';

export interface SshLabOptions {
  /** how many hosts, 0 to 200 */
  readonly count: number;
  /** made, and removed by `stop`: holds the hosts' disks (in memory) and the user's key */
  readonly directory: string;
  /** labs with different numbers (0 to 254) stand side by side: hosts are 10.78.<network>.11 and up; 0 when absent */
  readonly network?: number;
  /** the first process of every host; `sshd` when absent */
  readonly init?: LabInit;
  /** a script that every host runs as root before its SSH server starts, as machines of a cloud do */
  readonly userData?: string;
}

/** A lab that stands. */
export interface SshLab {
  readonly hosts: readonly LabHost[];
  /** the account on every host */
  readonly user: string;
  /** private key of that account, OpenSSH format */
  readonly privateKey: string;
  /** where that key is kept, mode 0600 */
  readonly privateKeyFile: string;
  /** this machine's address in the lab's network */
  readonly gateway: string;
  /** One more host, at that place in the row, which runs that user-data at its first boot, as a machine of a cloud does. */
  add(ordinal: number, userData: string): Promise<LabHost>;
  /** Ends the hosts and removes all that was made. Repeatable. */
  stop(): Promise<void>;
}

/** Whether this machine can make such hosts; if not, why, and the command that helps. */
export function canRunSshHosts(): Promise<Ability> {
  return probe(openLocalShell({ clock: systemClock }));
}

/** Whether such hosts can have systemd as their first process, too. */
export async function canRunSystemdHosts(): Promise<Ability> {
  const able = await canRunSshHosts();
  return able.ok ? probeSystemd(openLocalShell({ clock: systemClock })) : able;
}

/**
 * Makes the hosts and waits until each answers. What an earlier lab of that number left is removed first; one that another
 * process works with is waited for (Fault conflict when that takes too long).
 */
export async function startSshHosts(options: SshLabOptions): Promise<SshLab> {
  const shell = openLocalShell({ clock: systemClock });
  const network = labNetwork(options.network ?? 0);
  const release = await claimLab(network.number);
  let stopping: Promise<void> | null = null;
  // Once only: by a second time the number may be somebody else's.
  const stop = () => (stopping ??= stopLab(shell, network).finally(release));
  try {
    await stopLab(shell, network);
    const keyFile = await prepare(shell, network, options.directory);
    const authorizedKey = (await readFile(`${keyFile}.pub`, 'utf8')).trim();
    const ordinals = Array.from({ length: options.count }, (_, index) => index + 1);
    const make = (ordinal: number, userData = options.userData) =>
      makeHost(shell, { ...options, network, ordinal, authorizedKey, init: options.init ?? 'sshd', userData });
    const hosts = await Promise.all(ordinals.map((ordinal) => make(ordinal)));
    const known = { user: labUser, privateKey: await readFile(keyFile, 'utf8'), privateKeyFile: keyFile };
    return { hosts, ...known, gateway: network.gateway, add: make, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lab's bridge, its folder in memory, and a key for its user. */
async function prepare(shell: Shell, network: LabNetwork, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const key = `${directory}/user_ed25519`;
  await act(
    shell,
    'make the lab',
    `${makeBridge(network)}
    mount -t tmpfs -o mode=711 ${network.bridge} ${quote(directory)}
    ssh-keygen -q -t ed25519 -N '' -C lab -f ${quote(key)}`,
  );
  return key;
}

interface HostOrder {
  readonly network: LabNetwork;
  readonly ordinal: number;
  readonly directory: string;
  readonly authorizedKey: string;
  readonly init: LabInit;
  readonly userData?: string | undefined;
}

async function makeHost(shell: Shell, order: HostOrder): Promise<LabHost> {
  const place = labPlace(order.network, order.ordinal);
  const hostname = `host-${order.ordinal}`;
  const { authorizedKey, init, userData } = order;
  const folder = `${order.directory}/${hostname}`;
  const disk = { folder, hostname, address: place.address, authorizedKey, init, userData };
  const host = new LabHost(shell, place, disk);
  await act(shell, `plug ${hostname} in`, plugIn(order.network, place));
  await host.make();
  await host.boot();
  return host;
}

async function stopLab(shell: Shell, network: LabNetwork): Promise<void> {
  await act(shell, 'take the lab down', tearDown(network));
}

async function act(shell: Shell, what: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await shell.run({ script, timeoutMs: 60_000, what });
  if (code !== 0) throw new Fault('unknown', `${what}: failed`, { words: stderr.trim() });
  return stdout;
}

/** The command line. */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { network: { type: 'string', default: '0' }, count: { type: 'string', default: '3' } },
  });
  const network = Number(values.network);
  const shell = openLocalShell({ clock: systemClock });
  if (positionals[0] === 'up') await up(network, Number(values.count));
  else if (positionals[0] === 'down') await stopLab(shell, labNetwork(network));
  else if (positionals[0] === 'status') await status(shell, labNetwork(network));
  else throw new Fault('invalid', 'usage: node lab/ssh-hosts.ts up|down|status [--network 0] [--count 3]');
}

async function up(network: number, count: number): Promise<void> {
  const ability = await canRunSshHosts();
  if (!ability.ok) throw new Fault('unavailable', ability.why, { next: ability.next });
  const lab = await startSshHosts({ count, directory: `/run/wombat-lab-${network}`, network });
  for (const host of lab.hosts) console.log(`${host.name}  ${host.user}@${host.address}  ${host.hostKey}`);
  console.log(`key  ${lab.privateKeyFile}`);
}

async function status(shell: Shell, network: LabNetwork): Promise<void> {
  const script = `for ns in $(ip netns list | awk '$1 ~ /^${network.bridge}-[0-9]+$/{print $1}' | sort); do
    echo "$ns $(ip -n $ns -4 -o addr show dev eth0 | awk '{print $4}') processes=$(ip netns pids $ns | wc -l)"; done`;
  console.log((await act(shell, 'look at the lab', script)).trim() || 'no hosts');
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(
      error instanceof Fault
        ? [error.message, error.detail.words, error.detail.next].filter(Boolean).join('\n')
        : error,
    );
    process.exitCode = 1;
  });
}
