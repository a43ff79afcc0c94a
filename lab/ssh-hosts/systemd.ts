/**
 * systemd as the first process of a lab host: what its disk and its boot need beyond those of a host that has none. The host
 * gets a cgroup of its own as the root of its hierarchy (cgroup_namespaces(7)) and a boot id of its own, so that what is
 * seen there is what a machine that was switched off and on shows.
 */
import type { Shell } from '../../src/base/shell.ts';
import type { Ability } from './requirements.ts';

/** Debian's systemd; a link on others. */
const program = '/lib/systemd/systemd';

/**
 * The part of the disk that systemd reads. Nothing that this machine has enabled is started on its hosts: those units are
 * hidden, and the SSH server of the lab is the only one of ours. `lingering` lets the user's own manager run from boot on.
 */
export function makeSystemdDisk(user: string, lingering: boolean): string {
  return `
find /etc/systemd/system ! -type d | while read -r unit; do hide "$unit"; done
mkdir -p etc/systemd/system/multi-user.target.wants
cat >etc/systemd/system/lab-ssh.service <<'END'
[Unit]
Description=SSH server of the lab
[Service]
ExecStart=/usr/sbin/sshd -D -e -f /etc/ssh/lab_sshd_config
RuntimeDirectory=sshd
KillMode=process
StandardOutput=journal+console
END
ln -sf ../lab-ssh.service etc/systemd/system/multi-user.target.wants/lab-ssh.service
for unit in systemd-udevd systemd-networkd systemd-resolved systemd-timesyncd getty@tty1 console-getty; do
  ln -sf /dev/null etc/systemd/system/$unit.service
done
: >etc/fstab; mkdir -p var/lib/systemd/linger
${lingering ? `: >var/lib/systemd/linger/${user}` : ':'}`.trim();
}

/** Puts the shell that runs it (0 is whoever writes), and so the host that it becomes, into the cgroup of that name. */
export function enterCgroup(name: string): string {
  return `for root in ${cgroupRoots}; do
  [ -f $root/cgroup.procs ] && [ -w $root/cgroup.procs ] || continue
  mkdir -p $root/${name} && echo 0 >$root/${name}/cgroup.procs || exit 1
done`;
}

/** Removes the empty cgroups whose names begin so. */
export function removeCgroups(prefix: string): string {
  return `for root in ${cgroupRoots}; do
  for group in $root/${prefix}*/; do [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; done
done`;
}

/** The root of the one hierarchy, or of the two that systemd uses beside others. */
const cgroupRoots = '/sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified';

/** Mounts the host's cgroups below `sys`, in the shape that this machine has. */
const mountCgroups = `
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 cgroup2 sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup; mkdir sys/fs/cgroup/systemd
  mount -t cgroup -o none,name=systemd,xattr cgroup sys/fs/cgroup/systemd
  if [ -d /sys/fs/cgroup/unified ]; then mkdir sys/fs/cgroup/unified; mount -t cgroup2 cgroup2 sys/fs/cgroup/unified; fi
fi`.trim();

/** What the init script does last, in the folder that is the host's root: becomes systemd. */
export const becomeSystemd = `${mountCgroups}
mount -t tmpfs -o mode=755 tmpfs dev
for d in null zero full random urandom tty; do : >dev/$d; mount --bind /dev/$d dev/$d; done
ln -s /proc/self/fd dev/fd; mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx
exec chroot . /usr/bin/env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  ${program} --log-target=console --show-status=0`;

/** Whether this machine lets a namespace have a systemd of its own; tried rather than guessed. */
export async function probeSystemd(shell: Shell): Promise<Ability> {
  if (process.geteuid?.() !== 0) return { ok: false, why: 'a systemd of its own needs root', next: 'run it as root' };
  const there = `[ -x ${program} ] && command -v systemctl dbus-daemon && [ -e /usr/share/pam-configs/systemd ]`;
  const found = await shell.run({ script: there, timeoutMs: 5_000, what: 'look for systemd' });
  const next = 'apt-get install -y --no-install-recommends systemd libpam-systemd dbus';
  if (found.code !== 0) return { ok: false, why: 'not installed: systemd, libpam-systemd or dbus', next };
  const name = 'wombatprobe-$$';
  const script = `(${enterCgroup(name)}
unshare --cgroup --pid --fork --kill-child --mount --propagation private sh -ec '
  mount -t tmpfs tmpfs /mnt; mkdir -p /mnt/sys/fs/cgroup; cd /mnt
  ${mountCgroups.replaceAll("'", "'\\''")}'); code=$?; ${removeCgroups('wombatprobe-')}; exit $code`;
  const tried = await shell.run({ script, timeoutMs: 10_000, what: 'try cgroups' });
  if (tried.code === 0) return { ok: true };
  const why = `this machine does not let us make a cgroup namespace for systemd: ${tried.stderr.trim()}`;
  return { ok: false, why, next: 'use a machine where root may write below /sys/fs/cgroup' };
}
