/**
 * A real OpenStack (Keystone, Glance, Placement, Nova, Neutron) on this machine, whose servers are small guests that answer
 * SSH. It is brought up by a script that is not part of this project: the file that WOMBAT_OPENSTACK_LAB names, else
 * `../shared/lab/openstack-lab.sh` beside the project. The script installs Debian's packages into a tree of its own, kept
 * between runs in the folder that WOMBAT_OPENSTACK_ROOT names, else in the user's cache folder.
 *
 *   node lab/openstack.ts up|down|status|wipe
 */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { freemem, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { systemClock } from '../src/base/clock.ts';
import { Fault, wordsOf } from '../src/base/fault.ts';
import { openHttp } from '../src/base/http.ts';

const project = join(import.meta.dirname, '..');
const script = process.env['WOMBAT_OPENSTACK_LAB'] ?? join(project, '..', 'shared', 'lab', 'openstack-lab.sh');
const root = process.env['WOMBAT_OPENSTACK_ROOT'] ?? join(homedir(), '.cache', 'wombat', 'openstack');
/** said last, so that a tree that was half made is made anew */
const mark = join(root, '.wombat-installed');
const log = `${root}.log`;
/** where the script keeps what its services store, and their process ids */
const state = join(root, 'var', 'lib', 'oslab');
/** the control plane needs 2 GiB, guests and we the rest */
const leastMemory = 3 * 2 ** 30;
const minutes = 60_000;

/** Where the script has it listen. */
const endpoint = 'http://127.0.0.1:15000/v3';
/** pages of five, so that a handful of servers has more than one */
const pageSize = 5;

/** A lab that stands. */
export interface OpenStackLab {
  readonly endpoint: string;
  readonly region: string;
  /** the image that its servers boot from */
  readonly image: string;
  /** the value of an OpenStack provider's secret, for its tenant */
  readonly credentials: string;
  readonly pageSize: number;
  /** Runs OpenStack's own client as administrator: each line is a command; what it prints. */
  client(...commands: readonly string[]): Promise<string>;
}

/** The lab, or why there is none. */
export type OpenStackAbility =
  { readonly ok: true; readonly lab: OpenStackLab } | { readonly ok: false; readonly why: string };

/** The lab if it is up. */
export async function openStackLab(): Promise<OpenStackAbility> {
  if (!(await answers())) return { ok: false, why: 'no OpenStack lab is up: `node lab/openstack.ts up` brings it up' };
  if (!isOurs()) return { ok: false, why: `the OpenStack that answers at ${endpoint} is none of ${root}` };
  const user = { username: 'lab', password: 'labpass', project: 'lab' };
  const client = (...commands: readonly string[]) => runScript(['osc'], 5 * minutes, commands.join('\n'));
  const credentials = JSON.stringify(user);
  return { ok: true, lab: { endpoint, region: 'RegionOne', image: 'debian-12', credentials, pageSize, client } };
}

/** Brings the lab up, installing what it needs first; says how long each step took. One that is up is used as it stands. */
export async function startOpenStackLab(say: (line: string) => void): Promise<OpenStackAbility> {
  if (await answers()) return await openStackLab();
  const why = missing();
  if (why !== null) return { ok: false, why };
  try {
    if (!existsSync(mark)) await install(say);
    forgetEnded();
    await step('the OpenStack lab starts', () => start(say), say);
    return await openStackLab();
  } catch (error) {
    await stopOpenStackLab().catch(() => undefined);
    return { ok: false, why: `the OpenStack lab could not be brought up: ${wordsOf(error)}` };
  }
}

/** Ends the lab's processes; its disk stays. */
export async function stopOpenStackLab(): Promise<void> {
  await runScript(['down'], 2 * minutes);
}

/** Starts on the state that is there, where it is whole; where that cannot be, once more on none. */
async function start(say: (line: string) => void): Promise<void> {
  const isHalf = existsSync(state) && !existsSync(join(state, 'bootstrapped'));
  if (isHalf) await runScript(['wipe'], 2 * minutes);
  try {
    await runScript(['up'], 8 * minutes);
  } catch (error) {
    say(`the OpenStack lab does not start, and is made anew: ${wordsOf(error)}`);
    await runScript(['wipe'], 2 * minutes);
    await runScript(['up'], 8 * minutes);
  }
}

/** Process ids that were recorded before this machine last started belong to others by now: they are neither spared nor killed. */
function forgetEnded(): void {
  const folder = join(state, 'run');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.pid'))) {
    const file = join(folder, name);
    if (!isInTree(readFileSync(file, 'utf8').trim())) rmSync(file);
  }
}

