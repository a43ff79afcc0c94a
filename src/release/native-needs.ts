/** From the facts of every ELF file of a release to what the release as a whole asks of a host. */
import { basename } from 'node:path/posix';
import { refused } from './limits.ts';
import type { NativeNeeds } from '../model/release.ts';
import type { ElfFacts } from './elf.ts';

/** One program or library of the archive. */
export interface NativeFile {
  readonly path: string;
  readonly facts: ElfFacts;
}

/**
 * What must be on the host; null when nothing in the archive is machine code. The emulator decides the architecture,
 * else the first file does: programs for other machines (drivers that are brought for several) ask nothing of this one.
 * `brought` are the names of all files, because a library that the archive brings need not be there.
 */
export function nativeNeeds(files: readonly NativeFile[], brought: ReadonlySet<string>): NativeNeeds | null {
  const main = files.find(({ path }) => /^erts-[^/]+\/bin\/beam/.test(path)) ?? files[0];
  if (main === undefined) return null;
  const { arch } = main.facts;
  const facts = files.filter((file) => file.facts.arch === arch).map((file) => file.facts);
  const needed = new Set(facts.flatMap((one) => one.needed).map((name) => basename(name)));
  const libc = libcOf(facts);
  checkNames(needed);
  return {
    arch,
    libc,
    glibc: libc === 'glibc' ? newestGlibc(facts) : null,
    libraries: [...needed].filter((name) => !brought.has(name)).sort(),
  };
}

/** musl's loader and library carry its name; every other C library on Linux that OTP is built for is glibc. */
function libcOf(facts: readonly ElfFacts[]): string {
  const names = facts.flatMap(({ interpreter, needed }) => [interpreter ?? '', ...needed]);
  if (names.some((name) => /(^|\/)(ld-musl-|libc\.musl-)/.test(name))) return 'musl';
  return names.some((name) => name === 'libc.so') ? 'musl' : 'glibc';
}

function newestGlibc(facts: readonly ElfFacts[]): string | null {
  const versions = facts.flatMap((one) => one.versions).map((name) => /^GLIBC_(\d+(?:\.\d+)+)$/.exec(name)?.[1]);
  const known = versions.filter((version) => version !== undefined);
  return known.sort(compareVersions).at(-1) ?? null;
}

/** Orders dotted numbers by their parts: `2.4` comes before `2.34`. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** These names are shown to people and compared with what the host's loader says. */
function checkNames(names: ReadonlySet<string>): void {
  for (const name of names)
    if (!/^[\x21-\x7e]{1,255}$/.test(name))
      throw refused(`a program in it asks for the library ${JSON.stringify(name)}`);
}
