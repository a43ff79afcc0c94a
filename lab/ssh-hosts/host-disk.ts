/**
 * The disk of a lab host: this machine's root as the lower layer of an overlay, and an upper layer in which Erlang is
 * hidden, a user `erl` exists and an SSH server of its own is configured.
 */
import { quote } from '../../src/base/quote.ts';
import { becomeSystemd, makeSystemdDisk } from './systemd.ts';

/** What a host's disk is made from. */
export interface DiskOrder {
  /** folder of the host: gets upper/, work/, root/, init */
  readonly folder: string;
  readonly hostname: string;
  readonly address: string;
  /** one line, as in authorized_keys */
  readonly authorizedKey: string;
  readonly init: LabInit;
  /** a script that runs as root before the SSH server starts, which then is configured as the distribution does it */
  readonly userData?: string | undefined;
}

/**
 * The first process of a host: the SSH server itself, or systemd with it as a unit; `lingering` gives its user a manager
 * that runs from boot on (loginctl(1), enable-linger).
 */
export type LabInit = 'sshd' | 'systemd' | 'systemd, lingering';

/** The account that runs the nodes there, and its numbers, clear of Debian's ranges for system and ordinary users. */
export const labUser = 'erl';
const labUserId = 57_078;

const sshdConfig = `
HostKey /etc/ssh/lab_host_key
AuthorizedKeysFile .ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PidFile none
LogLevel VERBOSE
`.trim();

/**
 * Makes the upper layer. Erlang is hidden by whiteouts (character device 0/0: Linux, overlayfs.rst, "whiteouts and
 * opaque directories"): its root directory, and every program that leads there or to Elixir.
 */
export function makeDisk(order: DiskOrder): string {
  const upper = quote(`${order.folder}/upper`);
  return `set -e
mkdir -p ${quote(`${order.folder}/work`)} ${quote(`${order.folder}/root`)} ${upper}; cd ${upper}
hide() { mkdir -p ".$(dirname "$1")"; [ -e ".$1" ] || mknod ".$1" c 0 0; }
for root in /usr/lib/erlang /usr/local/lib/erlang /usr/lib/elixir /usr/local/lib/elixir /opt/erlang; do
  if [ -e $root ]; then hide $root; fi
done
for program in /usr/bin/* /usr/local/bin/*; do
  case $(readlink -f "$program" || :) in */lib/erlang/*|*/lib/elixir/*|/opt/erlang/*) hide "$program" ;; esac
done
mkdir -p etc/ssh home/${labUser}/.ssh
for f in passwd group shadow; do cp -p /etc/$f etc/$f; done
echo '${labUser}:x:${labUserId}:${labUserId}::/home/${labUser}:/bin/sh' >>etc/passwd
echo '${labUser}:x:${labUserId}:' >>etc/group
echo '${labUser}:*:20000:0:99999:7:::' >>etc/shadow
echo ${quote(order.hostname)} >etc/hostname
printf '%s\\n' '127.0.0.1 localhost' ${quote(`${order.address} ${order.hostname}`)} >etc/hosts
printf '%s\\n' ${quote(sshdConfig)} >etc/ssh/lab_sshd_config
printf '%s\\n' ${quote(order.authorizedKey)} >home/${labUser}/.ssh/authorized_keys
chown -R ${labUserId}:${labUserId} home/${labUser}; chmod 700 home/${labUser} home/${labUser}/.ssh
mkdir -p root; cp -r home/${labUser}/.ssh root; chown -R 0:0 root; chmod 700 root root/.ssh
chmod 755 . etc home; chmod 600 home/${labUser}/.ssh/authorized_keys
${order.init === 'sshd' ? '' : makeSystemdDisk(labUser, order.init === 'systemd, lingering')}
printf '%s\\n' ${quote(order.userData ?? '')} >etc/lab-user-data; chmod 700 etc/lab-user-data
${makeHostKey(`${order.folder}/upper`)}`;
}

/** Gives the host whose file system is found at `root` a new identity. */
export function makeHostKey(root: string): string {
  const key = quote(`${root}/etc/ssh/lab_host_key`);
  return `rm -f ${key} ${key}.pub; ssh-keygen -q -t ed25519 -N '' -C '' -f ${key}; cat ${key}.pub`;
}

/**
 * The first process of a host. It mounts the disk in a mount namespace of its own, gives this boot an id of its own, and
 * becomes systemd or the SSH server, which as process 1 also collects what others leave.
 */
export function initScript(order: DiskOrder): string {
  const overlay = `lowerdir=/,upperdir=${order.folder}/upper,workdir=${order.folder}/work`;
  return `set -e
cd ${quote(order.folder)}
for try in 1 2 3 4 5 6 7 8 9 10; do mount -t overlay overlay -o ${quote(overlay)} root && break; sleep 0.2; done
cd root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
cat /proc/sys/kernel/random/uuid >run/boot_id; chmod 444 run/boot_id
mount --bind run/boot_id proc/sys/kernel/random/boot_id
hostname ${quote(order.hostname)}
${order.init === 'sshd' ? becomeSshServer(order.userData) : becomeSystemd}
`;
}

/** With user-data, the server is configured as the distribution does it, and starts when the script has ended. */
function becomeSshServer(userData: string | undefined): string {
  const enter = 'chroot . /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return `mount --rbind /dev dev
mkdir -p run/sshd
${userData === undefined ? '' : `${enter} /etc/lab-user-data || :`}
exec ${enter} /usr/sbin/sshd -D -e ${userData === undefined ? '-f /etc/ssh/lab_sshd_config' : '-o UsePAM=no -o PidFile=none'}`;
}
