/** How much an archive may ask of us before it is refused as a bomb; and the one way to refuse. */
import { Fault } from '../base/fault.ts';

/** Bounds of one archive. Sizes are bytes. */
export interface ArchiveLimits {
  /** as uploaded */
  readonly packedBytes: number;
  /** of all content when unpacked, and of the tar stream itself */
  readonly unpackedBytes: number;
  /** unpacked bytes per packed byte, judged once more than `ratioFromBytes` were unpacked */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** files, folders and links, those that are only implied by a path included */
  readonly entries: number;
  /** of one path */
  readonly pathBytes: number;
  /** of all paths together: they are kept until the end */
  readonly pathsBytes: number;
  /** of one record that describes the next entry (a long name, a pax header) */
  readonly recordBytes: number;
  /** of a text that is read as Erlang terms */
  readonly textBytes: number;
  /** of all such texts together */
  readonly textsBytes: number;
  /** how far into one machine-code file we look */
  readonly elfBytes: number;
}

/** Ample for real releases (tens to hundreds of megabytes, 3:1 to 6:1), small for a machine. */
export const defaultLimits: ArchiveLimits = {
  packedBytes: 2 * 2 ** 30,
  unpackedBytes: 8 * 2 ** 30,
  ratio: 100,
  ratioFromBytes: 32 * 2 ** 20,
  entries: 65_536,
  pathBytes: 1024,
  pathsBytes: 16 * 2 ** 20,
  recordBytes: 64 * 2 ** 10,
  textBytes: 256 * 2 ** 10,
  textsBytes: 8 * 2 ** 20,
  elfBytes: 32 * 2 ** 20,
};

/** What the user can do about an archive that is broken or made wrongly. */
export const packAgain = 'pack the release again with its own tool (systools:make_tar, rebar3 tar, mix release)';

/** The fault for an archive that is not taken in: what is wrong, and what to do next. */
export function refused(why: string, next: string = packAgain): Fault {
  return new Fault('invalid', `this is no release that can be taken in: ${why}`, { object: 'release archive', next });
}

/** The fault for one entry. Its name is quoted, so that odd bytes in it show and harm no terminal. */
export function refusedEntry(name: string, why: string, next?: string): Fault {
  return refused(`entry ${JSON.stringify(name.slice(0, 200))} ${why}`, next);
}

/** A size for people. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
