/**
 * Which C library an image brings, by the distribution and version that its provider states: so that no machine is bought
 * for a release that cannot run there. The versions are those that each distribution released with and keeps
 * (packages.debian.org and packages.ubuntu.com: libc6; Red Hat's and Fedora's package glibc; Alpine has musl).
 */
import type { Capabilities } from '../model/capability.ts';

const redHat = { '7': '2.17', '8': '2.28', '9': '2.34', '10': '2.39' };

const glibcOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: { '10': '2.28', '11': '2.31', '12': '2.36', '13': '2.41' },
  ubuntu: { '18.04': '2.27', '20.04': '2.31', '22.04': '2.35', '24.04': '2.39' },
  fedora: { '40': '2.39', '41': '2.40', '42': '2.41' },
  ...{ rhel: redHat, centos: redHat, rocky: redHat, almalinux: redHat, alma: redHat },
};

const withMusl: ReadonlySet<string> = new Set(['alpine', 'alpinelinux']);

/** The attributes `libc` and `glibc`; none where nobody knows. The version as it is stated: `12`, `9.4`, `24.04`. */
export function libraryAttributes(distribution: string | undefined, version: string | undefined): Capabilities {
  const name = distribution?.toLowerCase() ?? '';
  if (withMusl.has(name)) return { libc: 'musl' };
  const known = Object.hasOwn(glibcOf, name) ? glibcOf[name] : undefined;
  const [stated = ''] = /^\d+(\.\d+)?/.exec(version ?? '') ?? [];
  const glibc = known?.[stated] ?? known?.[stated.split('.')[0] ?? ''];
  return glibc === undefined ? {} : { libc: 'glibc', glibc };
}
