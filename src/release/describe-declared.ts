/** What can be told of an archive that is no OTP release: its size, what its machine code needs, and the emulator in it, if any. */
import { basename } from 'node:path/posix';
import { nativeNeeds } from './native-needs.ts';
import { otpOf } from './otp-version.ts';
import type { DeclaredRelease, Inspection } from '../model/release.ts';
import type { Gathered } from './describe.ts';

/** Describes it under the name and version that it was declared by. */
export function describeDeclared({ tree, contents }: Gathered, declared: DeclaredRelease): Inspection {
  const paths = [...tree.paths()];
  const epmd = paths.find((path) => /(^|\/)erts-[^/]+\/bin\/epmd$/.test(path)) ?? null;
  const erts = /(^|\/)erts-([^/]+)\/bin\/epmd$/.exec(epmd ?? '')?.[2] ?? null;
  return {
    kind: 'commands',
    ...declared,
    erts,
    ertsIncluded: erts !== null,
    otp: erts === null ? null : otpOf(erts),
    epmd,
    applications: [],
    native: nativeNeeds(contents.native, new Set(paths.map((path) => basename(path)))),
    boot: null,
    vmArgs: null,
    sysConfig: null,
    leftOut: [],
    upgrades: { applications: [], release: null },
    files: tree.files,
    unpackedBytes: tree.bytes,
  };
}
