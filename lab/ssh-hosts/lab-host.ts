/** One host of a lab: its power switch, its cable, its identity and what runs on it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { Fault } from '../../src/base/fault.ts';
import { quote } from '../../src/base/quote.ts';
import { fingerprintOf } from '../../src/base/ssh/host-key.ts';
import type { Shell } from '../../src/base/shell.ts';
import { initScript, labUser, makeDisk, makeHostKey } from './host-disk.ts';
import type { DiskOrder } from './host-disk.ts';
import type { LabPlace } from './network.ts';
import { enterCgroup, removeCgroups } from './systemd.ts';

/** How long a host may take to show its SSH server, milliseconds. */
const bootMs = 20_000;

/** A process on a host, by its number as this machine sees it. */
export interface LabProcess {
  readonly pid: number;
  readonly command: string;
}

/** A host that the lab has made. */
export class LabHost {
  readonly name: string;
  readonly address: string;
  readonly port = 22;
  readonly user = labUser;
  readonly #shell: Shell;
  readonly #place: LabPlace;
  readonly #disk: DiskOrder;
  #hostKey = '';

  constructor(shell: Shell, place: LabPlace, disk: DiskOrder) {
    this.#shell = shell;
    this.#place = place;
    this.#disk = disk;
    this.name = disk.hostname;
    this.address = place.address;
  }

  /** Fingerprint of the key that it shows now. */
  get hostKey(): string {
    return this.#hostKey;
  }

  /** Makes its disk and its first identity. */
  async make(): Promise<void> {
    await mkdir(this.#disk.folder, { recursive: true });
    await writeFile(`${this.#disk.folder}/init`, initScript(this.#disk));
    this.#hostKey = fingerprintOfLine(await this.#do(makeDisk(this.#disk), 'make the disk'));
  }

  /** Switches it on and waits for its SSH server. Its disk is as it was. */
  async boot(): Promise<void> {
    const { folder } = this.#disk;
    await this.#do(`ip link set ${this.#place.link} up`, 'plug in');
    // The console is opened by the shell, so that nothing of ours is held by the host.
    const cgroup = this.#disk.init === 'sshd' ? '' : '--cgroup';
    await this.#do(
      `(${cgroup === '' ? '' : enterCgroup(this.#place.namespace)}
       exec setsid nsenter --net=/run/netns/${this.#place.namespace} \\
         unshare --pid --fork --kill-child --mount --uts --ipc ${cgroup} --propagation private sh ${quote(`${folder}/init`)} \\
         >>${quote(`${folder}/console`)} 2>&1 </dev/null) &`,
      'boot',
    );
    await this.#awaitServer();
  }

  /** Takes its power away: everything on it ends at once, and nobody says goodbye. */
  async powerOff(): Promise<void> {
    await this.cut();
    const pids = `ip netns pids ${this.#place.namespace}`;
    const end = `for try in $(seq 50); do p=$(${pids}); [ -n "$p" ] || exit 0; kill -KILL $p 2>/dev/null; sleep 0.1; done; exit 1`;
    await this.#do(end, 'power off');
    await this.#do(removeCgroups(this.#place.namespace), 'remove its cgroups');
  }

  /** Stops every process on it where it stands: its kernel still answers, nothing else does. */
  async freeze(): Promise<void> {
    await this.#signal('STOP');
  }

  async thaw(): Promise<void> {
    await this.#signal('CONT');
  }

  /** Pulls its network cable: what is sent to it is lost. */
  async cut(): Promise<void> {
    await this.#do(`ip link set ${this.#place.link} down`, 'pull the cable');
  }

  async mend(): Promise<void> {
    await this.#do(`ip link set ${this.#place.link} up`, 'plug in');
  }

  /** Gives it another host key, as an impostor at its address would have. Connections that stand stay. Answers its fingerprint. */
  async changeHostKey(): Promise<string> {
    const server = (await this.processes()).find(({ command }) => command.includes('lab_sshd_config'));
    if (server === undefined) throw new Fault('unavailable', `lab host ${this.name} is switched off`);
    // Through the running host's own root: what is written below a mounted overlay is not seen through it.
    const made = await this.#do(makeHostKey(`/proc/${server.pid}/root`), 'change the host key');
    this.#hostKey = fingerprintOfLine(made);
    process.kill(server.pid, 'SIGHUP');
    await sleep(systemClock, 300);
    await this.#awaitServer();
    return this.#hostKey;
  }

  /** What runs on it, its SSH server included. */
  async processes(): Promise<readonly LabProcess[]> {
    const script = `for p in $(ip netns pids ${this.#place.namespace}); do echo "$p $(tr '\\0' ' ' </proc/$p/cmdline)"; done`;
    const lines = (await this.#do(script, 'list processes')).split('\n').filter((line) => line !== '');
    const all = lines.map((line) => ({ pid: parseInt(line, 10), command: line.slice(line.indexOf(' ') + 1).trim() }));
    // The one that holds the namespaces open stands outside of them.
    return all.filter(({ command }) => !command.startsWith('unshare '));
  }

  /** Where a file that was written on the host is found on this machine. To be changed only while the host is off. */
  pathOf(path: string): string {
    return `${this.#disk.folder}/upper${path}`;
  }

  /** What its SSH server has written since it was made. */
  console(): Promise<string> {
    return readFile(`${this.#disk.folder}/console`, 'utf8');
  }

  async #signal(name: 'STOP' | 'CONT'): Promise<void> {
    await this.#do(`kill -${name} $(ip netns pids ${this.#place.namespace})`, name === 'STOP' ? 'freeze' : 'thaw');
  }

  async #awaitServer(): Promise<void> {
    const seconds = bootMs / 1000;
    const knock = `for try in $(seq ${seconds * 10}); do
      ssh-keyscan -T 1 -t ed25519 ${this.address} 2>/dev/null | grep -q ssh-ed25519 && exit 0; sleep 0.1; done; exit 1`;
    const answer = await this.#shell.run({ script: knock, timeoutMs: 2 * bootMs, what: `wait for ${this.name}` });
    if (answer.code === 0) return;
    const words = (await this.console()).slice(-2000);
    throw new Fault('unavailable', `lab host ${this.name} did not start its SSH server`, { words });
  }

  async #do(script: string, what: string): Promise<string> {
    const { code, stdout, stderr } = await this.#shell.run({
      script,
      timeoutMs: 20_000,
      what: `${what} (${this.name})`,
    });
    if (code === 0) return stdout;
    throw new Fault('unknown', `lab host ${this.name}: ${what} failed`, { words: stderr.trim() });
  }
}

/** The fingerprint of a line `ssh-ed25519 AAAA…`. */
function fingerprintOfLine(line: string): string {
  return fingerprintOf(Buffer.from(line.split(' ')[1] ?? '', 'base64'));
}
