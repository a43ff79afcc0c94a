/** Whether a release can run on a platform, and its files fit on a disk. */
import type { Offer, Platform } from '../../model/machine.ts';
import type { Inspection, NativeNeeds } from '../../model/release.ts';

/** What is known of a place: measured where its machine exists, else what its provider states and its domain declares. */
type Known = Pick<Offer, 'platform' | 'attributes'>;

/** Why it cannot run there; null when it can, as far as anybody knows. */
export function misfit({ native }: Inspection, { platform, attributes }: Known): string | null {
  if (native === null) return null;
  return platform === null ? statedMisfit(native, attributes) : measuredMisfit(native, platform);
}

/** Of a machine that is still to be made: it is not bought for what can be told before. */
function statedMisfit(native: NativeNeeds, attributes: Offer['attributes']): string | null {
  const stated = (name: string) => (Object.hasOwn(attributes, name) ? String(attributes[name]) : undefined);
  const [arch = native.arch, libc = native.libc, glibc = native.glibc] = ['arch', 'libc', 'glibc'].map(stated);
  if (native.arch !== arch) return `the release is built for ${native.arch}, not for ${arch}`;
  if (native.libc !== libc) return `the release needs ${native.libc}, not ${libc}`;
  const isTooOld = native.glibc !== null && glibc !== null && isOlder(glibc, native.glibc);
  return isTooOld ? `the release needs ${native.libc} ${native.glibc}, there is ${glibc}` : null;
}

function measuredMisfit(native: NativeNeeds, platform: Platform): string | null {
  if (native.arch !== platform.arch) return `the release is built for ${native.arch}, not for ${platform.arch}`;
  if (native.libc !== platform.libc.kind) return `the release needs ${native.libc}, not ${platform.libc.kind}`;
  if (native.glibc !== null && isOlder(platform.libc.version, native.glibc))
    return `the release needs ${native.libc} ${native.glibc}, there is ${platform.libc.version}`;
  // a platform that lists no library at all has no list (musl has none), not no libraries
  if (platform.libraries.length === 0) return null;
  const missing = native.libraries.filter((library) => !platform.libraries.includes(library));
  return missing.length === 0 ? null : `the release needs ${missing.join(', ')}`;
}

/** What is offered, as far as its disk is concerned. */
type Offered = Pick<Offer, 'capacity' | 'platform'>;

/**
 * Why the release's files do not fit there; null when they do, as far as anybody knows. Only what is offered is asked: a
 * machine that we have may hold the release already, and what it had free was measured when it came.
 */
export function diskMisfit({ unpackedBytes }: Inspection, { capacity, platform }: Offered): string | null {
  const free = capacity.diskFreeBytes;
  // machine types may state no disk; a machine that exists was measured, and may have none left
  const isKnown = free > 0 || platform !== null;
  if (!isKnown || free >= unpackedBytes) return null;
  return `the release needs ${megabytes(unpackedBytes)} MB of disk when unpacked, ${megabytes(free)} MB are free`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

function isOlder(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number));
  for (const [at, part] of (want ?? []).entries()) {
    const mine = have?.[at] ?? 0;
    if (mine !== part) return mine < part;
  }
  return false;
}
