/**
 * What a Unix machine says of itself: one small script, and the reader of its answer. It stands in `base` because both
 * those who look for machines and those who run nodes on them ask the same question.
 */
import { Fault } from './fault.ts';
import { quotePath } from './quote.ts';

/** An address of the machine and the length of its network prefix. */
export interface MachineAddress {
  readonly address: string;
  readonly prefix: number;
}

/** The machine, measured. */
export interface MachineFacts {
  /** lower-case kernel name: `linux`, `darwin`, `freebsd` */
  readonly os: string;
  /** as `uname -m` says it: `x86_64`, `aarch64` */
  readonly arch: string;
  readonly hostname: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** free on the file system that holds the directory asked about */
  readonly diskFreeBytes: number;
  /** `glibc` or `musl`, and its version */
  readonly libc: { readonly kind: string; readonly version: string };
  /** names of the shared libraries that the machine's loader knows, e.g. `libtinfo.so.6` */
  readonly libraries: readonly string[];
  readonly addresses: readonly MachineAddress[];
  /** TCP ports on which something listens */
  readonly listening: readonly number[];
  /** changes at every boot; with a process id and start time it names one process for ever */
  readonly bootId: string;
  /** whether `systemctl` runs this machine */
  readonly systemd: boolean;
  /** its clock, seconds since 1970 */
  readonly clockSeconds: number;
  /** absent where the machine does not say */
  readonly activity?: Activity;
}

/** What a machine is doing at the moment. */
export interface Activity {
  /** how many processes were running or ready to run, averaged over a minute */
  readonly load: number;
  /** the same, now */
  readonly runQueue: number;
  /** memory that new processes can have */
  readonly memoryFreeBytes: number;
}

/** The script that asks a machine for its time, seconds since 1970 (POSIX says `date +%s` since 2024, all of Linux before). */
export const clockScript = 'echo "clock=$(date +%s)"';

/** The script that asks for it, for any exchange that is made anyway; says nothing where the kernel does not. */
export const activityScript = `if [ -r /proc/loadavg ]; then read -r load _ _ queue _ </proc/loadavg; echo "load=$load"; echo "queue=\${queue%%/*}"; fi
awk '/^MemAvailable:/{printf "free=%.0f\\n", $2*1024}' /proc/meminfo 2>/dev/null || :`;

/** Reads what that script wrote; null where it said nothing. */
export function parseActivity(one: (key: 'load' | 'queue' | 'free') => string | undefined): Activity | null {
  const [load, runQueue, memoryFreeBytes] = [Number(one('load')), Number(one('queue')), Number(one('free'))];
  return [load, runQueue, memoryFreeBytes].every(Number.isFinite) ? { load, runQueue, memoryFreeBytes } : null;
}

/** Splits `key=value` lines; a key may come several times. */
function fields(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) found.set(line.slice(0, at), [...(found.get(line.slice(0, at)) ?? []), line.slice(at + 1).trim()]);
  }
  return found;
}

/**
 * The script that asks. It writes `key=value` lines and needs only a POSIX shell and the tools of any Linux system;
 * `directory` is where nodes would live (it need not exist yet; a leading `~/` is the user's home).
 */
export function machineFactsScript(directory: string): string {
  return `
echo "os=$(uname -s | tr A-Z a-z)"; echo "arch=$(uname -m)"; echo "hostname=$(uname -n)"
echo "cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc)"
awk '/^MemTotal:/{printf "memory=%.0f\\n", $2*1024}' /proc/meminfo
d=${quotePath(directory)}; while [ ! -d "$d" ]; do d=$(dirname "$d"); done
echo "disk=$(df -Pk "$d" | awk 'NR==2{printf "%.0f", $4*1024}')"
if v=$(getconf GNU_LIBC_VERSION 2>/dev/null); then echo "libc=$v"; else echo "libc=musl $(ldd --version 2>&1 | awk '/^Version/{print $2}')"; fi
(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null) | awk '/=>/{print "lib=" $1}' | sort -u
(ip -o addr 2>/dev/null || /sbin/ip -o addr 2>/dev/null) | awk '/inet/{print "addr=" $4}'
awk '$4=="0A"{print "port=" $2}' /proc/net/tcp /proc/net/tcp6 2>/dev/null
echo "boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)"
[ -d /run/systemd/system ] && echo systemd=yes || echo systemd=no
${clockScript}
${activityScript}
`.trim();
}

/** Reads what the script wrote. Fault `unknown` with the text when the machine is not one we can measure. */
export function parseMachineFacts(text: string): MachineFacts {
  const all = fields(text);
  const one = (key: string): string => {
    const value = all.get(key)?.[0];
    if (value === undefined || value === '')
      throw new Fault('unknown', `the machine did not say its ${key}`, { words: text.slice(0, 400) });
    return value;
  };
  const [kind = 'unknown', version = ''] = one('libc').split(' ');
  const activity = parseActivity((key) => all.get(key)?.[0]);
  return {
    os: one('os'),
    arch: one('arch'),
    hostname: one('hostname'),
    cores: Number(one('cores')),
    memoryBytes: Number(one('memory')),
    diskFreeBytes: Number(one('disk')),
    libc: { kind, version },
    libraries: all.get('lib') ?? [],
    addresses: (all.get('addr') ?? []).map(parseAddress),
    listening: [...new Set((all.get('port') ?? []).map((hex) => parseInt(hex.slice(hex.lastIndexOf(':') + 1), 16)))],
    bootId: one('boot'),
    systemd: one('systemd') === 'yes',
    clockSeconds: Number(one('clock')),
    ...(activity === null ? {} : { activity }),
  };
}

function parseAddress(text: string): MachineAddress {
  const [address = '', prefix = '32'] = text.split('/');
  return { address, prefix: Number(prefix) };
}
