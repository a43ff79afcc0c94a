/**
 * The system packages that building the example, the SSH hosts and the tests need. As root on Debian they are
 * installed; anywhere else the exact command is named.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';

/** A program and the Debian package that brings it. */
const needed = [
  { program: 'erlc', package: 'erlang-base', for: 'building the example release' },
  { program: 'sshd', package: 'openssh-server', for: 'the SSH hosts' },
  { program: 'ip', package: 'iproute2', for: 'the SSH hosts' },
  { program: 'unshare', package: 'util-linux', for: 'the SSH hosts' },
  { program: 'tar', package: 'tar', for: 'releases' },
] as const;

/** What only tests and benchmarks need. */
const neededByTests = [
  ...needed,
  { program: 'cbc', package: 'coinor-cbc', for: 'comparing placements with another solver' },
  { program: 'openssl', package: 'openssl', for: 'certificates of TLS distribution' },
  { program: 'systemctl', package: 'systemd', for: 'hosts that systemd runs' },
  { program: 'dbus-daemon', package: 'dbus', for: 'hosts that systemd runs' },
  { path: '/usr/share/pam-configs/systemd', package: 'libpam-systemd', for: "an account's own systemd" },
  { library: 'ssl', package: 'erlang-ssl', for: 'Erlang nodes that speak TLS' },
  {
    path: '/usr/lib/python3/dist-packages/libcloud',
    package: 'python3-libcloud',
    for: 'an outside client of scripted clouds',
  },
  {
    path: '/usr/lib/python3/dist-packages/hcloud',
    package: 'python3-hcloud',
    for: 'an outside client of the scripted Hetzner Cloud',
  },
  { path: '/usr/share/doc/python3-venv', package: 'python3-venv', for: 'moto, the other side of EC2' },
  { program: 'faketime', package: 'faketime', for: 'clocks that are an hour wrong' },
  { program: 'mix', package: 'elixir', for: 'building a release of mix' },
  { program: 'rebar3', package: 'rebar3', for: 'building a release of rebar3' },
  { path: '/usr/lib/postgresql', package: 'postgresql', for: 'control planes that share a database' },
  { path: '/usr/lib/rabbitmq/lib', package: 'rabbitmq-server', for: 'packing RabbitMQ as a release' },
] as const;

/** A program on the path, an application of the machine's own Erlang, or a file or folder. */
type Need = ({ readonly program: string } | { readonly library: string } | { readonly path: string }) & {
  readonly package: string;
};
type Needed = readonly Need[];

function isThere(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const erlangLibraries = '/usr/lib/erlang/lib';

function isMet(need: Need): boolean {
  if ('program' in need) return isThere(need.program);
  if ('path' in need) return existsSync(need.path);
  if (!existsSync(erlangLibraries)) return false;
  const versions = readdirSync(erlangLibraries).filter((name) => name.startsWith(`${need.library}-`));
  return versions.some((name) => existsSync(join(erlangLibraries, name, 'ebin')));
}

/** Whether every needed program is there now; else what is missing and the command that brings it. */
export type Packages =
  { readonly ok: true } | { readonly ok: false; readonly missing: readonly string[]; readonly next: string };

function missingPackages(wanted: Needed): string[] {
  return wanted.filter((need) => !isMet(need)).map((need) => need.package);
}

/** Nobody wants the services that packages bring to be started: tests start their own. */
function installCommand(missing: readonly string[]): string {
  const policy = '/usr/sbin/policy-rc.d';
  const install = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (existsSync(policy)) return install;
  return `trap 'rm -f ${policy}' EXIT; echo 'exit 101' >${policy}; chmod 755 ${policy}; ${install}`;
}

/** Installs what is missing where that is possible; says what to do where it is not. */
export async function ensurePackages(say: (line: string) => void, forTests = false): Promise<Packages> {
  const wanted: Needed = forTests ? neededByTests : needed;
  const missing = missingPackages(wanted);
  if (missing.length === 0) return { ok: true };
  const next = installCommand(missing);
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version'))
    return { ok: false, missing, next: `sudo sh -c "${next}"` };
  say(`installing ${missing.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const { code, output } = await run('sh', ['-c', next], { env });
  if (code !== 0) say(output.trimEnd().split('\n').slice(-5).join('\n'));
  const still = missingPackages(wanted);
  return still.length === 0 ? { ok: true } : { ok: false, missing: still, next };
}