function isInTree(pid: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/root`) === root;
  } catch {
    return false;
  }
}

function missing(): string | null {
  if (!existsSync(script)) return `the script of the OpenStack lab is not there: ${script}`;
  if (process.getuid?.() !== 0) return 'the OpenStack lab needs root';
  if (!existsSync('/etc/debian_version')) return 'the OpenStack lab is made of Debian packages';
  const mib = Math.round(freemem() / 2 ** 20);
  return freemem() < leastMemory ? `the OpenStack lab needs 3 GiB of free memory; there are ${mib} MiB` : null;
}

async function install(say: (line: string) => void): Promise<void> {
  await runScript(['wipe'], 2 * minutes).catch(() => undefined);
  await rm(root, { recursive: true, force: true });
  await mkdir(dirname(root), { recursive: true });
  await step('a Debian tree for OpenStack is made', () => runScript(['tree'], 6 * minutes), say);
  await step("OpenStack's packages are installed into it", () => runScript(['install'], 10 * minutes), say);
  await writeFile(mark, '');
}

async function step(what: string, act: () => Promise<unknown>, say: (line: string) => void): Promise<void> {
  const begun = systemClock.monotonic();
  await act();
  say(`${what}: ${Math.round((systemClock.monotonic() - begun) / 1_000)} s`);
}

/** Whether the one that answers is run out of our tree, and not by somebody else on this machine. */
function isOurs(): boolean {
  const file = join(state, 'run', 'keystone.pid');
  return existsSync(file) && isInTree(readFileSync(file, 'utf8').trim());
}

/** Whether Keystone and Nova listen. */
async function answers(): Promise<boolean> {
  const http = openHttp({ clock: systemClock, allowPrivate: true, deadlineMs: 20_000 });
  const ask = (url: string) => http({ method: 'GET', url }, new AbortController().signal);
  try {
    const [keystone, nova] = await Promise.all([ask(endpoint), ask('http://127.0.0.1:18774/')]);
    return keystone.status === 200 && nova.status < 400;
  } catch {
    return false;
  }
}

/** Runs the script; what it printed. Its output goes to a log as well, whose end is told when it fails. */
async function runScript(args: readonly string[], deadlineMs: number, input = ''): Promise<string> {
  const extra = `[api]\nmax_limit = ${pageSize}\n`;
  const env = { ...process.env, OSLAB_ROOT: root, OSLAB_GUESTS: '1', OSLAB_NOVA_EXTRA: extra };
  await mkdir(dirname(log), { recursive: true });
  // its daemons keep what they inherit: their output is a file, never a pipe of ours
  const said = `${log}.${args[0] ?? ''}`;
  const output = createWriteStream(said);
  await new Promise((resolve) => output.once('open', resolve));
  const child = spawn('bash', [script, ...args], { env, stdio: ['pipe', output, output], detached: true });
  child.stdin.end(input);
  const timer = systemClock.after(deadlineMs, () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 1));
  });
  timer.cancel();
  output.end();
  await finished(output);
  const text = await readFile(said, 'utf8');
  if (code === 0) return text;
  const last = text.trim().split('\n').slice(-8).join('\n');
  throw new Fault('unavailable', `${script} ${args.join(' ')} ended with ${code}`, { words: last });
}

async function main(verb: string | undefined): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (verb === 'up') {
    const able = await startOpenStackLab(say);
    say(able.ok ? `OpenStack is at ${able.lab.endpoint}` : able.why);
    process.exitCode = able.ok ? 0 : 1;
  } else if (verb === 'down' || verb === 'status' || verb === 'wipe') say(await runScript([verb], 2 * minutes));
  else {
    say('node lab/openstack.ts up|down|status|wipe');
    process.exitCode = 2;
  }
}

if (import.meta.main) await main(process.argv[2]);
