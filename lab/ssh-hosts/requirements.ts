/** Whether this machine can make SSH hosts out of namespaces, tried rather than guessed. */
import type { Shell } from '../../src/base/shell.ts';

/** Yes, or what is missing and what to do about it. */
export type Ability = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly next: string };

/** Programs that the lab needs, with the Debian package that brings each. */
const programs: readonly (readonly [string, string])[] = [
  ['ip', 'iproute2'],
  ['sshd', 'openssh-server'],
  ['ssh-keygen', 'openssh-client'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['mount', 'mount'],
];

const tryIt = `unshare --net --pid --fork --kill-child --mount --uts --ipc --propagation private sh -ec '
  ip link add wombatprobe type bridge
  mount -t tmpfs tmpfs /mnt; mkdir /mnt/upper /mnt/work /mnt/root
  mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
  mount -t proc proc /mnt/root/proc; mknod /mnt/upper/whiteout c 0 0'`;

export async function probe(shell: Shell): Promise<Ability> {
  if (process.geteuid?.() !== 0)
    return { ok: false, why: 'network namespaces, overlays and bridges need root', next: 'run the command as root' };
  return (await missingPrograms(shell)) ?? (await trial(shell));
}

async function missingPrograms(shell: Shell): Promise<Ability | null> {
  const names = programs.map(([program]) => program).join(' ');
  const script = `for p in ${names}; do command -v $p >/dev/null || echo $p; done`;
  const { stdout } = await shell.run({ script, timeoutMs: 5000, what: 'look for programs' });
  const missing = stdout.split('\n').filter((line) => line !== '');
  if (missing.length === 0) return null;
  const packages = new Set(programs.filter(([program]) => missing.includes(program)).map(([, from]) => from));
  return {
    ok: false,
    why: `not installed: ${missing.join(', ')}`,
    next: `apt-get install -y --no-install-recommends ${[...packages].join(' ')}`,
  };
}

async function trial(shell: Shell): Promise<Ability> {
  const tried = await shell.run({ script: tryIt, timeoutMs: 10_000, what: 'try namespaces' });
  if (tried.code === 0) return { ok: true };
  return {
    ok: false,
    why: `this machine does not let us make namespaces with a bridge and an overlay: ${tried.stderr.trim()}`,
    next: 'use a machine (or a container with CAP_SYS_ADMIN and CAP_NET_ADMIN) where root may do so',
  };
}
