/**
 * What the scripts share. They are POSIX sh for Linux: /proc says who runs, `flock` keeps starters apart. A process is
 * named for ever by its id, its start time (field 22 of /proc/PID/stat, proc(5)) and the boot it belongs to: `process`
 * files hold these three, written by the process itself before it becomes what it is to be.
 */
import type { Layout } from '../layout.ts';

/**
 * `alive FOLDER`: whether the process that FOLDER/process names still runs, with its `pid` and `start` left in variables.
 * No process is made to find out, so that a whole host is looked at cheaply.
 */
export const functions = `
set -u; umask 077
read -r BOOT </proc/sys/kernel/random/boot_id
alive() {
  pid=; start=; boot=; stat=
  { read -r pid start boot <"$1/process"; } 2>/dev/null || return 1
  [ "$boot" = "$BOOT" ] || return 1
  { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] && [ "\${20}" = "$start" ]
}`.trim();

/** Enters our folder on the host, as its real path `$D`; \`absent\` is what is done when there is none. */
export function enter(layout: Layout, absent: string): string {
  return `${functions}
cd -P ${layout.base} 2>/dev/null || { ${absent}; }
D=$PWD`;
}

/** Makes our folder when there is none, and enters it. A directory that we made for it is marked, to be removed with it. */
export function enterMade(layout: Layout): string {
  return `${functions}
if ! cd -P ${layout.base} 2>/dev/null; then
  [ -d ${layout.parent} ] || { mkdir -p ${layout.parent} && : >${layout.parent}/.made-by-wombat; } || exit 1
  mkdir -p ${layout.base}/nodes ${layout.base}/releases ${layout.base}/epmd || exit 1
  cd -P ${layout.base} || exit 1
fi
D=$PWD`;
}

/** `free_kib`: what is left on the disk of our folder, KiB; nothing where `df` does not say. */
export const freeFunction = `free_kib() { df -Pk "$D" 2>/dev/null | awk 'NR == 2 { print $4 }'; }`;

/** The answer of a script: \`key=value\` lines, in order. */
export function answersOf(stdout: string): readonly (readonly [string, string])[] {
  const lines = stdout.split('\n').filter((line) => line.includes('='));
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
}
